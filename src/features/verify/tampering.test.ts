/** What an intruder can change in the database, thing by thing: `verify` names the payment and what was done to it. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toUuid } from '../../core/ids.ts';
import { evolve, type State } from '../../core/payment.ts';
import { eventOf } from '../../flow/audit.ts';
import {
  CHAIN_KEY,
  type Copy,
  copyOf,
  type Made,
  type Original,
  original,
  rehash,
  STRANGERS_KEY,
} from './test-kit.ts';

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

type Tampering = {
  name: string;
  /** Whose payment it is; the sale that was refunded in part unless said otherwise. */
  of?: keyof Made;
  tamper: (uuid: string, payment: string, made: Made) => Promise<unknown>;
  /** What is said first. */
  finds: { invariant: string; what: RegExp };
  /** It touches no single payment. */
  ofNoPayment?: true;
  /** Nothing else shows it. */
  only?: true;
};

/** The events: 1 created, 2 attempt, 3 approved, 4 captured, 5 refund requested, 6 refunded. */
const EVENTS: Tampering[] = [
  {
    name: 'an event is changed',
    tamper: (uuid) => changeData(uuid, 4, '"amount":4200', '"amount":4100'),
    finds: { invariant: 'hash-chain', what: /^event 4 \(capture_succeeded\) is not what was written/ },
  },
  {
    name: 'the time of an event is changed',
    tamper: (uuid) =>
      copy.sql(
        `update events set recorded_at = recorded_at - interval '1 hour' where payment_id = $1 and version = 5`,
        [uuid],
      ),
    finds: { invariant: 'hash-chain', what: /^event 5 / },
  },
  {
    name: 'an event is given to another merchant',
    tamper: (uuid) =>
      copy.sql('update events set merchant_id = $1 where payment_id = $1 and version = 2', [uuid]),
    finds: { invariant: 'hash-chain', what: /^event 2 has another merchant/ },
    only: true,
  },
  {
    name: 'an intruder changes an event and writes all hashes anew, without the key',
    tamper: async (uuid, payment) => {
      await changeReference(uuid);
      await rehash(copy, payment, STRANGERS_KEY);
    },
    finds: { invariant: 'hash-chain', what: /^event 1 \(payment_created\) is not what was written/ },
  },
  {
    name: 'an insider changes an event and writes all hashes anew, with the key',
    tamper: async (uuid, payment) => {
      await changeReference(uuid);
      await rehash(copy, payment, CHAIN_KEY);
    },
    finds: {
      invariant: 'attested-by-digest',
      what: /^event 6, or one before it, is not what digest \d+ attests/,
    },
    only: true,
  },
  {
    name: 'an event in the middle is deleted',
    tamper: (uuid) => copy.sql('delete from events where payment_id = $1 and version = 3', [uuid]),
    finds: { invariant: 'hash-chain', what: /^event 3 is missing/ },
  },
  {
    name: 'the first event is deleted',
    tamper: (uuid) => copy.sql('delete from events where payment_id = $1 and version = 1', [uuid]),
    finds: { invariant: 'hash-chain', what: /^event 1 is missing/ },
  },
  {
    name: 'the last event is deleted',
    tamper: (uuid) => copy.sql('delete from events where payment_id = $1 and version = 6', [uuid]),
    finds: { invariant: 'hash-chain', what: /^5 events, but the snapshot is at version 6/ },
  },
  {
    name: 'the end of a stream is cut, and everything put back to where it was before',
    tamper: cutRefund,
    finds: {
      invariant: 'attested-by-digest',
      what: /attests 6 events, but the stream ends with event 4/,
    },
    only: true,
  },
  {
    name: 'an event is inserted in the middle',
    tamper: async (uuid) => {
      await copy.sql('update events set version = version + 100 where payment_id = $1 and version > 3', [
        uuid,
      ]);
      await copy.sql('update events set version = version - 99 where payment_id = $1 and version > 100', [
        uuid,
      ]);
      await insertCopy(uuid, 3, 4);
    },
    finds: { invariant: 'hash-chain', what: /^event 4 \(authorization_approved\) is not what was written/ },
  },
  {
    name: 'an event is inserted at the end',
    tamper: (uuid) => insertCopy(uuid, 6, 7),
    finds: { invariant: 'hash-chain', what: /^event 7 \(refund_succeeded\) is not what was written/ },
  },
  {
    name: 'two events are swapped',
    tamper: async (uuid) => {
      await copy.sql('update events set version = 100 where payment_id = $1 and version = 3', [uuid]);
      await copy.sql('update events set version = 3 where payment_id = $1 and version = 4', [uuid]);
      await copy.sql('update events set version = 4 where payment_id = $1 and version = 100', [uuid]);
    },
    finds: { invariant: 'hash-chain', what: /^event 3 \(capture_succeeded\) is not what was written/ },
  },
  {
    name: 'an event is replaced by that of another payment',
    tamper: (uuid, _, made) =>
      copy.sql(
        `update events e set data = o.data, hash = o.hash from events o
          where e.payment_id = $1 and e.version = 3 and o.payment_id = $2 and o.version = 3`,
        [uuid, toUuid(made.sold)],
      ),
    finds: { invariant: 'hash-chain', what: /^event 3 / },
  },
  {
    name: 'a payment is deleted with everything of it',
    tamper: deleteEverything,
    finds: {
      invariant: 'attested-by-digest',
      what: /attests 6 events, but the whole stream is gone/,
    },
    only: true,
  },
  {
    name: 'a payment is deleted, but not its events',
    tamper: (uuid) => copy.sql('delete from payments where id = $1', [uuid]),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the payment is gone, but 6 events, \d+ private parts, 4 journals of it are there/,
    },
  },
];

const JOURNALS: Tampering[] = [
  {
    name: 'a journal is changed and still balances',
    tamper: (uuid) => changeJournal(uuid, 'capture_succeeded', 'array(select a * 2 from unnest(amounts) a)'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 4 is not what its event posts/,
    },
  },
  {
    name: 'a journal is changed and does not balance any more, the constraint being dropped',
    tamper: async (uuid) => {
      const change = () =>
        changeJournal(uuid, 'capture_succeeded', 'array(select abs(a) from unnest(amounts) a)');
      await expect(change()).rejects.toThrow('journals-balance');
      await copy.sql('alter table journals drop constraint "journals-balance"');
      await change();
    },
    finds: { invariant: 'journals-balance', what: /^the journal of event 4 does not balance/ },
  },
  {
    name: 'a journal is posted to another account',
    tamper: (uuid) =>
      copy.sql(
        `update journals set accounts = array_replace(accounts, 'sales', 'suspense')
          where payment_id = $1 and rule = 'capture_succeeded'`,
        [uuid],
      ),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 4 is not what its event posts/,
    },
  },
  {
    name: 'a journal is given another time',
    tamper: (uuid) =>
      copy.sql(
        `update journals set recorded_at = recorded_at - interval '40 days' where payment_id = $1 and rule = $2`,
        [uuid, 'refund_succeeded'],
      ),
    finds: { invariant: 'ledger-follows-events', what: /^journal evt_\w+ has another time than its event/ },
  },
  {
    name: 'a journal is deleted',
    tamper: (uuid) =>
      copy.sql(`delete from journals where payment_id = $1 and rule = 'refund_requested'`, [uuid]),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 5 is not what its event posts/,
    },
  },
  {
    name: 'a journal is added to an event that posts none',
    tamper: (uuid) => addJournal(uuid, '(select id from events where payment_id = $1 and version = 2)'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 2 is not what its event posts/,
    },
  },
  {
    name: 'a journal is added that belongs to no event',
    tamper: (uuid) => addJournal(uuid, 'gen_random_uuid()'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^journal [\w-]+ belongs to no event of the payment/,
    },
  },
];

const SNAPSHOTS: Tampering[] = [
  {
    name: 'the state in the snapshot is changed',
    tamper: (uuid) =>
      copy.sql(
        `update payments set state = replace(state::text, '"refunded":500', '"refunded":400')::json where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'ledger-follows-events', what: /^the snapshot is not what its events make/ },
  },
  {
    name: 'the status of the snapshot is changed',
    tamper: (uuid) => copy.sql(`update payments set status = 'voided' where id = $1`, [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^columns of the snapshot .*: status$/ },
  },
  {
    name: 'an amount of the snapshot is changed',
    tamper: (uuid) => copy.sql('update payments set amount_refunded = 0 where id = $1', [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^columns of the snapshot .*: amount_refunded$/ },
  },
  {
    name: 'a payment is given another reference, mode and time',
    tamper: (uuid) =>
      copy.sql(
        `update payments set reference = 'other', mode = 'live', created_at = created_at - interval '1 day'
          where id = $1`,
        [uuid],
      ),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^columns of the snapshot .*: mode, reference, created_at$/,
    },
  },
  {
    name: 'the head of the snapshot is changed',
    tamper: (uuid) => copy.sql(`update payments set head = sha256('x') where id = $1`, [uuid]),
    finds: { invariant: 'hash-chain', what: /^the snapshot has another head than its events/ },
  },
  {
    name: 'the snapshot is made unreadable',
    tamper: (uuid) => copy.sql(`update payments set state = 'null' where id = $1`, [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^the snapshot is not what its events make/ },
  },
];

const BESIDE: Tampering[] = [
  {
    name: 'an exception is deleted',
    of: 'excepted',
    tamper: (uuid) => copy.sql('delete from exceptions where payment_id = $1', [uuid]),
    finds: {
      invariant: 'nothing-vanishes',
      what: /^exception exc_\w+ \(unrequested_refund\) is missing/,
    },
    only: true,
  },
  {
    name: 'an exception is closed that nobody dealt with',
    of: 'excepted',
    tamper: (uuid) => copy.sql(`update exceptions set status = 'closed' where payment_id = $1`, [uuid]),
    finds: { invariant: 'nothing-vanishes', what: /is not what its event raised/ },
  },
  {
    name: 'an exception is added',
    tamper: (uuid) =>
      copy.sql(
        `insert into exceptions select gen_random_uuid(), merchant_id, id, 'amount_mismatch', 'open', 'x', 1, 2, now()
          from payments where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'nothing-vanishes', what: /^exception exc_\w+ was raised by no event/ },
  },
  {
    name: 'a private part is changed',
    tamper: (uuid) =>
      copy.sql(
        `update event_private set data = replace(data::text, 'large', 'small')::json
          where payment_id = $1 and version = 5`,
        [uuid],
      ),
    finds: { invariant: 'hash-chain', what: /^the private part of event 5 is not what was written/ },
  },
  {
    name: 'a private part is moved to another event',
    tamper: (uuid) =>
      copy.sql('update event_private set version = 2 where payment_id = $1 and version = 1', [uuid]),
    finds: { invariant: 'hash-chain', what: /^the private part of event 2 is not what was written/ },
  },
  {
    name: 'a private part is moved to another payment',
    tamper: (uuid, _, made) =>
      copy.sql(
        'update event_private set payment_id = $1, version = 2 where payment_id = $2 and version = 1',
        [uuid, toUuid(made.sold)],
      ),
    finds: { invariant: 'hash-chain', what: /^the private part of event 2 is not what was written/ },
  },
  {
    name: 'a private part is moved to where no event is',
    tamper: (uuid) =>
      copy.sql('update event_private set version = 99 where payment_id = $1 and version = 1', [uuid]),
    finds: { invariant: 'hash-chain', what: /^there is a private part for event 99, but no such event/ },
  },
  {
    name: 'the timer of an unresolved operation is deleted',
    of: 'unknown',
    tamper: (uuid) => copy.sql('delete from schedule where payment_id = $1', [uuid]),
    finds: { invariant: 'nothing-vanishes', what: /^no timer for operation op_/ },
  },
  {
    name: 'a timer is added that nothing waits for',
    tamper: (uuid) =>
      copy.sql(
        `insert into schedule (subject, kind, merchant_id, payment_id, due_at, created_at)
          select id, 'unpaid', merchant_id, id, now() + interval '1 day', now() from payments where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'nothing-vanishes', what: /^timer unpaid [\w-]+ is for nothing/ },
  },
  {
    name: 'the row of a refund is deleted',
    tamper: (uuid) => copy.sql(`delete from resources where payment_id = $1 and kind = 'refund'`, [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^the resource row of refund .* is not what/ },
  },
  {
    name: 'a row of a refund is added',
    tamper: (uuid) =>
      copy.sql(
        `insert into resources select gen_random_uuid(), merchant_id, id, 'refund' from payments where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'ledger-follows-events', what: /^there is a resource row ref_\w+, which no event/ },
  },
  {
    name: 'a provider reference is given to another attempt',
    tamper: (uuid, _, made) =>
      copy.sql(`update provider_references set subject = $2 where payment_id = $1 and subject like 'att_%'`, [
        uuid,
        made.sold.replace('pay', 'att'),
      ]),
    finds: { invariant: 'one-reference-one-attempt', what: /^the row of provider reference ch_\w+ is not/ },
  },
  {
    name: 'a provider reference is added',
    tamper: (uuid) =>
      copy.sql(
        `insert into provider_references select 'in_process', 'ch_of_nobody', merchant_id, id, 'att_x'
          from payments where id = $1`,
        [uuid],
      ),
    finds: {
      invariant: 'one-reference-one-attempt',
      what: /^there is a row of provider reference ch_of_nobody/,
    },
  },
];

const BOOKS: Tampering[] = [
  {
    name: 'the latest balance checkpoint is changed',
    tamper: () => changeCheckpoint('max'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^balance checkpoint \d+: provider_receivable:in_process of mer_.* is off by 1 in debits and 0 in credits/,
    },
    ofNoPayment: true,
  },
  {
    name: 'an older balance checkpoint is changed',
    tamper: () => changeCheckpoint('min'),
    finds: { invariant: 'ledger-follows-events', what: /is off by 1 in debits/ },
    ofNoPayment: true,
  },
  {
    name: 'an account is deleted from a balance checkpoint',
    tamper: () => copy.sql(`delete from balance_checkpoints where account = 'sales'`),
    finds: { invariant: 'ledger-follows-events', what: /^balance checkpoint \d+: sales of/ },
    ofNoPayment: true,
  },
  {
    name: 'a journal is moved behind a balance checkpoint',
    tamper: (uuid) =>
      copy.sql(`update journals set xid = pg_current_xact_id() where payment_id = $1 and rule = $2`, [
        uuid,
        'refund_succeeded',
      ]),
    finds: { invariant: 'ledger-follows-events', what: /^balance checkpoint \d+: .* is off by/ },
    ofNoPayment: true,
  },
];

describe.each([
  { subject: 'events', tamperings: EVENTS },
  { subject: 'journals', tamperings: JOURNALS },
  { subject: 'snapshots', tamperings: SNAPSHOTS },
  { subject: 'what is kept beside', tamperings: BESIDE },
  { subject: 'balances', tamperings: BOOKS },
])('tampering with $subject is found', ({ tamperings }) => {
  test.each(tamperings)('when $name', async ({ of = 'refunded', tamper, finds, ofNoPayment, only }) => {
    const payment = source.made[of];
    await tamper(toUuid(payment), payment, source.made);
    const report = await copy.verify();
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

test('an event that is slipped in behind the digest is found, though all hashes are right', async () => {
  const payment = source.made.sold;
  const uuid = toUuid(payment);
  await insertCopy(uuid, 4, 5);
  await copy.sql(
    `update events set xid = (select xid from events where payment_id = $1 and version = 1)
      where payment_id = $1 and version = 5`,
    [uuid],
  );
  await rehash(copy, payment, CHAIN_KEY);
  const report = await copy.verify();
  expect(report.findings).toContainEqual({
    invariant: 'attested-by-digest',
    payment,
    what: 'event 5 dates itself before a digest that does not attest it',
  });
});

test('an idempotency key that names a payment that is gone is found', async () => {
  await copy.sql(
    'update idempotency_keys set payment_id = gen_random_uuid() where payment_id = $1 and key = $2',
    [toUuid(source.made.sold), 'first/sold'],
  );
  const report = await copy.verify();
  expect(report.counts).toEqual({ 'one-key-one-effect': 1 });
});

test('a private part may be erased, and the report counts it', async () => {
  const erased = await copy.sql('delete from event_private where payment_id = $1 returning version', [
    toUuid(source.made.refunded),
  ]);
  const report = await copy.verify();
  expect(erased.length).toBeGreaterThan(0);
  expect(report).toMatchObject({ holds: true, private_parts_erased: erased.length });
});

test('a change that no digest attests yet is not found when made with the key, and the report says what is not covered', async () => {
  const payment = source.fresh.refunded;
  await changeReference(toUuid(payment));
  await rehash(copy, payment, CHAIN_KEY);
  const report = await copy.verify();
  expect(report.holds).toBe(true);
  expect(report.digest?.events_since).toBeGreaterThanOrEqual(6);
});

function changeData(uuid: string, version: number, from: string, to: string): Promise<unknown> {
  return copy.sql(
    `update events set data = replace(data::text, $3, $4)::json where payment_id = $1 and version = $2`,
    [uuid, version, from, to],
  );
}

/** Changes what follows from nothing else, in the event and in the snapshot: only hashes can tell. */
async function changeReference(uuid: string): Promise<void> {
  const [row] = await copy.sql('select reference from payments where id = $1', [uuid]);
  await changeData(uuid, 1, `"${row?.['reference']}"`, '"another"');
  await copy.sql(`update payments set reference = 'another' where id = $1`, [uuid]);
}

function insertCopy(uuid: string, of: number, as: number): Promise<unknown> {
  return copy.sql(
    `insert into events (payment_id, version, id, merchant_id, type, data, provider_at, received_at, recorded_at,
        correlation, commitment, hash)
      select payment_id, $3, gen_random_uuid(), merchant_id, type, data, provider_at, received_at, recorded_at,
        correlation, commitment, hash
      from events where payment_id = $1 and version = $2`,
    [uuid, of, as],
  );
}

function changeJournal(uuid: string, rule: string, amounts: string): Promise<unknown> {
  return copy.sql(`update journals set amounts = ${amounts} where payment_id = $1 and rule = $2`, [
    uuid,
    rule,
  ]);
}

function addJournal(uuid: string, event: string): Promise<unknown> {
  return copy.sql(
    `insert into journals (payment_id, event_id, currency, merchant_id, mode, rule, rule_version, accounts, amounts,
        recorded_at)
      select id, ${event}, currency, merchant_id, mode, 'capture_succeeded', 1,
        array['provider_receivable:in_process', 'sales'], array[100, -100], updated_at
      from payments where id = $1`,
    [uuid],
  );
}

function changeCheckpoint(which: 'min' | 'max'): Promise<unknown> {
  return copy.sql(
    `update balance_checkpoints set debits = debits + 1 where (account, horizon) in (
      select account, ${which}(horizon) from balance_checkpoints where account like 'provider_receivable:%'
      group by account)`,
  );
}

/** Takes the refund back as if it had never been, with nothing that the database itself could tell it by. */
async function cutRefund(uuid: string): Promise<void> {
  for (const table of ['events', 'event_private'])
    await copy.sql(`delete from ${table} where payment_id = $1 and version > 4`, [uuid]);
  await copy.sql(`delete from journals where payment_id = $1 and rule like 'refund%'`, [uuid]);
  await copy.sql(`delete from resources where payment_id = $1 and kind = 'refund'`, [uuid]);
  await copy.sql(`delete from provider_references where payment_id = $1 and subject like 'ref_%'`, [uuid]);
  await forgetBalances();
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

async function deleteEverything(uuid: string): Promise<void> {
  const tables = ['events', 'event_private', 'journals', 'schedule', 'exceptions', 'resources'];
  for (const table of [...tables, 'provider_references', 'idempotency_keys'])
    await copy.sql(`delete from ${table} where payment_id = $1`, [uuid]);
  await copy.sql('delete from payments where id = $1', [uuid]);
  await forgetBalances();
}

/** Checkpoints would tell of a journal that is gone; they can be deleted as well. */
async function forgetBalances(): Promise<void> {
  await copy.sql('delete from balance_checkpoints');
  await copy.sql('delete from balance_horizons');
}
