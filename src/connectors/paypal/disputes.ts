/** Disputes: what is only asked about moves nothing; a chargeback takes the money, and its end gives it back or not. */

import type { FactTold, Notice } from '../port.ts';
import { fromPayPal } from './amounts.ts';
import { at, listAt, textAt, timeAt } from './json.ts';
import { readCustomId } from './reference.ts';

const WON: ReadonlySet<string> = new Set([
  'RESOLVED_SELLER_FAVOUR',
  'CANCELED_BY_BUYER',
  'DENIED',
  'RESOLVED_WITH_PAYOUT',
]);
const LOST: ReadonlySet<string> = new Set(['RESOLVED_BUYER_FAVOUR', 'ACCEPTED']);

/** Notices; a sentence where no money moves; null where something is missing. */
export function disputeFacts(type: string, resource: unknown): Notice[] | string | null {
  const dispute = textAt(resource, 'dispute_id');
  const money = at(resource, 'dispute_amount');
  const currency = textAt(money, 'currency_code') ?? '';
  const amount = fromPayPal(money, currency);
  const [transaction] = listAt(resource, 'disputed_transactions');
  if (dispute === null || amount === null || amount === 0 || transaction === undefined) return null;
  const inquiry = textAt(resource, 'dispute_life_cycle_stage') === 'INQUIRY';
  const opened: FactTold = {
    kind: 'disputed',
    dispute,
    amount,
    provider_at: timeAt(resource, 'create_time'),
  };
  const told = (facts: FactTold[]): Notice[] =>
    facts.map((fact) => ({ ...noticeOf(transaction, fact), currency }));
  if (type !== 'CUSTOMER.DISPUTE.RESOLVED') return inquiry ? 'an inquiry moves no money' : told([opened]);
  const outcome = textAt(resource, 'dispute_outcome', 'outcome_code') ?? '';
  const provider_at = timeAt(resource, 'update_time');
  if (LOST.has(outcome)) return told([opened, { kind: 'dispute_lost', dispute, provider_at }]);
  if (inquiry || !WON.has(outcome))
    return `a dispute that ends as ${outcome.slice(0, 40) || 'nothing'} moves no money`;
  return told([opened, { kind: 'dispute_won', dispute, provider_at }]);
}

function noticeOf(transaction: unknown, fact: FactTold): Notice {
  return {
    ...readCustomId(textAt(transaction, 'custom')),
    providerReference: textAt(transaction, 'seller_transaction_id'),
    fact,
  };
}
