/** What the ledger answers. */

import { Type } from 'typebox';
import { minor, oneOf, ref, shared, text, time } from './schema-parts.ts';

const account = shared('Account', 'An account in one currency.', {
  account: text('Its name.', { examples: ['provider_receivable:simulator'] }),
  currency: text('ISO 4217.'),
  normal_side: oneOf(['debit', 'credit'], 'Where its balance normally stands.'),
  debits: minor('Sum of debits'),
  credits: minor('Sum of credits'),
  balance: minor('On the normal side'),
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
        debits: minor('Sum of debits'),
        credits: minor('Sum of credits'),
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
