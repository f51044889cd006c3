/** Reading what PayPal sends: nothing is taken for granted, and what is missing is null. */

export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((found, name) => {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    return (found as Record<string | number, unknown>)[name];
  }, value);
}

export function textAt(value: unknown, ...path: (string | number)[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** An instant as we write it; null for what is none. */
export function timeAt(value: unknown, ...path: (string | number)[]): string | null {
  const ms = Date.parse(textAt(value, ...path) ?? '');
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
