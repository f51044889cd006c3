/** One payment judged with everything that the database holds of it: every row must follow from its events. */

import { fromUuid, toUuid } from '../../core/ids.ts';
import { amounts, pendingCaptures, pendingRefunds, status } from '../../core/payment/summary.ts';
import { timers } from '../../core/payment/timers.ts';
import type { Event, State } from '../../core/payment.ts';
import type { Raised } from '../../db/commit-rows.ts';
import type {
  PrivateRow,
  ReferenceRow,
  ResourceRow,
  VerifiedEvent,
  VerifiedException,
  VerifiedJournal,
  VerifiedPayment,
  VerifiedTimer,
} from '../../db/statements/verify.ts';
import { auditStored, eventOf } from '../../flow/audit.ts';
import { emptyLists, sideRows } from '../../flow/records.ts';
import type { Finding } from './report.ts';

/** All rows of one payment id. Without `payment` they are orphans. */
export type PaymentRows = {
  id: string;
  payment: VerifiedPayment | null;
  events: VerifiedEvent[];
  privates: PrivateRow[];
  journals: VerifiedJournal[];
  timers: VerifiedTimer[];
  exceptions: VerifiedException[];
};

export type Owned = PaymentRows & { payment: VerifiedPayment };

/** Rows in unpartitioned tables that the events of a payment ask for. */
export type Expected = {
  resources: { id: string; kind: string }[];
  references: { provider: string; account: string; reference: string; subject: string }[];
  exceptions: {
    id: string;
    type: string;
    subject: string;
    expected: number | null;
    actual: number | null;
    status: string;
    opened_at: string;
  }[];
};

type Say = (invariant: Finding['invariant'], what: string) => void;

export function judgePayment(rows: Owned, chainKey: Buffer): Finding[] {
  const findings: Finding[] = [];
  const payment = fromUuid('payment', rows.id);
  const say: Say = (invariant, what) => void findings.push({ invariant, payment, what });
  for (const finding of auditStored(storedOf(rows), chainKey)) {
    if (!finding.holds) say(finding.name, finding.detail ?? 'does not hold');
  }
  const state = JSON.parse(rows.payment.state) as State;
  try {
    judgeColumns(rows, state, say);
    judgeTimers(rows, state, say);
  } catch (error) {
    say('ledger-follows-events', `the snapshot cannot be read: ${(error as Error).message}`);
  }
  judgeOwners(rows, say);
  judgeJournals(rows, say);
  judgePrivates(rows, say);
  return findings;
}

export function judgeOrphans(rows: PaymentRows): Finding {
  const left = Object.entries({
    events: rows.events.length,
    'private parts': rows.privates.length,
    journals: rows.journals.length,
    timers: rows.timers.length,
    exceptions: rows.exceptions.length,
  }).filter(([, count]) => count > 0);
  const what = left.map(([name, count]) => `${count} ${name}`).join(', ');
  return {
    invariant: 'ledger-follows-events',
    payment: fromUuid('payment', rows.id),
    what: `the payment is gone, but ${what} of it are there`,
  };
}

/** Null when the events cannot be followed: that is found already. */
export function expectedOf(rows: Owned): Expected | null {
  try {
    const state = JSON.parse(rows.payment.state) as State;
    const expected: Expected = { resources: [], references: [], exceptions: [] };
    for (const row of rows.events) {
      const lists = emptyLists();
      const around = { state, mode: rows.payment.mode, at: row.recorded_at };
      sideRows(eventOf(asEventRow(row)), row.id, around, lists);
      expected.resources.push(...lists.named.map(({ id, kind }) => ({ id: toUuid(id), kind })));
      expected.references.push(
        ...lists.referenced.map(({ merchant: _, payment: __, ...reference }) => reference),
      );
      expected.exceptions.push(...lists.raised.map(exceptionRow));
      const withdrawn = new Set(lists.withdrawn.map((x) => toUuid(x.id)));
      for (const x of expected.exceptions) if (withdrawn.has(x.id)) x.status = 'closed';
    }
    return expected;
  } catch {
    return null;
  }
}

function exceptionRow({ id, merchant: _, payment: __, at, ...rest }: Raised): Expected['exceptions'][number] {
  return { ...rest, id: toUuid(id), opened_at: at };
}

/** The rows that the events ask for, compared with those found under their keys, and the exceptions both ways. */
export function judgeExpected(
  rows: Owned,
  expected: Expected,
  found: { resources: Map<string, ResourceRow>; references: Map<string, ReferenceRow> },
): Finding[] {
  const findings: Finding[] = [];
  const payment = fromUuid('payment', rows.id);
  const { merchant_id } = rows.payment;
  const owner = { merchant_id, payment_id: rows.id };
  const say: Say = (invariant, what) => void findings.push({ invariant, payment, what });
  for (const { id, kind } of expected.resources) {
    if (!same({ id, kind, ...owner }, found.resources.get(id)))
      say('ledger-follows-events', `the resource row of ${kind} ${id} is not what its event made`);
  }
  for (const reference of expected.references) {
    if (!same({ ...reference, ...owner }, found.references.get(referenceKey(reference))))
      say(
        'one-reference-one-attempt',
        `the row of provider reference ${reference.reference} is not what its event made`,
      );
  }
  const stored = new Map(rows.exceptions.map((x) => [x.id, x]));
  for (const exception of expected.exceptions) {
    const id = fromUuid('exception', exception.id);
    if (!same({ ...exception, ...owner }, stored.get(exception.id)))
      say(
        'nothing-vanishes',
        `exception ${id} (${exception.type}) is ${stored.has(exception.id) ? 'not what its event raised' : 'missing'}`,
      );
    stored.delete(exception.id);
  }
  for (const id of stored.keys())
    say('nothing-vanishes', `exception ${fromUuid('exception', id)} was raised by no event`);
  return findings;
}

type Name = { provider: string; account: string; reference: string };

export function referenceKey({ provider, account, reference }: Name): string {
  return `${provider} ${account} ${reference}`;
}

function storedOf({ payment, events, privates, journals, timers: due }: Owned) {
  const parts = new Map(privates.map((p) => [p.version, p]));
  const { id, state, version, head } = payment;
  return {
    events: events.map((row) => asEventRow(row, parts.get(row.version))),
    journals,
    snapshot: { id, state, version, head },
    currency: payment.currency,
    timers: due,
  };
}

function asEventRow(row: VerifiedEvent, part?: PrivateRow) {
  return { ...row, private: part?.data ?? null, salt: part?.salt ?? null };
}

/** The columns to list and check by, against the state and the event that made the payment. */
function judgeColumns({ payment, events }: Owned, state: State, say: Say): void {
  const first = events[0] ? (eventOf(asEventRow(events[0])) as Event) : null;
  const created = first?.type === 'payment_created' ? first.data : null;
  const sums = amounts(state);
  const total = (pick: (a: State['attempts'][number]) => number) =>
    state.attempts.reduce((sum, a) => sum + pick(a), 0);
  const right: Partial<VerifiedPayment> = {
    ...(created && { id: toUuid(created.payment), merchant_id: toUuid(created.merchant) }),
    ...(created && { mode: created.mode, reference: created.reference }),
    currency: created?.currency ?? state.currency,
    status: status(state),
    amount: created?.amount ?? state.amount,
    amount_authorized: sums.authorized,
    amount_captured: sums.captured,
    amount_capture_pending: total((a) => pendingCaptures(state, a)),
    amount_refunded: sums.refunded,
    amount_refund_pending: total((a) => pendingRefunds(state, a)),
    amount_reversed: sums.reversed,
    amount_disputed: sums.disputed,
    captured_beyond: total((a) => a.capturedBeyond),
    refunded_beyond: total((a) => a.refundedBeyond),
    ...(events.length > 0 && {
      created_at: events[0]?.recorded_at ?? '',
      updated_at: events.at(-1)?.recorded_at ?? '',
    }),
  };
  const wrong = Object.entries(right).filter(
    ([name, value]) => payment[name as keyof VerifiedPayment] !== value,
  );
  if (wrong.length > 0)
    say(
      'ledger-follows-events',
      `columns of the snapshot are not what the events make: ${wrong.map(([name]) => name).join(', ')}`,
    );
}

/** That none is missing is found with the history; here, that none is there for nothing. */
function judgeTimers({ payment, timers: stored }: Owned, state: State, say: Say): void {
  const known = new Set(timers(state).map((t) => `${t.kind} ${toUuid(t.subject)}`));
  for (const timer of stored) {
    const name = `${timer.kind} ${timer.subject}`;
    if (!known.has(name)) say('nothing-vanishes', `timer ${name} is for nothing that the payment waits for`);
    else if (timer.merchant_id !== payment.merchant_id)
      say('nothing-vanishes', `timer ${name} has another merchant`);
  }
}

function judgeOwners({ payment, events, journals, privates }: Owned, say: Say): void {
  const { merchant_id, mode } = payment;
  const event = events.find((e) => e.merchant_id !== merchant_id);
  if (event) say('hash-chain', `event ${event.version} has another merchant than its payment`);
  const part = privates.find((p) => p.merchant_id !== merchant_id);
  if (part)
    say('hash-chain', `the private part of event ${part.version} has another merchant than its payment`);
  const journal = journals.find((j) => j.merchant_id !== merchant_id || j.mode !== mode);
  if (journal)
    say(
      'ledger-follows-events',
      `journal ${fromUuid('event', journal.event_id)} has another merchant or mode`,
    );
}

function judgeJournals({ events, journals }: Owned, say: Say): void {
  const times = new Map(events.map((e) => [e.id, e.recorded_at]));
  const journal = journals.find((j) => times.has(j.event_id) && times.get(j.event_id) !== j.recorded_at);
  if (journal)
    say(
      'ledger-follows-events',
      `journal ${fromUuid('event', journal.event_id)} has another time than its event`,
    );
}

/** A private part that was moved is where no event commits to it; from where it is missing, it may have been erased. */
function judgePrivates({ events, privates }: Owned, say: Say): void {
  const versions = new Set(events.map((e) => e.version));
  const stray = privates.find((p) => !versions.has(p.version));
  if (stray) say('hash-chain', `there is a private part for event ${stray.version}, but no such event`);
}

/** Every column that is expected, and nothing else, is compared. */
function same(expected: object, found: object | undefined): boolean {
  return (
    found !== undefined &&
    Object.entries(expected).every(([name, value]) => (found as Record<string, unknown>)[name] === value)
  );
}
