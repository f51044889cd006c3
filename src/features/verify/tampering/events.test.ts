/** What can be done to events. */

import { expect, test } from 'vitest';
import { toUuid } from '../../../core/ids.ts';
import { CHAIN_KEY, rehash, STRANGERS_KEY } from '../test-kit.ts';
import {
  areFound,
  changeData,
  changeReference,
  cutRefund,
  deleteEverything,
  freshCopies,
  insertCopy,
  type Tampering,
} from './test-kit.ts';

const fresh = freshCopies();

/** The events: 1 created, 2 attempt, 3 approved, 4 captured, 5 refund requested, 6 refunded. */
const EVENTS: Tampering[] = [
  {
    name: 'an event is changed',
    tamper: (copy, uuid) => changeData(copy, uuid, 4, '"amount":4200', '"amount":4100'),
    finds: { invariant: 'hash-chain', what: /^event 4 \(capture_succeeded\) is not what was written/ },
  },
  {
    name: 'the time of an event is changed',
    tamper: (copy, uuid) =>
      copy.sql(
        `update events set recorded_at = recorded_at - interval '1 hour' where payment_id = $1 and version = 5`,
        [uuid],
      ),
    finds: { invariant: 'hash-chain', what: /^event 5 / },
  },
  {
    name: 'an event is given to another merchant',
    tamper: (copy, uuid) =>
      copy.sql('update events set merchant_id = $1 where payment_id = $1 and version = 2', [uuid]),
    finds: { invariant: 'hash-chain', what: /^event 2 has another merchant/ },
    only: true,
  },
  {
    name: 'an intruder changes an event and writes all hashes anew, without the key',
    tamper: async (copy, uuid, payment) => {
      await changeReference(copy, uuid);
      await rehash(copy, payment, STRANGERS_KEY);
    },
    finds: { invariant: 'hash-chain', what: /^event 1 \(payment_created\) is not what was written/ },
  },
  {
    name: 'an insider changes an event and writes all hashes anew, with the key',
    tamper: async (copy, uuid, payment) => {
      await changeReference(copy, uuid);
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
    tamper: (copy, uuid) => copy.sql('delete from events where payment_id = $1 and version = 3', [uuid]),
    finds: { invariant: 'hash-chain', what: /^event 3 is missing/ },
  },
  {
    name: 'the first event is deleted',
    tamper: (copy, uuid) => copy.sql('delete from events where payment_id = $1 and version = 1', [uuid]),
    finds: { invariant: 'hash-chain', what: /^event 1 is missing/ },
  },
  {
    name: 'the last event is deleted',
    tamper: (copy, uuid) => copy.sql('delete from events where payment_id = $1 and version = 6', [uuid]),
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
    tamper: async (copy, uuid) => {
      await copy.sql('update events set version = version + 100 where payment_id = $1 and version > 3', [
        uuid,
      ]);
      await copy.sql('update events set version = version - 99 where payment_id = $1 and version > 100', [
        uuid,
      ]);
      await insertCopy(copy, uuid, 3, 4);
    },
    finds: { invariant: 'hash-chain', what: /^event 4 \(authorization_approved\) is not what was written/ },
  },
  {
    name: 'an event is inserted at the end',
    tamper: (copy, uuid) => insertCopy(copy, uuid, 6, 7),
    finds: { invariant: 'hash-chain', what: /^event 7 \(refund_succeeded\) is not what was written/ },
  },
  {
    name: 'two events are swapped',
    tamper: async (copy, uuid) => {
      await copy.sql('update events set version = 100 where payment_id = $1 and version = 3', [uuid]);
      await copy.sql('update events set version = 3 where payment_id = $1 and version = 4', [uuid]);
      await copy.sql('update events set version = 4 where payment_id = $1 and version = 100', [uuid]);
    },
    finds: { invariant: 'hash-chain', what: /^event 3 \(capture_succeeded\) is not what was written/ },
  },
  {
    name: 'an event is replaced by that of another payment',
    tamper: (copy, uuid, _, made) =>
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
    tamper: (copy, uuid) => copy.sql('delete from payments where id = $1', [uuid]),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the payment is gone, but 6 events, \d+ private parts, 4 journals of it are there/,
    },
  },
];

areFound('events', fresh, EVENTS);

test('an event that is slipped in behind the digest is found, though all hashes are right', async () => {
  const copy = fresh.copy();
  const payment = fresh.source().made.sold;
  const uuid = toUuid(payment);
  await insertCopy(copy, uuid, 4, 5);
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

test('a change that no digest attests yet is not found when made with the key, and the report says what is not covered', async () => {
  const copy = fresh.copy();
  const payment = fresh.source().fresh.refunded;
  await changeReference(copy, toUuid(payment));
  await rehash(copy, payment, CHAIN_KEY);
  const report = await copy.verify();
  expect(report.holds).toBe(true);
  expect(report.digest?.events_since).toBeGreaterThanOrEqual(6);
});
