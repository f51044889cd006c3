/** What the ledger answers. */

import { Type } from 'typebox';
import { minor, oneOf, ref, shared, text, time } from './schema-parts.ts';

/** JSON sets no bound to a number, but many readers do. */
const sum = (description: string) =>
  Type.Integer({
    description: `${description}, in minor units. Exact also beyond 2^53, where many a JSON parser rounds.`,
  });

const account = shared('Account', 'An account in one currency.', {
  account: text('Its name.', { examples: ['provider_receivable:simulator'] }),
  currency: text('ISO 4217.'),
  normal_side: oneOf(['debit', 'credit'], 'Where its balance normally stands.'),
  debits: sum('Sum of debits'),
  credits: sum('Sum of credits'),
  balance: sum('On the normal side'),
});

const accounts = shared('Accounts', 'Balances as of a time.', {
  object: Type.Literal('list'),
  as_of: time('As of when.'),
  data: Type.Array(ref('Account')),
});

const trialBalance = shared(
  'TrialBalance',
  'Debits equal credits in every currency, or the books are wrong.',
  {
    object: Type.Literal('trial_balance'),
    as_of: time('As of when.'),
    balanced: Type.Boolean(),
    totals: Type.Array(
      Type.Object({
        currency: text('ISO 4217.'),
        debits: sum('Sum of debits'),
        credits: sum('Sum of credits'),
        balanced: Type.Boolean(),
      }),
    ),
    accounts: Type.Array(ref('Account')),
  },
);

const journal = shared('Journal', 'One balanced posting.', {
  id: text('Id of the event it came from: evt_…'),
  object: Type.Literal('journal'),
  payment: text('pay_…'),
  currency: text('ISO 4217.'),
  rule: text('The posting rule.'),
  rule_version: Type.Integer(),
  recorded_at: time('When it was posted.'),
  entries: Type.Array(
    Type.Object({ account: text('Name.'), debit: minor('Debit'), credit: minor('Credit') }),
  ),
});

export const LEDGER_SCHEMAS = [account, accounts, trialBalance, journal];
