/**
 * The commit statement: the one text that writes money state, for a group of items, each all or nothing. What it
 * does stands in the function `commit_payments` (migrations/0008_commit_function.sql).
 */

import { LIST_NAMES, LISTS, type List } from '../commit-lists.ts';
import type { ListName, Lists } from '../commit-rows.ts';
import type { Statement } from '../pool.ts';
import { RecordList } from '../records.ts';

/** Gives the places of the items that met another writer: of those nothing was written. */
export const COMMIT: Statement = {
  name: 'commit',
  text: `select unnest(commit_payments(${LIST_NAMES.map((name, i) => `$${i + 1}::${LISTS[name].type}[]`).join(', ')})) as n`,
};

/** The types' object ids, which differ from database to database: they go with every array of records. */
export const TYPE_IDS: Statement = {
  name: 'commit_type_ids',
  text: `select ${LIST_NAMES.map((name) => `'${LISTS[name].type}'::regtype::oid::int8 as "${name}"`).join(', ')}`,
};

/** Object ids of the lists' types in this database. */
export type TypeIds = Readonly<Record<ListName, number>>;

/** The lists of the items of a group, as the statement's parameters: an item's place in the group goes with each record. */
export function parameters(group: readonly Lists[], types: TypeIds): Buffer[] {
  return LIST_NAMES.map((name) => parameter(group, name, types[name]));
}

function parameter<Name extends ListName>(group: readonly Lists[], name: Name, typeId: number): Buffer {
  const { sizeHint, write } = LISTS[name] as List<Lists[Name][number]>;
  const count = group.reduce((sum, lists) => sum + lists[name].length, 0);
  const list = new RecordList(count * sizeHint);
  if (count > 0)
    group.forEach((lists, n) => {
      for (const row of lists[name]) write(list.row(n), row);
    });
  return list.end(typeId);
}
