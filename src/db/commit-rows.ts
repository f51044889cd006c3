/**
 * What a commit writes, as rows by table and kind of change: see the function `commit_payments`
 * (migrations/0008_commit_function.sql). Ids are TypeIDs but for an event's, times ISO 8601.
 */

/** What deciding made of a payment, in the columns that a snapshot has. */
export type Snapshot = {
  payment: string;
  version: number;
  status: string;
  authorized: number;
  captured: number;
  capturePending: number;
  refunded: number;
  refundPending: number;
  reversed: number;
  disputed: number;
  capturedBeyond: number;
  refundedBeyond: number;
  state: string;
  head: Buffer;
  at: string;
};

export type Created = Snapshot & {
  merchant: string;
  mode: string;
  reference: string | null;
  currency: string;
  amount: number;
};
/** `expected`: the version before. */
export type Changed = Snapshot & { expected: number };
export type Reserved = {
  merchant: string;
  mode: string;
  key: string;
  fingerprint: string;
  payment: string | null;
  ids: string;
  answerStatus: number | null;
  answer: string | null;
  at: string;
};
export type Answered = {
  merchant: string;
  mode: string;
  key: string;
  answerStatus: number;
  answer: string;
  at: string;
};
/** `id` is a UUID, as it enters the hash. */
export type Happened = {
  payment: string;
  version: number;
  id: string;
  merchant: string;
  type: string;
  data: string;
  provider_at: string | null;
  received_at: string | null;
  recorded_at: string;
  correlation: string;
  commitment: Buffer | null;
  hash: Buffer;
};
export type KeptApart = { payment: string; version: number; merchant: string; salt: Buffer; data: string };
export type Posted = {
  payment: string;
  event: string;
  currency: string;
  merchant: string;
  mode: string;
  rule: string;
  ruleVersion: number;
  accounts: string[];
  amounts: number[];
  at: string;
};
export type Timed = {
  subject: string;
  kind: string;
  merchant: string;
  payment: string;
  dueAt: string;
  at: string;
};
export type Untimed = { subject: string; kind: string };
export type Named = { id: string; merchant: string; payment: string; kind: string };
export type Referenced = {
  provider: string;
  account: string;
  reference: string;
  merchant: string;
  payment: string;
  subject: string;
};
export type Raised = {
  id: string;
  merchant: string;
  payment: string;
  type: string;
  status: 'open' | 'closed';
  subject: string;
  expected: number | null;
  actual: number | null;
  at: string;
};
/** An exception that a later fact has explained. */
export type Withdrawn = { id: string };

/** All that one item, or a group of them, writes. */
export type Lists = {
  created: Created[];
  changed: Changed[];
  reserved: Reserved[];
  answered: Answered[];
  happened: Happened[];
  keptApart: KeptApart[];
  posted: Posted[];
  timed: Timed[];
  untimed: Untimed[];
  named: Named[];
  referenced: Referenced[];
  raised: Raised[];
  withdrawn: Withdrawn[];
};

export type ListName = keyof Lists;
