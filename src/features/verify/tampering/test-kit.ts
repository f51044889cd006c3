/** How a tampering is tried, and the ways of an intruder that several need. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toUuid } from '../../../core/ids.ts';
import { evolve, type State } from '../../../core/payment.ts';
import { eventOf } from '../../../flow/audit.ts';
import { type Copy, copyOf, type Made, type Original, original } from '../test-kit.ts';

export type Tampering = {
  name: string;
  /** Whose payment it is; the sale that was refunded in part unless said otherwise. */
  of?: keyof Made;
  tamper: (copy: Copy, uuid: string, payment: string, made: Made) => Promise<unknown>;
  /** What is said first. */
  finds: { invariant: string; what: RegExp };
  /** It touches no single payment. */
  ofNoPayment?: true;
  /** Nothing else shows it. */
  only?: true;
};

/** The database of a test file, and a fresh copy of it for each test. */
export function freshCopies(): { source(): Original; copy(): Copy } {
  let source: Original;
  let copy: Copy;
  beforeAll(async () => {
    source = await original();
  });
  afterAll(() => source?.drop());
  beforeEach(async () => {
    copy = await copyOf(source);
  });
  afterEach(() => copy?.drop());
  return { source: () => source, copy: () => copy };
}

export function areFound(
  subject: string,
  { source, copy }: ReturnType<typeof freshCopies>,
  tamperings: Tampering[],
): void {
  describe(`tampering with ${subject} is found`, () => {
    test.each(tamperings)('when $name', async ({ of = 'refunded', tamper, finds, ofNoPayment, only }) => {
      const { made } = source();
      const payment = made[of];
      await tamper(copy(), toUuid(payment), payment, made);
      const report = await copy().verify();
      expect(report.holds).toBe(false);
      expect(report.findings[0]).toEqual({
        invariant: finds.invariant,
        payment: ofNoPayment ? null : payment,
        what: expect.stringMatching(finds.what),
      });
      const others = report.findings.map((f) => f.payment).filter((p) => p !== null && p !== payment);
      expect(others).toEqual([]);
      if (only) expect(Object.keys(report.counts)).toEqual([finds.invariant]);
    });
  });
}

export function changeData(
  copy: Copy,
  uuid: string,
  version: number,
  from: string,
  to: string,
): Promise<unknown> {
  return copy.sql(
    `update events set data = replace(data::text, $3, $4)::json where payment_id = $1 and version = $2`,
    [uuid, version, from, to],
  );
}

/** Changes what follows from nothing else, in the event and in the snapshot: only hashes can tell. */
export async function changeReference(copy: Copy, uuid: string): Promise<void> {
  const [row] = await copy.sql('select reference from payments where id = $1', [uuid]);
  await changeData(copy, uuid, 1, `"${row?.['reference']}"`, '"another"');
  await copy.sql(`update payments set reference = 'another' where id = $1`, [uuid]);
}

export function insertCopy(copy: Copy, uuid: string, of: number, as: number): Promise<unknown> {
  return copy.sql(
    `insert into events (payment_id, version, id, merchant_id, type, data, provider_at, received_at, recorded_at,
        correlation, commitment, hash)
      select payment_id, $3, gen_random_uuid(), merchant_id, type, data, provider_at, received_at, recorded_at,
        correlation, commitment, hash
      from events where payment_id = $1 and version = $2`,
    [uuid, of, as],
  );
}

export function changeJournal(copy: Copy, uuid: string, rule: string, amounts: string): Promise<unknown> {
  return copy.sql(`update journals set amounts = ${amounts} where payment_id = $1 and rule = $2`, [
    uuid,
    rule,
  ]);
}

export function addJournal(copy: Copy, uuid: string, event: string): Promise<unknown> {
  return copy.sql(
    `insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts,
        recorded_at)
      select id, ${event}, currency, merchant_id, mode, 'capture_succeeded', 1,
        array['provider_receivable:in_process', 'sales'], array[100, -100], updated_at
      from payments where id = $1`,
    [uuid],
  );
}

export function changeCheckpoint(copy: Copy, which: 'min' | 'max'): Promise<unknown> {
  return copy.sql(
    `update balance_checkpoints set debits = debits + 1 where (account, horizon) in (
      select account, ${which}(horizon) from balance_checkpoints where account like 'provider_receivable:%'
      group by account)`,
  );
}

/** Takes the refund back as if it had never been, with nothing that the database itself could tell it by. */
export async function cutRefund(copy: Copy, uuid: string): Promise<void> {
  for (const table of ['events', 'event_private'])
    await copy.sql(`delete from ${table} where payment_id = $1 and version > 4`, [uuid]);
  await copy.sql(`delete from journals where payment_id = $1 and rule like 'refund%'`, [uuid]);
  await copy.sql(`delete from resources where payment_id = $1 and kind = 'refund'`, [uuid]);
  await copy.sql(`delete from provider_references where payment_id = $1 and subject like 'ref_%'`, [uuid]);
  await forgetBalances(copy);
  const events = await copy.sql('select * from events where payment_id = $1 order by version', [uuid]);
  const state = events.reduce(
    (before: State | null, row) => evolve(before, eventOf(row as Parameters<typeof eventOf>[0])),
    null,
  );
  await copy.sql(
    `update payments p set version = 4, head = e.hash, state = $2, amount_refunded = 0, updated_at = e.recorded_at
      from events e where p.id = $1 and e.payment_id = $1 and e.version = 4`,
    [uuid, JSON.stringify(state)],
  );
}

export async function deleteEverything(copy: Copy, uuid: string): Promise<void> {
  const tables = ['events', 'event_private', 'journals', 'schedule', 'exceptions', 'resources'];
  for (const table of [...tables, 'provider_references', 'idempotency_keys'])
    await copy.sql(`delete from ${table} where payment_id = $1`, [uuid]);
  await copy.sql('delete from payments where id = $1', [uuid]);
  await forgetBalances(copy);
}

/** Checkpoints would tell of a journal that is gone; they can be deleted as well. */
export async function forgetBalances(copy: Copy): Promise<void> {
  await copy.sql('delete from balance_checkpoints');
  await copy.sql('delete from balance_horizons');
}
