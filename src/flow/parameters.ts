/** The records of an item, encoded once, and those of a group as the parameters of the commit statement. */

import { recordArray, recordEncoder } from '../db/records.ts';
import { LIST_NAMES, LISTS, type ListName, listsOf, type Part } from '../db/statements/commit.ts';
import type { Lists } from './records.ts';

export type Rows = Readonly<Record<ListName, readonly Buffer[]>>;

/** Object ids of the lists' types in this database. */
export type TypeIds = Readonly<Record<ListName, number>>;

const ENCODERS = eachList((name) => recordEncoder(LISTS[name]));

export function encode(lists: Lists): Rows {
  return eachList((name) => lists[name].map(ENCODERS[name]));
}

export function bytesOf(rows: Rows): number {
  return LIST_NAMES.reduce((sum, name) => rows[name].reduce((s, row) => s + row.length, sum), 0);
}

/** What the statement has to do for an item. */
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

export function parameters(group: readonly Rows[], parts: ReadonlySet<Part>, types: TypeIds): Buffer[] {
  return listsOf(parts).map((name) =>
    recordArray(
      types[name],
      group.map((rows) => rows[name]),
    ),
  );
}

function eachList<T>(make: (name: ListName) => T): Record<ListName, T> {
  return Object.fromEntries(LIST_NAMES.map((name) => [name, make(name)])) as Record<ListName, T>;
}
