/** What Adyen's event codes say about money. Source: its Webhooks specification, version 1, and docs.adyen.com. */

import { decline } from '../../core/declines.ts';
import type { FactTold } from '../port.ts';
import type { Told } from './reference.ts';

/** What is signed of an item, in our own units. */
export type Item = {
  eventCode: string;
  success: boolean;
  pspReference: string;
  originalReference: string | null;
  merchantReference: string | null;
  amount: number;
  currency: string;
  /** The one thing that is not signed: a bank's code for a return. It is shown to people, and decides nothing. */
  bankCode: string | null;
};

/** No money moves by these, or none of a payment's. */
export const IGNORED: ReadonlyMap<string, string> = new Map([
  ['ACH_NOTIFICATION_OF_CHANGE', 'account details have changed'],
  ['AUTHORISATION_ADJUSTMENT', 'amounts are not adjusted from here'],
  ['AUTORESCUE', 'no payment is rescued from here'],
  ['CANCEL_AUTORESCUE', 'no payment is rescued from here'],
  ['DIRECT_DEBIT_NOTICE_OF_CHANGE_NOTIFICATION', 'account details have changed'],
  ['INFORMATION_SUPPLIED', 'a step of a dispute'],
  ['ISSUER_COMMENTS', 'a step of a dispute'],
  ['ISSUER_RESPONSE_TIMEFRAME_EXPIRED', 'the chargeback was reversed before'],
  ['MANUAL_REVIEW_ACCEPT', 'a review moves nothing'],
  ['MANUAL_REVIEW_REJECT', 'a review moves nothing; its cancel or refund is told by itself'],
  ['NOTIFICATION_OF_CHARGEBACK', 'announces a chargeback, which takes the money'],
  ['NOTIFICATION_OF_FRAUD', 'a report of the issuer'],
  ['ORDER_CLOSED', 'orders of several payments are not made from here'],
  ['ORDER_OPENED', 'orders of several payments are not made from here'],
  ['PAIDOUT_REVERSED', 'payouts are not made from here'],
  ['PAYOUT_DECLINE', 'payouts are not made from here'],
  ['PAYOUT_EXPIRE', 'payouts are not made from here'],
  ['PAYOUT_THIRDPARTY', 'payouts are not made from here'],
  ['PREARBITRATION_ACCEPTED', 'a step of a dispute'],
  ['PREARBITRATION_DECLINED', 'a step of a dispute'],
  ['PREARBITRATION_OPEN', 'a step of a dispute'],
  ['RECURRING_CONTRACT', 'a method was stored'],
  ['REPORT_AVAILABLE', 'a report can be fetched'],
  ['REQUEST_FOR_INFORMATION', 'an inquiry moves nothing'],
  ['SCHEME_ARBITRATION', 'a step of a dispute'],
]);

/** A sentence where a person has to look: what decides it is not signed, or it is not known here. */
export function factsOf(item: Item, told: Told | null): FactTold[] | string {
  const { eventCode, success, pspReference, amount } = item;
  switch (eventCode) {
    case 'AUTHORISATION':
      return authorisation(item, told);
    case 'OFFER_CLOSED':
      return success ? [declinedBy('authentication_abandoned', item)] : [];
    case 'EXPIRE':
      return success ? [{ kind: 'expired', provider_at: null }] : [];
    case 'CAPTURE':
      return success ? [moved('captured', item, told)] : failed('capture_failed', item, told);
    case 'CAPTURE_FAILED':
      return captureFailed(item, told);
    case 'CANCELLATION':
    case 'TECHNICAL_CANCEL':
      return success ? [{ kind: 'voided', amount, provider_at: null }] : voidFailed(item, told);
    case 'REFUND':
      return success ? [moved('refunded', item, told)] : failed('refund_failed', item, told);
    case 'REFUND_FAILED':
    case 'REFUNDED_REVERSED':
      return refundFailed(item, told);
    case 'CHARGEBACK':
      return chargeback(item, told);
    case 'CHARGEBACK_REVERSED':
      return told?.asked === 'debit'
        ? `${eventCode} of a bank debit: a return cannot be taken back here`
        : [{ kind: 'dispute_won', dispute: pspReference, provider_at: null }];
    case 'DISPUTE_DEFENSE_PERIOD_ENDED':
      return told?.asked === 'debit'
        ? []
        : [{ kind: 'dispute_lost', dispute: pspReference, provider_at: null }];
    case 'SECOND_CHARGEBACK':
    case 'PREARBITRATION_LOST':
    case 'SCHEME_ARBITRATION_LOST':
      return lostAgain(item);
    case 'PREARBITRATION_WON':
    case 'PREARBITRATION_ISSUER_WITHDRAWN':
    case 'SCHEME_ARBITRATION_WON':
      return `${eventCode}: whether money came back is not signed; see the dispute in Adyen's Customer Area`;
    case 'CANCEL_OR_REFUND':
      return `${eventCode}: whether it cancelled or refunded is not signed; see the payment in Adyen's Customer Area`;
    default:
      return `${eventCode.slice(0, 60)} is not known here`;
  }
}

/** Our own reference tells whether the approval is of a sale, whose capture Adyen tells of no further. */
function authorisation(item: Item, told: Told | null): FactTold[] {
  const { success, pspReference, amount } = item;
  if (!success) return [declinedBy('generic', item)];
  const authorized: FactTold = {
    kind: 'authorized',
    amount,
    provider_reference: pspReference,
    details: null,
    provider_at: null,
  };
  if (told?.asked !== 'sale' && told?.asked !== 'debit') return [authorized];
  return [authorized, { kind: 'captured_total', amount, version: pspReference, provider_at: null }];
}

/** Why it was refused is not signed: the answer tells, where one arrives. */
function declinedBy(
  reason: 'generic' | 'authentication_abandoned',
  { eventCode, pspReference }: Item,
): FactTold {
  const decided = decline(reason, eventCode);
  return { kind: 'declined', decline: decided, provider_reference: pspReference, provider_at: null };
}

function moved(kind: 'captured' | 'refunded', { pspReference, amount }: Item, told: Told | null): FactTold {
  return { kind, movement: pspReference, operation: told?.operation ?? null, amount, provider_at: null };
}

/** Of nobody's operation of ours nothing has been believed, so nothing has failed. */
function failed(kind: 'capture_failed' | 'refund_failed', item: Item, told: Told | null): FactTold[] {
  const { eventCode: raw_code, pspReference: movement } = item;
  const operation = told?.operation ?? null;
  if (operation === null) return [];
  return [{ kind, operation, movement, decline: null, raw_code, provider_at: null }];
}

function voidFailed({ eventCode: raw_code }: Item, told: Told | null): FactTold[] {
  const operation = told?.operation ?? null;
  return operation === null
    ? []
    : [{ kind: 'void_failed', operation, decline: null, raw_code, provider_at: null }];
}

/** The scheme refused later what had been captured: our capture's own reference, or the sale's. */
function captureFailed(item: Item, told: Told | null): FactTold[] {
  if (told?.operation) return failed('capture_failed', item, told);
  const movement = `${item.pspReference}/${item.eventCode}`;
  const { amount, eventCode: raw_code } = item;
  return [{ kind: 'reversed', movement, amount, raw_code, provider_at: null }];
}

/** Under the reference of the refund that came to nothing, whether that had been told as done or not. */
function refundFailed(item: Item, told: Told | null): FactTold[] {
  if (told?.operation) return failed('refund_failed', item, told);
  const { pspReference: of, eventCode, amount } = item;
  return [{ kind: 'refund_returned', movement: `${of}/${eventCode}`, of, amount, provider_at: null }];
}

/** A bank debit is returned, with no dispute about it; that it is one our own reference tells. */
function chargeback({ pspReference, amount, bankCode }: Item, told: Told | null): FactTold[] {
  const why = bankCode === null ? {} : { raw_code: bankCode };
  if (told?.asked === 'debit')
    return [{ kind: 'reversed', movement: pspReference, amount, ...why, provider_at: null }];
  return [{ kind: 'disputed', dispute: pspReference, amount, provider_at: null }];
}

/** The money had come back and is taken once more: a dispute of its own, lost as it opens. */
function lostAgain({ pspReference, eventCode, amount }: Item): FactTold[] {
  const dispute = `${pspReference}/${eventCode}`;
  return [
    { kind: 'disputed', dispute, amount, provider_at: null },
    { kind: 'dispute_lost', dispute, provider_at: null },
  ];
}
