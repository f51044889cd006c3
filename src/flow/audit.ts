/** One payment as stored, judged: its hash chain with the key, its invariants with the core. */

import { fromUuid, type IdKind } from '../core/ids.ts';
import { auditPayment, type Finding } from '../core/payment/audit.ts';
import type { Event } from '../core/payment.ts';
import type { Journal } from '../core/postings.ts';
import type { EventRow, JournalRow } from '../db/statements/payments.ts';
import { chainHash, commitmentOf, GENESIS } from './chain.ts';

export type StoredPayment = {
  events: EventRow[];
  journals: JournalRow[];
  snapshot: { state: string; version: number; head: Buffer; id: string };
  /** The currency that journals of this payment must have. */
  currency: string;
  timers: { kind: string; subject: string }[];
};

export type AuditFinding = { name: Finding['name'] | 'hash-chain'; holds: boolean; detail: string | null };

/** `intact`: so many of its first events were judged before, and are the same. */
export function auditStored(stored: StoredPayment, chainKey: Buffer, intact = 0): AuditFinding[] {
  const chain = brokenLink(stored, chainKey, intact);
  const hash: AuditFinding = { name: 'hash-chain', holds: chain === null, detail: chain };
  const invariants = replayed(stored);
  return [hash, ...invariants, ...strayJournal(stored)];
}

/** Events that were tampered with may tell a story that no state can follow: that is a finding, not a bug. */
function replayed(stored: StoredPayment): AuditFinding[] {
  try {
    return auditPayment({
      events: stored.events.map(eventOf),
      journals: journalsOf(stored),
      snapshot: stored.snapshot.state,
      timers: stored.timers.map((t) => `${t.kind} ${fromUuid(kindOf(t.kind), t.subject)}`),
    });
  } catch (error) {
    const detail = `the events cannot be replayed: ${(error as Error).message}`;
    return [{ name: 'ledger-follows-events', holds: false, detail }];
  }
}

export function eventOf(row: EventRow): Event {
  const { type, provider_at, received_at } = row;
  return { type, data: JSON.parse(row.data), provider_at, received_at } as Event;
}

/** What is wrong with the chain, naming the first event, or null. */
export function brokenLink({ events, snapshot }: StoredPayment, chainKey: Buffer, intact = 0): string | null {
  let previous = events[intact - 1]?.hash ?? GENESIS;
  for (const [index, row] of events.entries()) {
    if (index < intact) continue;
    if (row.version !== index + 1) return `event ${index + 1} is missing`;
    const hash = chainHash(chainKey, previous, { ...row, payment: row.payment_id });
    if (!hash.equals(row.hash)) return `event ${row.version} (${row.type}) is not what was written`;
    if (row.private !== null && !commitmentHolds(row))
      return `the private part of event ${row.version} is not what was written`;
    previous = hash;
  }
  if (events.length !== snapshot.version)
    return `${events.length} events, but the snapshot is at version ${snapshot.version}`;
  return previous.equals(snapshot.head) ? null : 'the snapshot has another head than its events';
}

/** An erased private part leaves its commitment behind, and the chain whole. */
function commitmentHolds(row: EventRow): boolean {
  return (
    row.salt !== null &&
    row.commitment !== null &&
    commitmentOf(row.salt, row.private ?? '').equals(row.commitment)
  );
}

function journalsOf({ events, journals }: StoredPayment): (Journal | null)[] {
  const byEvent = new Map(journals.map((j) => [j.event_id, j]));
  return events.map((event) => {
    const row = byEvent.get(event.id);
    return row ? { rule: row.rule, version: row.rule_version, lines: linesOf(row) } : null;
  });
}

export function linesOf(row: JournalRow): { account: string; amount: number }[] {
  return row.accounts.map((account, i) => ({ account, amount: row.amounts[i] ?? 0 }));
}

/** A journal of no event, or in another currency than the payment's. */
function strayJournal({ events, journals, currency }: StoredPayment): AuditFinding[] {
  const ids = new Set(events.map((e) => e.id));
  const stray = journals.find((j) => !ids.has(j.event_id) || j.currency !== currency);
  return stray
    ? [
        {
          name: 'ledger-follows-events',
          holds: false,
          detail: `journal ${stray.event_id} belongs to no event of the payment`,
        },
      ]
    : [];
}

function kindOf(timer: string): IdKind {
  if (timer === 'operation') return 'operation';
  return timer === 'action' ? 'attempt' : 'payment';
}
