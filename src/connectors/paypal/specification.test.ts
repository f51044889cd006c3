/** What we send and what the dialect answers, by PayPal's own specifications. */

import { expect, test } from 'vitest';
import { receiver, until } from '../../simulator/webhooks/test-kit.ts';
import type { AuthorizeRequest, ProviderRequest } from '../port.ts';
import { type Exchange, paypal, specification } from './test-kit.ts';

const orders = specification('checkout_orders_v2');
const payments = specification('payments_payment_v2');
const webhooks = specification('notifications_webhooks_v1');
const disputes = specification('customer_disputes_v1');

/** By route: what is sent, what comes back when it is done. */
const SCHEMAS: Record<string, [sent: string | null, answered: string, of: typeof orders]> = {
  'POST /v2/checkout/orders': ['order_request', 'order', orders],
  'GET /v2/checkout/orders/{id}': [null, 'order', orders],
  'POST /v2/checkout/orders/{id}/authorize': ['order_authorize_request', 'order_authorize_response', orders],
  'POST /v2/checkout/orders/{id}/capture': ['order_capture_request', 'order', orders],
  'GET /v2/payments/authorizations/{id}': [null, 'authorization-2', payments],
  'POST /v2/payments/authorizations/{id}/capture': ['capture_request', 'capture-2', payments],
  'POST /v2/payments/authorizations/{id}/void': [null, 'authorization-2', payments],
  'POST /v2/payments/captures/{id}/refund': ['refund_request', 'refund', payments],
};

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const IDS = { reference: 'pay_01kb0000000000000000000000', attempt: 'att_01kb0000000000000000000000' };

function operation(n: number): string {
  return `op_01kb${String(n).padStart(22, '0')}`;
}

function authorize(n: number, token: string, more: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  return {
    ...IDS,
    kind: 'authorize',
    operation: operation(n),
    providerReference: null,
    amount: 4200,
    currency: 'EUR',
    capture: false,
    paymentMethod: { type: 'card', token },
    offSession: false,
    returnUrl: 'http://127.0.0.1:9/return',
    ...more,
  };
}

function faultsOf({ route, sent, status, answered }: Exchange): string[] {
  const [asked, done, of] = SCHEMAS[route] ?? [null, '', orders];
  const wrong = asked === null ? [] : of.faults(asked, sent);
  const schema = status >= 400 ? `error_${status}` : done;
  const told = (where: string) => (fault: string) => `${route} ${where}: ${fault}`;
  return [...wrong.map(told('sent')), ...of.faults(schema, answered).map(told(`answered ${status}`))];
}

test('every request that we make and every answer that we read is as PayPal specifies it', async () => {
  const { connector, simulator, exchanges } = await paypal();
  const perform = async (request: ProviderRequest) => (await connector.perform(request, TRACE)).outcome;
  const approved = async (request: ProviderRequest) => {
    const outcome = await perform(request);
    if (outcome.kind !== 'approved') throw new Error(`${request.kind} was ${outcome.kind}`);
    return outcome;
  };
  const common = { ...IDS, currency: 'EUR' };

  const { provider_reference: providerReference } = await approved(authorize(1, 'tok_approve'));
  const capture = { ...common, kind: 'capture', amount: 1500, providerReference, final: false } as const;
  const captured = await approved({ ...capture, operation: operation(2) });
  const captureReference = captured.movement;
  const refund = { ...common, kind: 'refund', amount: 500, providerReference, captureReference } as const;
  await approved({ ...refund, operation: operation(3) });
  await connector.lookUp({ ...refund, operation: operation(3) }, TRACE);
  await connector.lookUp(authorize(1, 'tok_approve', { providerReference }), TRACE);

  const other = await approved(authorize(4, 'tok_approve', { offSession: true }));
  const release = {
    ...common,
    kind: 'void',
    amount: 0,
    captured: 0,
    providerReference: other.provider_reference,
  } as const;
  await approved({ ...release, operation: operation(5) });
  expect(await perform({ ...release, operation: operation(6) })).toMatchObject({ kind: 'unknown' });

  for (const capture of [true, false]) {
    const asked = await perform(
      authorize(capture ? 7 : 8, '', { capture, paymentMethod: { type: 'paypal' } }),
    );
    if (asked.kind !== 'requires_action') throw new Error(`it was ${asked.kind}`);
    const complete = { ...common, kind: 'complete', amount: 4200, returned: null } as const;
    const waiting = {
      ...complete,
      providerReference: asked.provider_reference,
      operation: operation(capture ? 9 : 10),
    };
    expect(await perform(waiting)).toMatchObject({ kind: 'requires_action', answered: false });
    await (await fetch(`${asked.action.url}/approve`, { method: 'POST', redirect: 'manual' })).text();
    await approved(waiting);
  }
  for (const [n, token] of [
    'tok_decline_expired_card',
    'tok_3ds',
    'tok_pending_then_approve',
    'no_such_token',
  ].entries())
    await perform(authorize(20 + n, token, { capture: n % 2 === 0 }));

  const spoken = exchanges.filter(({ route }) => route !== 'POST /v1/oauth2/token');
  expect(spoken.flatMap(faultsOf)).toEqual([]);
  expect([...new Set(spoken.map(({ route }) => route))].toSorted()).toEqual(Object.keys(SCHEMAS).toSorted());
  expect((await simulator.books()).charges.length).toBeGreaterThan(5);
});

test('request ids are the operation, in at most 108 characters; a void has none', async () => {
  const { connector, exchanges } = await paypal();
  const { outcome } = await connector.perform(authorize(1, 'tok_approve'), TRACE);
  if (outcome.kind !== 'approved') throw new Error('not approved');
  const providerReference = outcome.provider_reference;
  const release = {
    ...IDS,
    kind: 'void',
    currency: 'EUR',
    amount: 0,
    captured: 0,
    operation: operation(2),
  } as const;
  await connector.perform({ ...release, providerReference }, TRACE);
  const ids = exchanges.map(({ route, headers }) => [
    route.split('/').at(-1),
    headers.get('paypal-request-id'),
  ]);
  expect(ids).toEqual([
    ['token', null],
    ['orders', operation(1)],
    ['void', null],
  ]);
  expect(operation(1).length).toBeLessThanOrEqual(108);
});

test('every webhook that the dialect sends is as PayPal specifies it', async () => {
  const { connector, simulator } = await paypal({ settings: { refund_ms: 0 } });
  const target = await receiver();
  const endpoint = { url: target.url, secret: 'WEBHOOK1', dialect: 'paypal' };
  await simulator.post('/webhook-endpoints', endpoint);
  for (const [n, token] of [
    'tok_approve',
    'refund_returns',
    'tok_decline_generic',
    'tok_pending_then_approve',
  ].entries())
    await connector.perform(authorize(n, token, { capture: n > 0 }), TRACE);
  for (const { provider_reference: id, captured } of (await simulator.books()).charges) {
    await simulator.post(
      `/charges/${id}/${captured > 0 ? 'refund' : 'void'}`,
      captured > 0 ? { amount: 100 } : {},
    );
    await simulator.post(`/charges/${id}/reverse`, { amount: 100 });
    await simulator.post(`/charges/${id}/dispute`, { amount: 100, reason: 'fraudulent' });
  }
  const SPECIFIED: Record<string, [string, typeof orders]> = {
    authorization: ['authorization-2', payments],
    capture: ['capture-2', payments],
    refund: ['refund', payments],
    dispute: ['dispute', disputes],
  };
  await until(() => target.got.length >= 8);
  const faults = target.got.flatMap(({ body }) => {
    const event = JSON.parse(body) as { resource_type: string; event_type: string; resource: unknown };
    const [schema, of] = SPECIFIED[event.resource_type] ?? ['', payments];
    const found = [...webhooks.faults('event', event), ...of.faults(schema, event.resource)];
    return found.map((fault) => `${event.event_type}: ${fault}`);
  });
  expect(faults).toEqual([]);
});
