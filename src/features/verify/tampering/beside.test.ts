/** What can be done to snapshots, and to what is kept beside the events. */

import { expect, test } from 'vitest';
import { toUuid } from '../../../core/ids.ts';
import { areFound, freshCopies, type Tampering } from './test-kit.ts';

const fresh = freshCopies();

const SNAPSHOTS: Tampering[] = [
  {
    name: 'the state in the snapshot is changed',
    tamper: (copy, uuid) =>
      copy.sql(
        `update payments set state = replace(state::text, '"refunded":500', '"refunded":400')::json where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'ledger-follows-events', what: /^the snapshot is not what its events make/ },
  },
  {
    name: 'the status of the snapshot is changed',
    tamper: (copy, uuid) => copy.sql(`update payments set status = 'voided' where id = $1`, [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^columns of the snapshot .*: status$/ },
  },
  {
    name: 'an amount of the snapshot is changed',
    tamper: (copy, uuid) => copy.sql('update payments set amount_refunded = 0 where id = $1', [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^columns of the snapshot .*: amount_refunded$/ },
  },
  {
    name: 'a payment is given another reference, mode and time',
    tamper: (copy, uuid) =>
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
    tamper: (copy, uuid) => copy.sql(`update payments set head = sha256('x') where id = $1`, [uuid]),
    finds: { invariant: 'hash-chain', what: /^the snapshot has another head than its events/ },
  },
  {
    name: 'the snapshot is made unreadable',
    tamper: (copy, uuid) => copy.sql(`update payments set state = 'null' where id = $1`, [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^the snapshot is not what its events make/ },
  },
];

const BESIDE: Tampering[] = [
  {
    name: 'an exception is deleted',
    of: 'excepted',
    tamper: (copy, uuid) => copy.sql('delete from exceptions where payment_id = $1', [uuid]),
    finds: {
      invariant: 'nothing-vanishes',
      what: /^exception exc_\w+ \(unrequested_refund\) is missing/,
    },
    only: true,
  },
  {
    name: 'an exception is closed that nobody dealt with',
    of: 'excepted',
    tamper: (copy, uuid) => copy.sql(`update exceptions set status = 'closed' where payment_id = $1`, [uuid]),
    finds: { invariant: 'nothing-vanishes', what: /is not what its event raised/ },
  },
  {
    name: 'an exception is added',
    tamper: (copy, uuid) =>
      copy.sql(
        `insert into exceptions select gen_random_uuid(), merchant_id, id, 'amount_mismatch', 'open', 'x', 1, 2, now()
          from payments where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'nothing-vanishes', what: /^exception exc_\w+ was raised by no event/ },
  },
  {
    name: 'a private part is changed',
    tamper: (copy, uuid) =>
      copy.sql(
        `update event_private set data = replace(data::text, 'large', 'small')::json
          where payment_id = $1 and version = 5`,
        [uuid],
      ),
    finds: { invariant: 'hash-chain', what: /^the private part of event 5 is not what was written/ },
  },
  {
    name: 'a private part is moved to another event',
    tamper: (copy, uuid) =>
      copy.sql('update event_private set version = 2 where payment_id = $1 and version = 1', [uuid]),
    finds: { invariant: 'hash-chain', what: /^the private part of event 2 is not what was written/ },
  },
  {
    name: 'a private part is moved to another payment',
    tamper: (copy, uuid, _, made) =>
      copy.sql(
        'update event_private set payment_id = $1, version = 2 where payment_id = $2 and version = 1',
        [uuid, toUuid(made.sold)],
      ),
    finds: { invariant: 'hash-chain', what: /^the private part of event 2 is not what was written/ },
  },
  {
    name: 'a private part is moved to where no event is',
    tamper: (copy, uuid) =>
      copy.sql('update event_private set version = 99 where payment_id = $1 and version = 1', [uuid]),
    finds: { invariant: 'hash-chain', what: /^there is a private part for event 99, but no such event/ },
  },
  {
    name: 'the timer of an unresolved operation is deleted',
    of: 'unknown',
    tamper: (copy, uuid) => copy.sql('delete from schedule where payment_id = $1', [uuid]),
    finds: { invariant: 'nothing-vanishes', what: /^no timer for operation op_/ },
  },
  {
    name: 'a timer is added that nothing waits for',
    tamper: (copy, uuid) =>
      copy.sql(
        `insert into schedule (subject, kind, merchant_id, payment_id, due_at, created_at)
          select id, 'unpaid', merchant_id, id, now() + interval '1 day', now() from payments where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'nothing-vanishes', what: /^timer unpaid [\w-]+ is for nothing/ },
  },
  {
    name: 'the row of a refund is deleted',
    tamper: (copy, uuid) =>
      copy.sql(`delete from resources where payment_id = $1 and kind = 'refund'`, [uuid]),
    finds: { invariant: 'ledger-follows-events', what: /^the resource row of refund .* is not what/ },
  },
  {
    name: 'a row of a refund is added',
    tamper: (copy, uuid) =>
      copy.sql(
        `insert into resources select gen_random_uuid(), merchant_id, id, 'refund' from payments where id = $1`,
        [uuid],
      ),
    finds: { invariant: 'ledger-follows-events', what: /^there is a resource row ref_\w+, which no event/ },
  },
  {
    name: 'a provider reference is given to another attempt',
    tamper: (copy, uuid, _, made) =>
      copy.sql(`update provider_references set subject = $2 where payment_id = $1 and subject like 'att_%'`, [
        uuid,
        made.sold.replace('pay', 'att'),
      ]),
    finds: { invariant: 'one-reference-one-attempt', what: /^the row of provider reference ch_\w+ is not/ },
  },
  {
    name: 'a provider reference is added',
    tamper: (copy, uuid) =>
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

areFound('snapshots', fresh, SNAPSHOTS);
areFound('what is kept beside', fresh, BESIDE);

test('an idempotency key that names a payment that is gone is found', async () => {
  const copy = fresh.copy();
  await copy.sql(
    'update idempotency_keys set payment_id = gen_random_uuid() where payment_id = $1 and key = $2',
    [toUuid(fresh.source().made.sold), 'first/sold'],
  );
  const report = await copy.verify();
  expect(report.counts).toEqual({ 'one-key-one-effect': 1 });
});

test('a private part may be erased, and the report counts it', async () => {
  const copy = fresh.copy();
  const erased = await copy.sql('delete from event_private where payment_id = $1 returning version', [
    toUuid(fresh.source().made.refunded),
  ]);
  const report = await copy.verify();
  expect(erased.length).toBeGreaterThan(0);
  expect(report).toMatchObject({ holds: true, private_parts_erased: erased.length });
});
