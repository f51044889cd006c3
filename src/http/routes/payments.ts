/** Payments: create, confirm, capture, void, retrieve, list, history, explanation. */

import { type Static, Type } from 'typebox';
import type { PaymentMethod } from '../../core/payment/events.ts';
import type { CreateInput, ListQuery } from '../../features/payments/types.ts';
import { LIMITS } from '../../ops/limits.ts';
import { type Context, idOf, moneyRequest, principalOf, type Server, sendReply } from '../context.ts';
import * as field from '../fields.ts';
import { moving, reading } from '../openapi.ts';
import { page, ref } from '../schema-parts.ts';

const tag = 'Payments';
const params = field.strictObject({ id: field.id('payment', 'The payment.') });
const paid = { 200: ref('Payment'), 202: ref('Payment') };
const write = { scope: 'payments:write' } as const;
const read = { scope: 'payments:read' } as const;

const createBody = field.strictObject({
  amount: field.amount,
  currency: field.currency,
  capture_method: Type.Optional(field.captureMethod),
  confirm: Type.Optional(field.flag(false, 'Charge at once; needs payment_method.')),
  payment_method: Type.Optional(field.paymentMethod),
  off_session: Type.Optional(
    field.flag(false, 'The customer is away: charge a stored method, as was agreed.'),
  ),
  provider_account: Type.Optional(field.providerAccount),
  reference: Type.Optional(field.reference),
  description: Type.Optional(field.description),
  metadata: Type.Optional(field.metadata),
  return_url: Type.Optional(field.returnUrl),
  customer: Type.Optional(field.customer),
  channel: Type.Optional(field.channel),
  billing_country: Type.Optional(field.billingCountry),
  allow_partial_authorization: Type.Optional(field.flag(false, 'Keep an approval for less than was asked.')),
});
const confirmBody = field.strictObject({
  payment_method: Type.Optional(field.paymentMethod),
  provider_account: Type.Optional(field.providerAccount),
});
const captureBody = field.strictObject({
  amount: Type.Optional(field.amount),
  final: Type.Optional(field.flag(true, 'Release what is not captured.')),
});
const listQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('payment', 'next_cursor of the page before.')),
  status: Type.Optional(field.status),
  reference: Type.Optional(field.reference),
  currency: Type.Optional(field.currency),
  created_from: Type.Optional(field.time('Made then or later.')),
  created_to: Type.Optional(field.time('Made before.')),
});
const eventsQuery = field.strictObject({
  limit: Type.Optional(field.limit),
  after: Type.Optional(field.after),
});

export function paymentRoutes(server: Server, context: Context): void {
  writeRoutes(server, context);
  readRoutes(server, context);
}

function writeRoutes(server: Server, { payments }: Context): void {
  server.post(
    '/payments',
    {
      config: { access: write },
      schema: moving({
        id: 'createPayment',
        tag,
        summary: 'Create a payment',
        body: createBody,
        answers: paid,
      }),
    },
    async (request, reply) => {
      const input = createInput(request.body as Static<typeof createBody>);
      return sendReply(reply, await payments.create(moneyRequest(request, input)));
    },
  );
  server.post(
    '/payments/:id/confirm',
    {
      config: { access: { ...write, publishable: true }, id: 'payment' },
      schema: moving({
        id: 'confirmPayment',
        tag,
        summary: 'Confirm a payment: start an attempt to charge it',
        params,
        body: confirmBody,
        answers: paid,
      }),
    },
    async (request, reply) => {
      const body = (request.body ?? {}) as Static<typeof confirmBody>;
      const { payment_method = null, provider_account = null } = body;
      const input = {
        payment: idOf('payment', request),
        payment_method: asMethod(payment_method),
        provider_account,
      };
      return sendReply(reply, await payments.confirm(moneyRequest(request, input)));
    },
  );
  server.post(
    '/payments/:id/capture',
    {
      config: { access: write, id: 'payment' },
      schema: moving({
        id: 'capturePayment',
        tag,
        summary: 'Capture an authorised payment, or a part of it',
        params,
        body: captureBody,
        answers: paid,
      }),
    },
    async (request, reply) => {
      const { amount = null, final = true } = (request.body ?? {}) as Static<typeof captureBody>;
      const input = { payment: idOf('payment', request), amount, final };
      return sendReply(reply, await payments.capture(moneyRequest(request, input)));
    },
  );
  server.post(
    '/payments/:id/void',
    {
      config: { access: write, id: 'payment' },
      schema: moving({
        id: 'voidPayment',
        tag,
        summary: 'Void a payment that is not captured, or what captures have left of it',
        params,
        body: field.strictObject({}),
        answers: paid,
      }),
    },
    async (request, reply) => {
      const input = { payment: idOf('payment', request) };
      return sendReply(reply, await payments.void(moneyRequest(request, input)));
    },
  );
}

function readRoutes(server: Server, { payments }: Context): void {
  server.get(
    '/payments/:id',
    {
      config: { access: read, id: 'payment' },
      schema: reading({
        id: 'retrievePayment',
        tag,
        summary: 'Retrieve a payment',
        params,
        answers: { 200: ref('Payment') },
      }),
    },
    async (request, reply) =>
      sendReply(reply, await payments.retrieve(principalOf(request), idOf('payment', request))),
  );
  server.get(
    '/payments',
    {
      config: { access: read },
      schema: reading({
        id: 'listPayments',
        tag,
        summary: 'List payments, newest first',
        querystring: listQuery,
        answers: { 200: page('Payment') },
      }),
    },
    async (request, reply) => {
      const query = listInput(request.query as Static<typeof listQuery>);
      return sendReply(reply, await payments.list(principalOf(request), query));
    },
  );
  server.get(
    '/payments/:id/events',
    {
      config: { access: read, id: 'payment' },
      schema: reading({
        id: 'listPaymentEvents',
        tag,
        summary: 'What happened to a payment, in order',
        params,
        querystring: eventsQuery,
        answers: { 200: page('Event') },
      }),
    },
    async (request, reply) => {
      const { limit = LIMITS.http.pageSize, after = 0 } = request.query as Static<typeof eventsQuery>;
      const events = await payments.events(principalOf(request), idOf('payment', request), { limit, after });
      return sendReply(reply, events);
    },
  );
  server.get(
    '/payments/:id/explain',
    {
      config: { access: read, id: 'payment' },
      schema: reading({
        id: 'explainPayment',
        tag,
        summary: 'What happened to a payment, why, and what to tell the customer',
        params,
        answers: { 200: ref('Explanation') },
      }),
    },
    async (request, reply) =>
      sendReply(reply, await payments.explain(principalOf(request), idOf('payment', request))),
  );
}

function createInput(body: Static<typeof createBody>): CreateInput {
  const { customer } = body;
  return {
    amount: body.amount,
    currency: body.currency,
    capture_method: body.capture_method ?? 'automatic',
    confirm: body.confirm ?? false,
    allow_partial_authorization: body.allow_partial_authorization ?? false,
    payment_method: asMethod(body.payment_method),
    off_session: body.off_session ?? false,
    provider_account: body.provider_account ?? null,
    reference: body.reference ?? null,
    details: {
      description: body.description ?? null,
      metadata: (body.metadata ?? {}) as Record<string, string>,
      return_url: body.return_url ?? null,
      customer: customer ? { id: null, name: null, email: null, ...customer } : null,
      channel: body.channel ?? null,
      billing_country: body.billing_country ?? null,
    },
  };
}

/** The schema has checked which fields go with which type. */
function asMethod(method: object | null | undefined): PaymentMethod | null {
  return (method ?? null) as PaymentMethod | null;
}

function listInput(query: Static<typeof listQuery>): ListQuery {
  return {
    limit: query.limit ?? LIMITS.http.pageSizeDefault,
    cursor: query.cursor ?? null,
    status: query.status ?? null,
    reference: query.reference ?? null,
    currency: query.currency ?? null,
    created_from: field.inUtc(query.created_from),
    created_to: field.inUtc(query.created_to),
  };
}
