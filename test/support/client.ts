/** The API as a merchant's program calls it, over HTTP, with the names of the published contract and no others. */

import { randomUUID } from 'node:crypto';

export type PendingOperation = { id: string; kind: string; amount: number; status: 'pending' | 'unknown' };

export type Payment = {
  id: string;
  status: string;
  capture_method: 'automatic' | 'manual';
  amount: number;
  currency: string;
  amount_authorized: number;
  amount_capturable: number;
  amount_captured: number;
  amount_refunded: number;
  latest_attempt: {
    id: string;
    number: number;
    outcome: string;
    provider_reference: string | null;
    decline: { reason: string; category: string; raw_code: string } | null;
  } | null;
  next_action: { type: string; url: string } | null;
  pending_operations: PendingOperation[];
  captures: string[];
  refunds: string[];
  exceptions: { id: string; type: string }[];
};

export type Refund = {
  id: string;
  payment: string;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed';
  pending_operation: PendingOperation | null;
};

export type Problem = {
  code: string;
  retry: string;
  outcome: string;
  payment?: string;
  differs_in?: string;
};

export type Answer<Body = Payment> = {
  status: number;
  body: Body;
  /** The very bytes. */
  text: string;
  replayed: boolean;
  headers: Headers;
};

export type Client = {
  /** Any POST; the key is a fresh one unless given, and null leaves the header out. */
  post<Body = Payment>(path: string, body: object, key?: string | null): Promise<Answer<Body>>;
  get<Body = Payment>(path: string): Promise<Answer<Body>>;
  sale(token: string, more?: object, key?: string): Promise<Answer>;
  /** A sale that only reserves the money. */
  reserve(token: string, more?: object, key?: string): Promise<Answer>;
  confirm(payment: string, token: string, key?: string): Promise<Answer>;
  capture(payment: string, body?: object, key?: string): Promise<Answer>;
  void(payment: string, key?: string): Promise<Answer>;
  refund(payment: string, amount?: number, key?: string): Promise<Answer<Refund>>;
  payment(id: string): Promise<Payment>;
  /** All payments of the merchant, newest first, down to the one before `until`. */
  payments(until?: string | null): Promise<Payment[]>;
};

const PATIENCE_MS = 30_000;

export function clientOf(url: string, secretKey: string): Client {
  const send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    exchange(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${secretKey}`, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  const post = <Body>(path: string, body: object, key: string | null = randomUUID()) =>
    send('POST', path, { 'content-type': 'application/json', ...keyHeader(key) }, body) as Promise<
      Answer<Body>
    >;
  const get = <Body>(path: string) => send('GET', path, {}) as Promise<Answer<Body>>;
  return {
    post,
    get,
    sale: (token, more = {}, key) => post('/v1/payments', sale(token, more), key),
    reserve: (token, more = {}, key) =>
      post('/v1/payments', sale(token, { capture_method: 'manual', ...more }), key),
    confirm: (payment, token, key) =>
      post(`/v1/payments/${payment}/confirm`, { payment_method: card(token) }, key),
    capture: (payment, body = {}, key) => post(`/v1/payments/${payment}/capture`, body, key),
    void: (payment, key) => post(`/v1/payments/${payment}/void`, {}, key),
    refund: (payment, amount, key) =>
      post('/v1/refunds', { payment, ...(amount === undefined ? {} : { amount }) }, key),
    async payment(id) {
      const { status, body } = await get<Payment>(`/v1/payments/${id}`);
      if (status !== 200) throw new Error(`GET payment answered ${status}`);
      return body;
    },
    payments: (until = null) => everyPayment(get, until),
  };
}

export function sale(token: string, more: object = {}): object {
  return { amount: 4200, currency: 'EUR', confirm: true, payment_method: card(token), ...more };
}

function card(token: string): object {
  return { type: 'card', token };
}

function keyHeader(key: string | null): Record<string, string> {
  return key === null ? {} : { 'idempotency-key': key };
}

async function exchange(url: string, init: RequestInit): Promise<Answer<unknown>> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? null : JSON.parse(text),
    text,
    replayed: response.headers.get('idempotent-replayed') === 'true',
    headers: response.headers,
  };
}

async function everyPayment(get: Client['get'], until: string | null): Promise<Payment[]> {
  const found: Payment[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
    type Page = { data: Payment[]; next_cursor: string | null };
    const { body }: Answer<Page> = await get<Page>(`/v1/payments?limit=100${from}`);
    const known = body.data.findIndex((payment) => payment.id === until);
    found.push(...(known === -1 ? body.data : body.data.slice(0, known)));
    cursor = known === -1 ? body.next_cursor : null;
  }
  return found;
}
