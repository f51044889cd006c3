/** One event of PayPal's as facts, with what names their payment. */

import type { FactTold, Notice } from '../port.ts';
import { fromPayPal } from './amounts.ts';
import { declineIn } from './answer.ts';
import { disputeFacts } from './disputes.ts';
import { at, listAt, textAt, timeAt } from './json.ts';
import { operationOf, orderReference, readCustomId } from './reference.ts';

/** Notices; a sentence where it says nothing about money; null where something is missing: half a fact is none. */
export type Told = Notice[] | string | null;

export function factsOf(type: string, resource: unknown, event: unknown): Told {
  switch (type) {
    case 'PAYMENT.AUTHORIZATION.CREATED':
      return authorized(resource);
    case 'PAYMENT.AUTHORIZATION.VOIDED':
      return voided(resource, event);
    case 'PAYMENT.CAPTURE.COMPLETED':
      return captured(resource);
    case 'PAYMENT.CAPTURE.DECLINED':
    case 'PAYMENT.CAPTURE.DENIED':
      return captureFailed(resource);
    case 'PAYMENT.CAPTURE.REFUNDED':
      return refunded(resource);
    case 'PAYMENT.CAPTURE.REVERSED':
      return reversed(resource);
    case 'PAYMENT.REFUND.FAILED':
      return refundFailed(resource);
    case 'PAYMENT.CAPTURE.PENDING':
    case 'PAYMENT.REFUND.PENDING':
      return `${type} says that it is accepted; what comes of it is told later`;
    case 'CUSTOMER.DISPUTE.CREATED':
    case 'CUSTOMER.DISPUTE.UPDATED':
    case 'CUSTOMER.DISPUTE.RESOLVED':
      return disputeFacts(type, resource);
    default:
      return `${type.slice(0, 60)} says nothing about money`;
  }
}

function authorized(resource: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  if (textAt(resource, 'status') === 'PENDING') return 'an authorization that PayPal still looks into';
  return [notice(resource, approvedAs(paid.id, paid))];
}

/** PayPal says the same of an authorization that somebody voided and of one that time has ended. */
function voided(resource: unknown, event: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  const provider_at = timeAt(event, 'create_time') ?? paid.provider_at;
  const expires = timeAt(resource, 'expiration_time');
  const expired = expires !== null && provider_at !== null && expires <= provider_at;
  return [
    notice(
      resource,
      expired ? { kind: 'expired', provider_at } : { kind: 'voided', amount: paid.amount, provider_at },
    ),
  ];
}

/** The capture of a sale says that it was approved as well: nothing else does. */
function captured(resource: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  const { id: movement, amount, provider_at } = paid;
  const fact = notice(resource, {
    kind: 'captured',
    movement,
    operation: invoiceOf(resource),
    amount,
    provider_at,
  });
  const order = orderOf(resource);
  const sale = authorizationOf(resource) === null && order !== null;
  return sale ? [notice(resource, approvedAs(orderReference(order), paid)), fact] : [fact];
}

function captureFailed(resource: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  const decline = declineIn(resource);
  const provider_at = timeAt(resource, 'update_time');
  if (authorizationOf(resource) === null) {
    const provider_reference = referenceOf(resource);
    return [notice(resource, { kind: 'declined', decline, provider_reference, provider_at })];
  }
  const operation = invoiceOf(resource);
  if (operation === null) return 'a capture that nobody here asked for came to nothing';
  const refusal = { operation, decline, raw_code: decline.raw_code };
  return [notice(resource, { kind: 'capture_failed', movement: paid.id, ...refusal, provider_at })];
}

function refunded(resource: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  const { id: movement, amount, provider_at } = paid;
  return [
    notice(resource, { kind: 'refunded', movement, operation: invoiceOf(resource), amount, provider_at }),
  ];
}

function reversed(resource: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  const { id: movement, amount, provider_at } = paid;
  return [notice(resource, { kind: 'reversed', movement, amount, provider_at })];
}

/** A refund of the dashboard's that fails has succeeded before, as far as anybody here was told. */
function refundFailed(resource: unknown): Told {
  const paid = read(resource);
  if (paid === null) return null;
  const { id: movement, amount } = paid;
  const provider_at = timeAt(resource, 'update_time');
  const operation = invoiceOf(resource);
  if (operation === null)
    return [
      notice(resource, {
        kind: 'refund_returned',
        movement: `${movement}/failed`,
        of: movement,
        amount,
        provider_at,
      }),
    ];
  const raw_code = textAt(resource, 'status_details', 'reason') ?? 'REFUND_FAILED';
  return [
    notice(resource, { kind: 'refund_failed', movement, operation, decline: null, raw_code, provider_at }),
  ];
}

type Paid = { id: string; amount: number; provider_at: string | null };

function approvedAs(provider_reference: string, { amount, provider_at }: Paid): FactTold {
  return { kind: 'authorized', amount, provider_reference, details: null, provider_at };
}

/** The currency is the event's own word: an amount in another than the payment's is compared where it is applied. */
function read(resource: unknown): Paid | null {
  const id = textAt(resource, 'id');
  const money = at(resource, 'amount');
  const amount = fromPayPal(money, textAt(money, 'currency_code') ?? '');
  if (id === null || amount === null || amount === 0) return null;
  return { id, amount, provider_at: timeAt(resource, 'create_time') };
}

function notice(resource: unknown, fact: FactTold): Notice {
  const currency = textAt(resource, 'amount', 'currency_code');
  return {
    ...readCustomId(textAt(resource, 'custom_id')),
    providerReference: referenceOf(resource),
    ...(currency !== null && { currency }),
    fact,
  };
}

/** Of an authorization its own id; of what came after, the one that it names. */
function referenceOf(resource: unknown): string | null {
  const order = orderOf(resource);
  const authorization = authorizationOf(resource);
  if (authorization !== null) return authorization;
  const own = listAt(resource, 'links').some((link) => textAt(link, 'rel') === 'void');
  if (own) return textAt(resource, 'id');
  return order === null ? null : orderReference(order);
}

function invoiceOf(resource: unknown): string | null {
  return operationOf(textAt(resource, 'invoice_id'));
}

function orderOf(resource: unknown): string | null {
  return textAt(resource, 'supplementary_data', 'related_ids', 'order_id');
}

function authorizationOf(resource: unknown): string | null {
  return textAt(resource, 'supplementary_data', 'related_ids', 'authorization_id');
}
