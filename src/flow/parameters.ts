/** The records of a group as the parameters of the commit statement. */

import { arrayText, binaryArray, type ElementType } from '../db/arrays.ts';
import { LIST_NAMES, LISTS, type ListName, listsOf, type Part } from '../db/statements/commit.ts';
import { emptyLists, type Lists } from './records.ts';

type Row = Readonly<Record<string, unknown>>;

/** A group's lists in one. Each record is told its item's place, anew for each group that it comes into. */
export function merge(group: readonly Lists[]): Lists {
  const merged = emptyLists();
  group.forEach((lists, n) => {
    for (const name of LIST_NAMES)
      for (const record of lists[name]) merged[name].push(Object.assign(record, { n }));
  });
  return merged;
}

/** What the statement has to do for these items. */
export function partsOf(lists: Lists): ReadonlySet<Part> {
  const parts = new Set<Part>();
  for (const item of lists.items as KindOfItem[]) {
    const { expected = null, key = null, reserve } = item;
    parts.add(expected === null ? 'key_only' : expected === 0 ? 'created' : 'changed');
    if (key !== null) parts.add(reserve ? 'reserved' : 'answered');
  }
  for (const name of LIST_NAMES) if (name !== 'items' && lists[name].length > 0) parts.add(name);
  return parts;
}

type KindOfItem = { expected?: number; key?: string; reserve: boolean };

export function parameters(lists: Lists, parts: ReadonlySet<Part>): Buffer[] {
  return listsOf(parts).flatMap((name) => columns(name, lists[name] as Row[]));
}

function columns(list: ListName, rows: Row[]): Buffer[] {
  return Object.entries(LISTS[list]).map(([name, type]: [string, ElementType | 'text[]' | 'int8[]']) => {
    const values = rows.map((row) => row[name]);
    if (type === 'text[]' || type === 'int8[]')
      return binaryArray('text', (values as (string | number)[][]).map(arrayText));
    return binaryArray(type, values);
  });
}
