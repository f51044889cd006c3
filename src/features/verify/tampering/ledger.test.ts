/** What can be done to journals and balances. */

import { expect } from 'vitest';
import {
  addJournal,
  areFound,
  changeCheckpoint,
  changeJournal,
  freshCopies,
  type Tampering,
} from './test-kit.ts';

const fresh = freshCopies();

const JOURNALS: Tampering[] = [
  {
    name: 'a journal is changed and still balances',
    tamper: (copy, uuid) =>
      changeJournal(copy, uuid, 'capture_succeeded', 'array(select a * 2 from unnest(amounts) a)'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 4 is not what its event posts/,
    },
  },
  {
    name: 'a journal is changed and does not balance any more, the constraint being dropped',
    tamper: async (copy, uuid) => {
      const change = () =>
        changeJournal(copy, uuid, 'capture_succeeded', 'array(select abs(a) from unnest(amounts) a)');
      await expect(change()).rejects.toThrow('journals-balance');
      await copy.sql('alter domain journal_amounts drop constraint "journals-balance"');
      await change();
    },
    finds: { invariant: 'journals-balance', what: /^the journal of event 4 does not balance/ },
  },
  {
    name: 'a journal is posted to another account',
    tamper: (copy, uuid) =>
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
    tamper: (copy, uuid) =>
      copy.sql(
        `update journals set recorded_at = recorded_at - interval '40 days' where payment_id = $1 and rule = $2`,
        [uuid, 'refund_succeeded'],
      ),
    finds: { invariant: 'ledger-follows-events', what: /^journal evt_\w+ has another time than its event/ },
  },
  {
    name: 'a journal is deleted',
    tamper: (copy, uuid) =>
      copy.sql(`delete from journals where payment_id = $1 and rule = 'refund_requested'`, [uuid]),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 5 is not what its event posts/,
    },
  },
  {
    name: 'a journal is added to an event that posts none',
    tamper: (copy, uuid) =>
      addJournal(copy, uuid, '(select id from events where payment_id = $1 and version = 2)'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^the journal of event 2 is not what its event posts/,
    },
  },
  {
    name: 'a journal is added that belongs to no event',
    tamper: (copy, uuid) => addJournal(copy, uuid, 'gen_random_uuid()'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^journal [\w-]+ belongs to no event of the payment/,
    },
  },
];

const BOOKS: Tampering[] = [
  {
    name: 'the latest balance checkpoint is changed',
    tamper: (copy) => changeCheckpoint(copy, 'max'),
    finds: {
      invariant: 'ledger-follows-events',
      what: /^balance checkpoint \d+: provider_receivable:in_process of mer_.* is off by 1 in debits and 0 in credits/,
    },
    ofNoPayment: true,
  },
  {
    name: 'an older balance checkpoint is changed',
    tamper: (copy) => changeCheckpoint(copy, 'min'),
    finds: { invariant: 'ledger-follows-events', what: /is off by 1 in debits/ },
    ofNoPayment: true,
  },
  {
    name: 'an account is deleted from a balance checkpoint',
    tamper: (copy) => copy.sql(`delete from balance_checkpoints where account = 'sales'`),
    finds: { invariant: 'ledger-follows-events', what: /^balance checkpoint \d+: sales of/ },
    ofNoPayment: true,
  },
  {
    name: 'a journal is moved behind a balance checkpoint',
    tamper: (copy, uuid) =>
      copy.sql(`update journals set xid = pg_current_xact_id() where payment_id = $1 and rule = $2`, [
        uuid,
        'refund_succeeded',
      ]),
    finds: { invariant: 'ledger-follows-events', what: /^balance checkpoint \d+: .* is off by/ },
    ofNoPayment: true,
  },
];

areFound('journals', fresh, JOURNALS);
areFound('balances', fresh, BOOKS);
