/**
 * The commit statement: the one text that writes money state, for a group of items, each all or nothing. What it
 * does stands in the function `commit_payments` (migrations/0008_commit_function.sql).
 */

import { bindHead, bindMessage } from '../bind.ts';
import { LIST_NAMES, LISTS, type List } from '../commit-lists.ts';
import type { ListName, Lists } from '../commit-rows.ts';
import type { Statement } from '../pool.ts';
import type { RecordWriter } from '../records.ts';

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

const HEAD = bindHead(COMMIT.name, LIST_NAMES.length);

/** The lists of the items of a group, as the message that commits them; an item's place in the group goes with each record. */
export function commitMessage(writer: RecordWriter, group: readonly Lists[], types: TypeIds): Buffer {
  return bindMessage(writer, HEAD, () => {
    for (const name of LIST_NAMES) writeList(writer, group, name, types[name]);
  });
}

function writeList<Name extends ListName>(
  writer: RecordWriter,
  group: readonly Lists[],
  name: Name,
  typeId: number,
): void {
  const { write } = LISTS[name] as List<Lists[Name][number]>;
  writer.begin();
  group.forEach((lists, n) => {
    for (const row of lists[name]) write(writer.row(n), row);
  });
  writer.end(typeId);
}
