/** PayPal's resources as they stand in the books: an order, its authorization, its captures, their refunds. */

import { type Charge, remaining } from '../../books.ts';
import type { Movement, Refund } from '../../movements.ts';
import { authorizationId, pendingCaptureId } from './ids.ts';
import { adviceOf, responseCode } from './magic.ts';
import { moneyOf } from './money.ts';
import { type CaptureKept, captureId, refundWire, wireOf } from './wire.ts';

const VALIDITY_MS = 7 * 24 * 3600_000;

type Link = { href: string; rel: string; method: 'GET' | 'POST' };

export type View = { id: string; status: string; links: Link[]; [field: string]: unknown };

/** `url` is PayPal's own address, `pages` that of the pages where customers approve. */
export type Places = { url: string; pages: string };

export function orderView(charge: Charge, places: Places): View {
  const { intent, referenceId, customId, invoiceId, source } = wireOf(charge);
  const unit = {
    reference_id: referenceId,
    amount: moneyOf(charge.amount, charge.currency),
    ...(customId === null ? {} : { custom_id: customId }),
    ...(invoiceId === null ? {} : { invoice_id: invoiceId }),
    ...paymentsOf(charge, places),
  };
  return {
    id: charge.id,
    intent,
    status: orderStatus(charge),
    ...(source === null ? {} : { payment_source: { [source]: sourceView(charge, source) } }),
    purchase_units: [unit],
    create_time: iso(charge.at),
    update_time: iso(Math.max(charge.at, charge.decidedAt)),
    links: orderLinks(charge, places),
  };
}

/** Money was reserved or taken, or would have been: until then nothing is on record but the order itself. */
export function isCarriedOut(charge: Charge): boolean {
  if (charge.challenge === null) return true;
  return charge.challenge === 'passed' && charge.state !== 'requires_action';
}

export function authorizationView(charge: Charge, { url }: Places): View {
  const id = authorizationId(charge.id);
  const self = `${url}/v2/payments/authorizations/${id}`;
  return {
    id,
    status: authorizationStatus(charge),
    ...(charge.state === 'pending' ? { status_details: { reason: 'PENDING_REVIEW' } } : {}),
    amount: moneyOf(charge.authorized || charge.amount, charge.currency),
    ...namesOf(charge, wireOf(charge).invoiceId),
    supplementary_data: { related_ids: { order_id: charge.id } },
    expiration_time: iso(charge.decidedAt + VALIDITY_MS),
    create_time: iso(charge.at),
    update_time: iso(charge.decidedAt),
    links: [
      { href: self, rel: 'self', method: 'GET' },
      { href: `${self}/capture`, rel: 'capture', method: 'POST' },
      { href: `${self}/void`, rel: 'void', method: 'POST' },
      { href: `${url}/v2/checkout/orders/${charge.id}`, rel: 'up', method: 'GET' },
    ],
  };
}

export function captureView(charge: Charge, capture: Movement, kept: CaptureKept, { url }: Places): View {
  const id = captureId(charge, capture);
  const self = `${url}/v2/payments/captures/${id}`;
  const amount = moneyOf(capture.amount, charge.currency);
  const ofAuthorization = !charge.capture;
  return {
    id,
    status: captureStatus(charge, capture),
    amount,
    ...namesOf(charge, kept.invoiceId),
    final_capture: kept.final,
    supplementary_data: {
      related_ids: {
        order_id: charge.id,
        ...(ofAuthorization ? { authorization_id: authorizationId(charge.id) } : {}),
      },
    },
    seller_receivable_breakdown: { gross_amount: amount },
    ...processed(charge),
    create_time: iso(capture.at),
    update_time: iso(capture.at),
    links: [
      { href: self, rel: 'self', method: 'GET' },
      { href: `${self}/refund`, rel: 'refund', method: 'POST' },
      { href: `${url}/v2/checkout/orders/${charge.id}`, rel: 'up', method: 'GET' },
    ],
  };
}

export function refundView(charge: Charge, refund: Refund, { url }: Places): View {
  const { capture, customId, invoiceId, note } = refundWire(charge, refund);
  const amount = moneyOf(refund.amount, charge.currency);
  return {
    id: refund.id,
    status: refundStatus(charge, refund),
    amount,
    ...(invoiceId === null ? {} : { invoice_id: invoiceId }),
    ...(customId === null ? {} : { custom_id: customId }),
    ...(note === null ? {} : { note_to_payer: note }),
    seller_payable_breakdown: { gross_amount: amount },
    create_time: iso(refund.at),
    update_time: iso(refund.at),
    links: [
      { href: `${url}/v2/payments/refunds/${refund.id}`, rel: 'self', method: 'GET' },
      { href: `${url}/v2/payments/captures/${capture}`, rel: 'up', method: 'GET' },
    ],
  };
}

export function findCapture(charge: Charge, id: string): Movement | undefined {
  return charge.captures.find((capture) => captureId(charge, capture) === id);
}

export function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** What is on record of a sale that has taken no money: declined, or not decided yet. */
export function untakenCapture(charge: Charge): Movement {
  const { id, amount, decidedAt: at, operation } = charge;
  return { id: pendingCaptureId(id), amount, at, operation };
}

function paymentsOf(charge: Charge, places: Places): object {
  if (!isCarriedOut(charge)) return {};
  const invoiceOf = ({ operation }: Movement): CaptureKept => keptOf(charge, operation);
  const captures = charge.captures.map((one) => captureView(charge, one, invoiceOf(one), places));
  const refunds = charge.refunds.map((one) => refundView(charge, one, places));
  const rest = refunds.length === 0 ? {} : { refunds };
  if (charge.capture) {
    const told = captures.length > 0 ? captures : [untakenView(charge, places)];
    return { payments: { captures: told.map(inOrder), ...rest } };
  }
  const authorization = inOrder({ ...authorizationView(charge, places), ...processed(charge) });
  const taken = captures.length === 0 ? {} : { captures: captures.map(inOrder) };
  return { payments: { authorizations: [authorization], ...taken, ...rest } };
}

/** An order does not say again which order it is. */
function inOrder({ supplementary_data: _, ...view }: View): object {
  return view;
}

export function untakenView(charge: Charge, places: Places): View {
  const kept = { invoiceId: wireOf(charge).invoiceId, final: true };
  const view = captureView(charge, untakenCapture(charge), kept, places);
  return charge.state === 'pending' ? { ...view, status_details: { reason: 'PENDING_REVIEW' } } : view;
}

/** What was told with a capture: of a sale with its order. */
export function keptOf(charge: Charge, operation: string | null): CaptureKept {
  const wire = wireOf(charge);
  if (charge.capture) return { invoiceId: wire.invoiceId, final: true };
  const told = operation === null ? undefined : wire.captures?.[operation];
  return told ?? { invoiceId: wire.invoiceId, final: false };
}

/** Only a card's processor has codes. */
function processed(charge: Charge): object {
  if (wireOf(charge).source !== 'card' || charge.state === 'pending') return {};
  const { code } = charge;
  const [avs_code, cvv_code] = code === '00' ? ['Y', 'M'] : ['G', 'P'];
  return {
    processor_response: { avs_code, cvv_code, response_code: responseCode(code), ...adviceOf(code) },
    ...(code === '00' ? { network_transaction_reference: networkReference(charge) } : {}),
  };
}

function networkReference({ id, at }: Charge): object {
  return {
    id: String(at).padStart(15, '0'),
    date: iso(at).slice(5, 10).replace('-', ''),
    network: 'VISA',
    acquirer_reference_number: id,
  };
}

function orderStatus(charge: Charge): string {
  if (isCarriedOut(charge)) return 'COMPLETED';
  return charge.challenge === 'passed' ? 'APPROVED' : wireOf(charge).awaiting;
}

function authorizationStatus(charge: Charge): string {
  if (charge.state === 'pending') return 'PENDING';
  if (charge.state === 'declined') return 'DENIED';
  if (charge.voidId !== null) return 'VOIDED';
  if (charge.captured > 0) return remaining(charge) > 0 ? 'PARTIALLY_CAPTURED' : 'CAPTURED';
  return charge.state === 'open' ? 'CREATED' : 'VOIDED';
}

function captureStatus(charge: Charge, capture: Movement): string {
  if (charge.state === 'pending') return 'PENDING';
  if (charge.state === 'declined') return 'DECLINED';
  const given = refundedOf(charge, captureId(charge, capture));
  if (given === 0) return 'COMPLETED';
  return given < capture.amount ? 'PARTIALLY_REFUNDED' : 'REFUNDED';
}

/** How much of one capture was given back. */
export function refundedOf(charge: Charge, capture: string): number {
  const own = charge.refunds.filter((refund) => refundWire(charge, refund).capture === capture);
  return own
    .filter((one) => refundStatus(charge, one) !== 'FAILED')
    .reduce((sum, { amount }) => sum + amount, 0);
}

function refundStatus(charge: Charge, { id, state }: Refund): string {
  if (state === 'failed' || charge.returns?.some(({ of }) => of === id)) return 'FAILED';
  return state === 'pending' ? 'PENDING' : 'COMPLETED';
}

/** A customer who failed the challenge is on record; one who left is not. */
function sourceView(charge: Charge, source: string): object {
  if (source !== 'card') return {};
  const card = { last_digits: '1881', brand: 'VISA', type: 'CREDIT' };
  const passed = charge.challenge === 'passed';
  if (!passed && charge.challenge !== 'failed') return card;
  const three_d_secure = { authentication_status: passed ? 'Y' : 'N', enrollment_status: 'Y' };
  return { ...card, authentication_result: { liability_shift: passed ? 'POSSIBLE' : 'NO', three_d_secure } };
}

function orderLinks(charge: Charge, { url, pages }: Places): Link[] {
  const self = `${url}/v2/checkout/orders/${charge.id}`;
  const links: Link[] = [{ href: self, rel: 'self', method: 'GET' }];
  if (isCarriedOut(charge)) return links;
  const { awaiting, intent } = wireOf(charge);
  const page = `${pages}/3ds/${charge.id}`;
  const verb = intent === 'CAPTURE' ? 'capture' : 'authorize';
  links.push({ href: page, rel: awaiting === 'CREATED' ? 'approve' : 'payer-action', method: 'GET' });
  links.push({ href: `${self}/${verb}`, rel: verb, method: 'POST' });
  return links;
}

function namesOf(charge: Charge, invoiceId: string | null): object {
  const { customId } = wireOf(charge);
  return {
    ...(customId === null ? {} : { custom_id: customId }),
    ...(invoiceId === null ? {} : { invoice_id: invoiceId }),
  };
}
