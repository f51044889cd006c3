/** `truepenny seed`: demo payments in every state, made over HTTP like anybody's. Needs a running API. */

import { join } from 'node:path';
import { configuration, Problem } from './context.ts';
import { read } from './credentials.ts';

type Payment = { id: string; status: string };
type Call = (path: string, body: object) => Promise<Payment>;

const STORIES: readonly {
  name: string;
  token: string;
  capture: 'automatic' | 'manual';
  next?: (call: Call, payment: Payment) => Promise<unknown>;
}[] = [
  { name: 'captured', token: 'tok_approve', capture: 'automatic' },
  { name: 'declined', token: 'tok_decline_insufficient_funds', capture: 'automatic' },
  { name: 'waiting for the customer', token: 'tok_3ds', capture: 'automatic' },
  { name: 'pending, approved later', token: 'tok_pending_then_approve', capture: 'automatic' },
  { name: 'authorised', token: 'tok_approve', capture: 'manual' },
  { name: 'amount that differs', token: 'tok_wrong_amount', capture: 'automatic' },
  { name: 'unknown, resolved by look-up', token: 'tok_error_after', capture: 'automatic' },
  {
    name: 'voided',
    token: 'tok_approve',
    capture: 'manual',
    next: (call, p) => call(`/v1/payments/${p.id}/void`, {}),
  },
  {
    name: 'captured in part',
    token: 'tok_approve',
    capture: 'manual',
    next: (call, p) => call(`/v1/payments/${p.id}/capture`, { amount: 1000, final: false }),
  },
  {
    name: 'refunded in part',
    token: 'tok_approve',
    capture: 'automatic',
    next: (call, p) => call('/v1/refunds', { payment: p.id, amount: 700, reason: 'damaged' }),
  },
];

export async function run(): Promise<number> {
  const config = configuration();
  const key = read(join(config.dataDir, 'credentials.json'))?.secretKey;
  if (!key) throw new Problem('There is no API key.', 'Run npm start first.');
  const call = caller(config.publicUrl, key);
  for (const [index, story] of STORIES.entries()) {
    const payment_method = { type: 'card', token: story.token };
    const amount = 2500 + 150 * index;
    const body = {
      amount,
      currency: 'EUR',
      capture_method: story.capture,
      confirm: true,
      payment_method,
      reference: `demo-${index + 1}`,
      description: story.name,
    };
    const payment = await call('/v1/payments', body);
    await story.next?.(call, payment);
    console.log(`${payment.id}  ${story.name}`);
  }
  return 0;
}

function caller(api: string, key: string): Call {
  return async (path, body) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    };
    const answer = await fetch(`${api}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    }).catch(() => null);
    if (answer === null) throw new Problem(`The API at ${api} does not answer.`, 'Start it with npm start.');
    const text = await answer.text();
    if (!answer.ok) throw new Problem(`${path} answered ${answer.status}: ${text}`, 'See the API log.');
    return JSON.parse(text) as Payment;
  };
}
