/** What ends at a provider ends here by what the provider tells by itself: a look-up would not be answered. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';
import { ADYEN_SUBJECT } from './adyen.ts';
import { BRAINTREE_SUBJECT } from './braintree.ts';
import { CHECKOUT_SUBJECT } from './checkout.ts';
import { type Contract, startContract } from './harness.ts';
import { paypalSubject } from './paypal-subject.ts';
import { STRIPE_SUBJECT } from './stripe.subject.ts';
import { SIMULATOR_SUBJECT } from './subjects.ts';

const HOUR_MS = 3600_000;

const SUBJECTS = [
  SIMULATOR_SUBJECT,
  STRIPE_SUBJECT,
  ADYEN_SUBJECT,
  BRAINTREE_SUBJECT,
  paypalSubject(),
  CHECKOUT_SUBJECT,
];

describe.each(SUBJECTS)('at $provider', (subject) => {
  const t = {} as Contract;
  const clock = { hours: 0 };
  beforeAll(async () => {
    Object.assign(t, await startContract(subject));
    await t.provider.settings({ bank_debit_ms: 50 });
  });
  afterAll(() => t.stop?.());

  async function pay(payment_method: object, more: object = {}): Promise<string> {
    const order = { amount: 4200, currency: 'EUR', confirm: true, payment_method, ...more };
    const { status, body } = await t.api.post<Payment>('/v1/payments', order);
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    // PayPal alone has to be asked whether an event is its own.
    if (subject.provider !== 'paypal')
      await t.provider.arm({ operation: 'lookup', fault: 'error_before', times: 1_000, reference: body.id });
    return body.id;
  }

  async function inDashboard(id: string, act: string): Promise<void> {
    const [charge] = await t.provider.charges(id);
    const path = `${t.provider.url}/charges/${charge?.provider_reference}/${act}`;
    const answer = await fetch(path, { method: 'POST', body: '{}' });
    expect(answer.ok, await answer.text()).toBe(true);
  }

  /** By webhooks, and by the list of the account where the provider sends none of this kind. */
  async function ends(id: string, status: string): Promise<Payment> {
    const now = async () => {
      clock.hours += 1;
      await t.list(clock.hours * HOUR_MS);
      await t.work(0);
      return (await t.api.payment(id)).status;
    };
    await expect.poll(now, { timeout: 10_000, interval: 50 }).toBe(status);
    const payment = await t.api.payment(id);
    expect(await disagreements(t.api, t.provider, [payment])).toEqual([]);
    return payment;
  }

  test('what is refused after it was accepted is told as refused, and another way may pay', async () => {
    const method = subject.methods.pendingThenDecline;
    if (method === null) throw new Error('every provider has one');
    const id = await pay(method);
    const refused = await ends(id, 'requires_payment_method');
    expect(refused.latest_attempt).toMatchObject({ outcome: 'declined' });
    await t.provider.disarm();
    const paid = { payment_method: subject.methods.approve };
    expect((await t.api.post<Payment>(`/v1/payments/${id}/confirm`, paid)).status).toBeLessThan(300);
    expect(await t.settled([id])).toMatchObject([{ status: 'captured' }]);
  });

  test('what is cancelled there is voided here, and a person is told', async () => {
    const id = await pay(subject.methods.approve, { capture_method: 'manual' });
    await inDashboard(id, 'void');
    const voided = await ends(id, 'voided');
    expect(voided.exceptions.map(({ type }) => type)).toEqual(['unrequested_void']);
  });

  test('what lapses there is expired here', async () => {
    const id = await pay(subject.methods.approve, { capture_method: 'manual' });
    await inDashboard(id, 'expire');
    const expired = await ends(id, 'expired');
    expect(expired.exceptions).toEqual([]);
  });
});
