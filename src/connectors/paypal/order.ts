/** An order as PayPal shows it: what became of an authorisation or a sale. */

import { decline } from '../../core/declines.ts';
import type { AuthorizationDetails, Outcome } from '../../core/outcome.ts';
import type { AuthorizeRequest, CompleteRequest } from '../port.ts';
import { fromPayPal } from './amounts.ts';
import { declinedAs, declineIn, rejected, UNREADABLE } from './answer.ts';
import { at, listAt, textAt, timeAt } from './json.ts';
import { customId, orderReference } from './reference.ts';

type Asked = AuthorizeRequest | CompleteRequest;

/** An answer about another payment, attempt or currency is unreadable: the money may have moved all the same. */
export function readOrder(request: Asked, json: unknown): Outcome {
  const id = textAt(json, 'id');
  const unit = at(json, 'purchase_units', 0);
  if (id === null || textAt(unit, 'custom_id') !== customId(request)) return UNREADABLE;
  switch (textAt(json, 'status')) {
    case 'COMPLETED':
      return readPayments(request, id, at(unit, 'payments'), at(json, 'payment_source', 'card'));
    case 'CREATED':
    case 'PAYER_ACTION_REQUIRED':
    case 'APPROVED':
      return readWaiting(id, json);
    case 'VOIDED':
      return rejected('ORDER_VOIDED', 'The order was voided before anything was taken.');
    default:
      return UNREADABLE;
  }
}

export function capturesIn(order: unknown): unknown[] {
  return listAt(order, 'purchase_units', 0, 'payments', 'captures');
}

export function refundsIn(order: unknown): unknown[] {
  return listAt(order, 'purchase_units', 0, 'payments', 'refunds');
}

export function authorizationIn(order: unknown): unknown {
  return at(order, 'purchase_units', 0, 'payments', 'authorizations', 0);
}

/** A sale has no authorization: only its capture. */
function readPayments(request: Asked, order: string, payments: unknown, card: unknown): Outcome {
  const [authorization] = listAt(payments, 'authorizations');
  const [capture] = listAt(payments, 'captures');
  if (authorization !== undefined) return readAuthorization(request, order, authorization, card);
  return capture === undefined ? UNREADABLE : readSale(request, order, capture, card);
}

function readAuthorization(request: Asked, order: string, authorization: unknown, card: unknown): Outcome {
  const id = textAt(authorization, 'id');
  const amount = fromPayPal(at(authorization, 'amount'), request.currency);
  if (id === null || amount === null) return UNREADABLE;
  switch (textAt(authorization, 'status')) {
    case 'CREATED':
    case 'CAPTURED':
    case 'PARTIALLY_CAPTURED':
    case 'VOIDED':
      return {
        kind: 'approved',
        provider_reference: id,
        movement: null,
        amount,
        amount_captured: 0,
        details: detailsOf(authorization, card),
        provider_at: timeAt(authorization, 'create_time'),
      };
    case 'DENIED':
      return declinedAs(
        declineIn(authorization),
        orderReference(order),
        timeAt(authorization, 'update_time'),
      );
    case 'PENDING':
      return { kind: 'pending', provider_reference: orderReference(order) };
    default:
      return UNREADABLE;
  }
}

function readSale(request: Asked, order: string, capture: unknown, card: unknown): Outcome {
  const id = textAt(capture, 'id');
  const amount = fromPayPal(at(capture, 'amount'), request.currency);
  if (id === null || amount === null) return UNREADABLE;
  const provider_reference = orderReference(order);
  switch (textAt(capture, 'status')) {
    case 'COMPLETED':
    case 'PARTIALLY_REFUNDED':
    case 'REFUNDED':
      return {
        kind: 'approved',
        provider_reference,
        movement: id,
        amount,
        amount_captured: amount,
        details: detailsOf(capture, card),
        provider_at: timeAt(capture, 'create_time'),
      };
    case 'DECLINED':
    case 'FAILED':
      return declinedAs(declineIn(capture), provider_reference, timeAt(capture, 'update_time'));
    case 'PENDING':
      return { kind: 'pending', provider_reference };
    default:
      return UNREADABLE;
  }
}

/** Refused by the cardholder's bank, PayPal advises against going on; all else is for the customer to finish. */
function readWaiting(order: string, json: unknown): Outcome {
  const result = textAt(
    json,
    'payment_source',
    'card',
    'authentication_result',
    'three_d_secure',
    'authentication_status',
  );
  const provider_reference = orderReference(order);
  if (result === 'N' || result === 'R')
    return declinedAs(
      decline('authentication_failed', `3DS_${result}`),
      provider_reference,
      timeAt(json, 'update_time'),
    );
  const url = linkOf(json, 'payer-action') ?? linkOf(json, 'approve');
  if (url === null) return UNREADABLE;
  const answered = textAt(json, 'status') === 'APPROVED';
  return { kind: 'requires_action', provider_reference, action: { type: 'redirect', url }, answered };
}

/** http only for a simulator on the same machine: the browser goes where PayPal says. */
function linkOf(json: unknown, rel: string): string | null {
  const link = listAt(json, 'links').find((one) => textAt(one, 'rel') === rel);
  const href = textAt(link, 'href');
  return href !== null && /^https?:\/\//.test(href) ? href : null;
}

function detailsOf(payment: unknown, card: unknown): AuthorizationDetails {
  return {
    authorization_code: null,
    bin: textAt(card, 'bin_details', 'bin'),
    last4: textAt(card, 'last_digits'),
    avs_result: textAt(payment, 'processor_response', 'avs_code'),
    cvc_result: textAt(payment, 'processor_response', 'cvv_code'),
    eci: null,
    network_transaction_id: textAt(payment, 'network_transaction_reference', 'id'),
  };
}
