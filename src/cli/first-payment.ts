/** The first payment: over HTTP like anybody's, told in a few lines. Once per database; later starts only say where things are. */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatMoney } from '../core/money.ts';
import type { Credentials } from './credentials.ts';

export type FirstPaymentOptions = {
  api: string;
  simulatorUrl: string;
  publicUrl: string;
  dataDir: string;
  credentials: Credentials;
  /** The keys were made just now: they are shown this once. */
  fresh: boolean;
  say(message: string): void;
};

type Payment = {
  id: string;
  status: string;
  currency: string;
  amount_captured: number;
  amount_refunded: number;
};

export async function firstPayment(options: FirstPaymentOptions): Promise<void> {
  const { say, credentials, fresh, dataDir } = options;
  const done = join(dataDir, 'first-payment');
  if (fresh || !existsSync(done)) {
    const id = await wholeLife(options);
    writeFileSync(done, `${id}\n`);
  }
  say('');
  if (fresh)
    say(
      `Test keys, shown this once:  secret ${credentials.secretKey}\n                        publishable ${credentials.publishableKey}`,
    );
  say(`Keys          ${join(dataDir, 'credentials.json')}`);
  say(`API           ${options.publicUrl}/v1        reference: ${options.publicUrl}/docs`);
  say(`Simulator     ${options.simulatorUrl}/tokens   its books: ${options.simulatorUrl}/books`);
  say('\nTruepenny is serving. Ctrl-C stops it.');
}

async function wholeLife(options: FirstPaymentOptions): Promise<string> {
  const { say } = options;
  const call = caller(options);
  say('\nA first payment, over HTTP:');
  const sale = await call<Payment>('/v1/payments', body('automatic', 4200));
  say(
    `  ${sale.id}  ${formatMoney({ amountMinor: sale.amount_captured, currency: sale.currency })} authorised and captured → ${sale.status}`,
  );
  if (sale.status !== 'captured') {
    say(
      `  No money moved: is the first of the provider accounts right? Why: npx truepenny explain ${sale.id}`,
    );
    return sale.id;
  }
  const refund = await call<{ id: string; status: string }>('/v1/refunds', {
    payment: sale.id,
    amount: 500,
    reason: 'one item came back',
  });
  say(
    `  ${refund.id}  ${formatMoney({ amountMinor: 500, currency: sale.currency })} refunded → ${refund.status}`,
  );
  const held = await call<Payment>('/v1/payments', body('manual', 9900));
  const voided = await call<Payment>(`/v1/payments/${held.id}/void`, {});
  say(`  ${held.id}  EUR 99.00 authorised, then voided → ${voided.status}`);
  const explanation = await call<{ invariants: { holds: boolean }[] }>(`/v1/payments/${sale.id}/explain`);
  const held_ = explanation.invariants.filter((i) => i.holds).length;
  say(
    `  ${held_} of ${explanation.invariants.length} invariants hold; why and how: npx truepenny explain ${sale.id}`,
  );
  return sale.id;
}

function body(capture_method: 'automatic' | 'manual', amount: number): object {
  const payment_method = { type: 'card', token: 'tok_approve' };
  return {
    amount,
    currency: 'EUR',
    capture_method,
    confirm: true,
    payment_method,
    reference: 'first-payment',
  };
}

function caller({ api, credentials }: FirstPaymentOptions): <T>(path: string, body?: object) => Promise<T> {
  return async <T>(path: string, body?: object): Promise<T> => {
    const headers: Record<string, string> = { authorization: `Bearer ${credentials.secretKey}` };
    if (body)
      Object.assign(headers, { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() });
    const answer = await fetch(
      `${api}${path}`,
      body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers },
    );
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the first payment failed: ${path} answered ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  };
}
