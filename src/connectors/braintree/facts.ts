/** What a transaction, as it stands, says that has happened: the same from a webhook and from the account's list. */

import type { FactTold } from '../port.ts';
import { DUPLICATE, gatewayDecline, processorDecline, SETTLEMENT_DECLINED } from './codes.ts';
import { namedIn } from './order-id.ts';
import { isSubmitted, type Transaction } from './transaction.ts';

/** None for what has only been asked for, and for what says nothing of money. */
export function factsOf(transaction: Transaction, provider_at: string | null): FactTold[] {
  if (transaction.type === 'credit') return ofRefund(transaction, provider_at);
  return transaction.partOf === null ? ofSale(transaction, provider_at) : ofPart(transaction, provider_at);
}

/** One that failed and was not ours was made in the control panel: it was refunded, and came back. */
function ofRefund(transaction: Transaction, provider_at: string | null): FactTold[] {
  const { id: movement, amount, status } = transaction;
  const { operation } = namedIn(transaction.orderId);
  const refunded: FactTold = { kind: 'refunded', movement, operation, amount, provider_at };
  if (status === 'authorizing' || status === 'voided') return [];
  if (!FAILED.has(status)) return [refunded];
  const raw_code = transaction.settlementCode ?? transaction.processorCode ?? status;
  if (operation !== null)
    return [{ kind: 'refund_failed', movement, operation, decline: null, raw_code, provider_at }];
  return [
    refunded,
    { kind: 'refund_returned', movement: `${movement}/failed`, of: movement, amount, provider_at },
  ];
}

const FAILED: ReadonlySet<string> = new Set([
  'processor_declined',
  'gateway_rejected',
  'failed',
  'settlement_declined',
]);

/** A part of a settlement is a capture by its own id. */
function ofPart(transaction: Transaction, provider_at: string | null): FactTold[] {
  if (!isSubmitted(transaction)) return [];
  const { id: movement, amount, orderId } = transaction;
  const { operation } = namedIn(orderId);
  const captured: FactTold = { kind: 'captured', movement, operation, amount, provider_at };
  return [captured, ...takenBack(transaction, provider_at)];
}

/**
 * A settlement that is declined was a capture before, and is taken back: both are told, so that it does not matter
 * whether the capture was known. A bank debit that never settled was no capture: its bank said no.
 */
function ofSale(transaction: Transaction, provider_at: string | null): FactTold[] {
  const { id, amount, authorized, status, bankDebit, hasSettled, details } = transaction;
  const refusal = declineOf(transaction);
  if (refusal !== null) return [{ kind: 'declined', decline: refusal, provider_reference: id, provider_at }];
  if (status === 'authorizing' || status === 'gateway_rejected' || (bankDebit && !hasSettled)) return [];
  const approved: FactTold = {
    kind: 'authorized',
    amount: authorized,
    provider_reference: id,
    details,
    provider_at,
  };
  if (isSubmitted(transaction)) {
    const captured: FactTold = {
      kind: 'captured_total',
      amount,
      version: provider_at ?? status,
      provider_at,
    };
    return [approved, captured, ...takenBack(transaction, provider_at)];
  }
  if (status === 'voided') return [approved, { kind: 'voided', amount: authorized, provider_at }];
  return status === 'authorization_expired' ? [approved, { kind: 'expired', provider_at }] : [approved];
}

/** A duplicate says nothing of its own: the one that it repeats does. */
function declineOf({ status, bankDebit, hasSettled, rejection, processorCode, settlementCode }: Transaction) {
  if (status === 'gateway_rejected')
    return rejection === DUPLICATE ? null : gatewayDecline(rejection ?? status);
  if (status === 'processor_declined' || status === 'failed')
    return processorDecline(processorCode ?? status);
  if (status === 'settlement_declined' && bankDebit && !hasSettled)
    return processorDecline(settlementCode ?? SETTLEMENT_DECLINED);
  return null;
}

function takenBack({ id, amount, status }: Transaction, provider_at: string | null): FactTold[] {
  if (status !== 'settlement_declined') return [];
  return [{ kind: 'reversed', movement: `${id}/settlement_declined`, amount, provider_at }];
}
