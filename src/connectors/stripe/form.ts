/** Stripe's form bodies and queries: what is nested is named by its path, `metadata[operation]`, `expand[0]`. */

/** Undefined is left out: Stripe takes an empty value for "unset this". */
export function flatten(params: object): Record<string, string> {
  return Object.fromEntries(Object.entries(params).flatMap(([name, value]) => fields(name, value)));
}

function fields(path: string, value: unknown): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, item]) => fields(`${path}[${name}]`, item));
}
