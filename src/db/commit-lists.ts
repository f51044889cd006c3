/**
 * The lists of a commit as records: the columns of each, in the order of its composite type
 * (migrations/0008_commit_function.sql). A test compares the two.
 */

import type { ListName, Lists, Snapshot } from './commit-rows.ts';
import type { RecordWriter } from './records.ts';

export type List<Row> = {
  /** The composite type of its records. */
  type: string;
  write(list: RecordWriter, row: Row): void;
};

export const LISTS: { [Name in ListName]: List<Lists[Name][number]> } = {
  created: {
    type: 'commit_created',
    write(list, row) {
      list.id(row.payment);
      list.id(row.merchant);
      list.text(row.mode);
      list.text(row.reference);
      list.text(row.currency);
      list.int4(row.version);
      list.text(row.status);
      list.int8(row.amount);
      writeSums(list, row);
    },
  },
  changed: {
    type: 'commit_changed',
    write(list, row) {
      list.id(row.payment);
      list.int4(row.expected);
      list.int4(row.version);
      list.text(row.status);
      writeSums(list, row);
    },
  },
  reserved: {
    type: 'commit_reserved',
    write(list, row) {
      list.id(row.merchant);
      list.text(row.mode);
      list.text(row.key);
      list.text(row.fingerprint);
      list.id(row.payment);
      list.json(row.ids);
      list.int2(row.answerStatus);
      list.json(row.answer);
      list.time(row.at);
    },
  },
  answered: {
    type: 'commit_answered',
    write(list, row) {
      list.id(row.merchant);
      list.text(row.mode);
      list.text(row.key);
      list.int2(row.answerStatus);
      list.json(row.answer);
      list.time(row.at);
    },
  },
  happened: {
    type: 'commit_happened',
    write(list, row) {
      list.id(row.payment);
      list.int4(row.version);
      list.uuid(row.id);
      list.id(row.merchant);
      list.text(row.type);
      list.json(row.data);
      list.time(row.provider_at);
      list.time(row.received_at);
      list.time(row.recorded_at);
      list.text(row.correlation);
      list.bytea(row.commitment);
      list.bytea(row.hash);
    },
  },
  keptApart: {
    type: 'commit_kept_apart',
    write(list, row) {
      list.id(row.payment);
      list.int4(row.version);
      list.id(row.merchant);
      list.bytea(row.salt);
      list.json(row.data);
    },
  },
  posted: {
    type: 'commit_posted',
    write(list, row) {
      list.id(row.payment);
      list.uuid(row.event);
      list.text(row.currency);
      list.id(row.merchant);
      list.text(row.mode);
      list.text(row.rule);
      list.int2(row.ruleVersion);
      list.textArray(row.accounts);
      list.int8Array(row.amounts);
      list.time(row.at);
    },
  },
  timed: {
    type: 'commit_timed',
    write(list, row) {
      list.id(row.subject);
      list.text(row.kind);
      list.id(row.merchant);
      list.id(row.payment);
      list.time(row.dueAt);
      list.time(row.at);
    },
  },
  untimed: {
    type: 'commit_untimed',
    write(list, row) {
      list.id(row.subject);
      list.text(row.kind);
    },
  },
  named: {
    type: 'commit_named',
    write(list, row) {
      list.id(row.id);
      list.id(row.merchant);
      list.id(row.payment);
      list.text(row.kind);
    },
  },
  referenced: {
    type: 'commit_referenced',
    write(list, row) {
      list.text(row.provider);
      list.text(row.account);
      list.text(row.reference);
      list.id(row.merchant);
      list.id(row.payment);
      list.text(row.subject);
    },
  },
  raised: {
    type: 'commit_raised',
    write(list, row) {
      list.id(row.id);
      list.id(row.merchant);
      list.id(row.payment);
      list.text(row.type);
      list.text(row.status);
      list.text(row.subject);
      list.int8(row.expected);
      list.int8(row.actual);
      list.time(row.at);
    },
  },
  withdrawn: {
    type: 'commit_withdrawn',
    write(list, row) {
      list.id(row.id);
    },
  },
};

/** What a snapshot of either kind ends with. */
function writeSums(list: RecordWriter, row: Snapshot): void {
  list.int8(row.authorized);
  list.int8(row.captured);
  list.int8(row.capturePending);
  list.int8(row.refunded);
  list.int8(row.refundPending);
  list.int8(row.reversed);
  list.int8(row.disputed);
  list.int8(row.capturedBeyond);
  list.int8(row.refundedBeyond);
  list.json(row.state);
  list.bytea(row.head);
  list.time(row.at);
}

/** In the order of the function's parameters. */
export const LIST_NAMES = Object.keys(LISTS) as ListName[];
