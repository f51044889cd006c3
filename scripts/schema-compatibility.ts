/**
 * Whether programs that were written for the old schema can read what the new one allows. They read: so what is
 * told may become narrower, never wider. A field may be added, since readers skip what they do not know.
 */

import type { Schema } from './type-schema.ts';

/** What breaks readers, for people; empty: nothing does. */
export function breaks(before: Schema, after: Schema, at = 'data'): string[] {
  if (before.anyOf || after.anyOf)
    return alternatives(after).flatMap((one) => fits(alternatives(before), one, at));
  if (before.type !== after.type) return [`${at} was ${before.type} and is ${after.type}`];
  return [
    ...breaksOfValues(before, after, at),
    ...breaksOfFields(before, after, at),
    ...(before.items && after.items ? breaks(before.items, after.items, `${at}[]`) : []),
  ];
}

function alternatives(schema: Schema): Schema[] {
  return schema.anyOf ?? [schema];
}

/** One of those that readers know must cover it; of those that nearly do, the nearest says what is wrong. */
function fits(known: Schema[], one: Schema, at: string): string[] {
  const tries = known
    .filter(({ type }) => type === one.type)
    .map((candidate) => breaks(candidate, one, at))
    .sort((a, b) => a.length - b.length);
  return tries[0] ?? [`${at} may now be ${one.type}, which it could not be before`];
}

function breaksOfValues(before: Schema, after: Schema, at: string): string[] {
  const found: string[] = [];
  if (before.format && before.format !== after.format) found.push(`${at} is no ${before.format} any more`);
  if (before.enum && !after.enum) found.push(`${at} may now be anything, not only ${before.enum.join(', ')}`);
  const more = before.enum && after.enum?.filter((value) => !before.enum?.includes(value));
  if (more && more.length > 0) found.push(`${at} may now be ${more.join(', ')}`);
  return found;
}

function breaksOfFields(before: Schema, after: Schema, at: string): string[] {
  return Object.entries(before.properties ?? {}).flatMap(([name, was]) => {
    const is = after.properties?.[name];
    if (!is) return [`${at}.${name} was removed`];
    const mayMiss = before.required?.includes(name) && !after.required?.includes(name);
    return [...(mayMiss ? [`${at}.${name} may now be missing`] : []), ...breaks(was, is, `${at}.${name}`)];
  });
}
