/** Merchants' programs and their customers: each drives one payment after another through some of its life. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Payment } from '../support/client.ts';
import type { Provider } from '../support/provider.ts';
import { ask, type Sending } from './history.ts';

export type Shop = Sending & { provider: Provider; apiUrls: string[] };

const FAULTS = [
  'slow',
  'timeout_before',
  'timeout_after',
  'error_before',
  'error_after',
  'reset_before',
  'reset_after',
  'garbled',
];
const TOKENS = [
  'tok_decline_do_not_honor',
  'tok_pending_then_approve',
  'tok_pending_then_decline',
  'tok_rate_limited',
  'tok_wrong_amount',
  ...FAULTS.map((fault) => `tok_${fault}`),
];

/** One payment after another, at a bounded rate, until told to stop. */
export async function keepShopping(shop: Shop): Promise<void> {
  while (!shop.stopping.aborted) {
    await onePayment(shop);
    await delay(shop.random.between(5, 60));
  }
}

function onePayment(shop: Shop): Promise<void> {
  const { random } = shop;
  const life = random.pick([
    saleAndRefunds,
    saleAndRefunds,
    capturesInParts,
    capturesInParts,
    voided,
    oddToken,
    challenge,
    challenge,
    inDashboard,
  ]);
  return life(shop, random.between(2, 200) * 100);
}

async function saleAndRefunds(shop: Shop, amount: number): Promise<void> {
  const paid = await pay(shop, 'sale', 'tok_approve', amount);
  if (paid) await refundInParts(shop, paid.id, amount);
}

/** For the one who watches: a payment at one API, with nothing in its way. */
export async function sellOnce(shop: Shop): Promise<void> {
  await pay(shop, 'sale', 'tok_approve', 4200);
}

/** Somebody refunds at the provider: here it is known by webhook, or later by the list of what moved. */
async function inDashboard(shop: Shop, amount: number): Promise<void> {
  const { provider, history, random } = shop;
  const paid = await pay(shop, 'sale', 'tok_approve', amount);
  const part = random.between(1, amount);
  if (!paid?.latest_attempt?.provider_reference) return;
  const url = `${provider.url}/charges/${paid.latest_attempt.provider_reference}/refund`;
  // A simulator that is down just now refunds nothing; nobody tries again.
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ amount: part }) }).catch(
    () => null,
  );
  if (answer?.ok) history.dashboard.push({ payment: paid.id, amount: part });
}

async function capturesInParts(shop: Shop, amount: number): Promise<void> {
  const { random } = shop;
  const reserved = await pay(shop, 'reserve', 'tok_approve', amount);
  if (!reserved) return;
  for (let left = amount; left > 0 && random.chance(0.8); ) {
    const part = random.between(1, left);
    const final = random.chance(0.3);
    await perhapsArm(shop, 'capture', reserved.id);
    await ask(shop, { kind: 'capture', payment: reserved.id, amount: part }, (api, key) =>
      api.capture(reserved.id, { amount: part, final }, key),
    );
    left = final ? 0 : left - part;
  }
  if (random.chance(0.5)) await refundInParts(shop, reserved.id, amount);
}

async function voided(shop: Shop, amount: number): Promise<void> {
  const token = shop.random.chance(0.5) ? 'tok_approve' : shop.random.pick(TOKENS);
  const reserved = await pay(shop, 'reserve', token, amount);
  if (!reserved) return;
  await perhapsArm(shop, 'void', reserved.id);
  await ask(shop, { kind: 'void', payment: reserved.id, amount: 0 }, (api, key) =>
    api.void(reserved.id, key),
  );
}

async function oddToken(shop: Shop, amount: number): Promise<void> {
  const made = await pay(shop, shop.random.pick(['sale', 'reserve']), shop.random.pick(TOKENS), amount);
  if (made && shop.random.chance(0.6)) await confirm(shop, made.id, amount);
}

/** The customer answers or leaves, comes back once, twice or never, and may have another tab open. */
async function challenge(shop: Shop, amount: number): Promise<void> {
  const { random, provider } = shop;
  const made = await pay(shop, 'sale', 'tok_3ds', amount, { return_url: 'https://shop.example/back' });
  const page = made?.next_action?.url;
  if (!made || !page) return;
  const customer = async () => {
    const button = random.pick(['approve', 'approve', 'fail', 'abandon'] as const);
    const back = await provider.answerChallenge(page, button).catch(() => null);
    for (let times = random.between(0, 2); back !== null && times > 0; times--) await goBack(shop, back);
  };
  const otherTab = random.chance(0.4) ? confirm(shop, made.id, amount) : undefined;
  await Promise.all([customer(), otherTab]);
}

async function goBack({ random, apiUrls }: Shop, address: string): Promise<void> {
  const url = `${random.pick(apiUrls)}${new URL(address).pathname}`;
  await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) }).then(
    (answer) => answer.arrayBuffer(),
    () => undefined, // a customer whose browser shows an error does not try again; the worker finds out
  );
}

function confirm(shop: Shop, payment: string, amount: number): Promise<Answer<unknown>> {
  return ask(shop, { kind: 'confirm', payment, amount }, (api, key) =>
    api.confirm(payment, 'tok_approve', key),
  );
}

async function refundInParts(shop: Shop, payment: string, amount: number): Promise<void> {
  for (let times = shop.random.between(0, 3); times > 0; times--) {
    const part = shop.random.between(1, Math.ceil(amount / 2));
    await perhapsArm(shop, 'refund', payment);
    await ask(shop, { kind: 'refund', payment, amount: part }, (api, key) => api.refund(payment, part, key));
  }
}

/** The payment as it was first told of; null where no payment was made. */
async function pay(
  shop: Shop,
  kind: 'sale' | 'reserve',
  token: string,
  amount: number,
  more: object = {},
): Promise<Payment | null> {
  const answer = await ask(shop, { kind, payment: null, amount }, (api, key) =>
    api[kind](token, { amount, ...more }, key),
  );
  return answer.status < 300 ? (answer.body as Payment) : null;
}

async function perhapsArm(
  { random, provider }: Shop,
  operation: 'capture' | 'void' | 'refund',
  reference: string,
) {
  if (!random.chance(0.25)) return;
  const fault = random.pick(FAULTS);
  // A simulator that is down just now cannot be told, and then does not misbehave.
  await provider.arm({ operation, fault, reference }).catch(() => undefined);
}
