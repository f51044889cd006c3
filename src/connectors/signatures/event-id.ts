import { readJson } from './json.ts';

/** An id that can be stored and printed as it is; anything else is none. */
export const EVENT_ID = /^[\x21-\x7e]{1,255}$/;

/** The event's id where the body is an object with the field `id`. Only for bodies that a signature covers. */
export function eventIdOf(body: Buffer): string | null {
  const id = (readJson(body) as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'string' && EVENT_ID.test(id) ? id : null;
}
