/** Anything that came as a JSON object; each field is checked where it is read. */
export type Json = { readonly [name: string]: unknown };

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty text says nothing. */
export function textOf(json: Json, name: string): string | null {
  const value = json[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function groupOf(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}
