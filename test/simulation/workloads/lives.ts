/** Lives of payments: each a script with chances, the same for the same seed and number. */

import type { PaymentMethod } from '../../../src/core/payment/events.ts';
import { DETAILS } from '../details.ts';
import { anyProcess, ask, type Merchant, pause } from '../merchants.ts';
import { type MethodKind, methodOf } from '../providers.ts';
import type { Answer } from '../steps.ts';

export type Shown = {
  id: string;
  status: string;
  amount: number;
  amount_capturable: number;
  amount_captured: number;
  amount_refundable: number;
  latest_attempt: { id: string; provider_reference: string | null } | null;
};

export type Workload = { name: string; weight: number; live(merchant: Merchant): Promise<void> };

const CURRENCIES = ['EUR', 'USD', 'JPY', 'KWD'] as const;

/** A way to pay that does so at this seed's provider. */
export function method({ simulation }: Merchant, kind: MethodKind): PaymentMethod {
  return methodOf(simulation.provided, kind);
}

export function createInput(merchant: Merchant, kind: MethodKind, capture_method: 'automatic' | 'manual') {
  return {
    amount: merchant.random.between(1, 100_000),
    currency: merchant.random.pick(CURRENCIES),
    confirm: true,
    allow_partial_authorization: false,
    payment_method: method(merchant, kind),
    capture_method,
    off_session: false,
    provider_account: null,
    reference: `order-${merchant.number}`,
    details: DETAILS,
  };
}

/** The payment of an answer; null where it tells of none, or there was no answer. */
export function shownIn(answer: Answer | null): Shown | null {
  if (answer === null || answer.status >= 300) return null;
  const shown = JSON.parse(answer.text) as Shown & { object: string };
  return shown.object === 'payment' ? shown : null;
}

/** Creates a payment. Who gives up may come back with a new key: that is another payment. */
export async function create(merchant: Merchant, input: object): Promise<Shown | null> {
  const shown = shownIn(await ask(merchant, 'create', input, null));
  if (shown !== null || merchant.random.between(1, 100) > merchant.habits.newKey) return shown;
  await pause(merchant, merchant.random.between(1_000, 3600_000));
  return shownIn(await ask(merchant, 'create', input, null));
}

/** As its merchant sees it now, from any process; null while none answers. */
export async function look(merchant: Merchant, payment: string): Promise<Shown | null> {
  const process = anyProcess(merchant);
  if (process === null) return null;
  const asked = process.payments.retrieve(merchant.principal, payment).catch(() => null);
  const reply = await Promise.race([asked, pause(merchant, 10_000).then(() => null)]);
  return reply?.status === 200 ? (reply.body as Shown) : null;
}

/** Waits until the payment is no longer processing, for as long as a merchant would. */
export async function settled(merchant: Merchant, made: Shown): Promise<Shown | null> {
  if (made.status !== 'processing') return made;
  const payment = made.id;
  for (let tries = 0; tries < 8; tries += 1) {
    const shown = await look(merchant, payment);
    if (shown !== null && shown.status !== 'processing') return shown;
    await pause(merchant, 1_000 * 4 ** tries);
  }
  return look(merchant, payment);
}

/** A few refunds, some too large, some at the same moment. `most` as far as the merchant knows. */
export async function refunds(merchant: Merchant, payment: string, most: number): Promise<void> {
  const { random } = merchant;
  if (most === 0) return;
  for (let left = random.between(0, 2); left > 0; left -= 1) {
    await pause(merchant, random.between(0, 3600_000));
    const amount = random.chance(0.3) ? null : random.between(1, Math.ceil(most * 0.8));
    const input = { payment, amount, reason: null, metadata: {} };
    const both = random.between(1, 100) <= merchant.habits.concurrent;
    await Promise.all([
      ask(merchant, 'refund', input, payment),
      ...(both ? [ask(merchant, 'refund', input, payment)] : []),
    ]);
  }
}
