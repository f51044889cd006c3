/** Validation errors: what of a request the gateway would not even try, each with a code. */

import type { Xml } from './xml.ts';

/** All codes of an error response, however deep they are. */
export function codesIn(root: { readonly [name: string]: Xml } | undefined): string[] {
  const response = root?.['apiErrorResponse'];
  if (!isObject(response) || response['errors'] === undefined) return [];
  return deep(response['errors']);
}

export function messageIn(root: { readonly [name: string]: Xml } | undefined): string | null {
  const response = root?.['apiErrorResponse'];
  return isObject(response) && typeof response['message'] === 'string' ? response['message'] : null;
}

function deep(value: Xml): string[] {
  if (Array.isArray(value)) return value.flatMap(deep);
  if (!isObject(value)) return [];
  const { code } = value;
  return typeof code === 'string' ? [code] : Object.values(value).flatMap(deep);
}

function isObject(value: Xml | undefined): value is { [name: string]: Xml } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
