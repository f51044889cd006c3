/** The customer's browser comes back, and the provider's webhook comes: whichever is first, and both at once. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADYEN_SUBJECT } from '../contract/adyen.ts';
import { type Contract, startContract } from '../contract/harness.ts';
import { STRIPE_SUBJECT } from '../contract/stripe.subject.ts';
import type { Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';

const PAYMENTS = 12;

describe.each([
  ['iDEAL at Adyen', ADYEN_SUBJECT, { type: 'ideal' }],
  ['a 3DS challenge at Stripe', STRIPE_SUBJECT, { type: 'card', token: 'tok_3ds' }],
] as const)('%s', (_, subject, payment_method) => {
  const t = {} as Contract;
  beforeAll(async () => {
    Object.assign(t, await startContract(subject));
  });
  afterAll(() => t.stop?.());
  beforeEach(() => t.provider.webhooks('pause'));

  /** Paid at the bank: the customer is on the way back, and the webhook waits to be sent. */
  async function paidAtTheBank(): Promise<{ id: string; back: string }> {
    const order = { amount: 4200, currency: 'EUR', confirm: true, payment_method };
    const { body } = await t.api.post<Payment>('/v1/payments', order);
    expect(body.status).toBe('requires_action');
    const back = await t.provider.answerChallenge(body.next_action?.url ?? '', 'approve');
    return { id: body.id, back: back ?? '' };
  }

  async function comeBack(address: string): Promise<void> {
    const answer = await fetch(address, { redirect: 'manual' });
    await answer.text();
    expect(answer.status).toBeLessThan(400);
  }

  /** The webhook is sent, taken and applied. */
  async function hear(): Promise<void> {
    await t.provider.webhooks('resume');
    const unsent = async () => {
      await t.work(0);
      return t.provider.webhooksPending();
    };
    await expect.poll(unsent, { timeout: 10_000, interval: 5 }).toBe(0);
    await t.work(0);
  }

  async function expectOneCharge(ids: string[]): Promise<void> {
    const payments = await t.settled(ids);
    for (const { id, status, amount_captured, exceptions } of payments) {
      expect([status, amount_captured, exceptions]).toEqual(['captured', 4200, []]);
      expect(await t.provider.charges(id)).toMatchObject([{ captured: 4200, captures: [{ amount: 4200 }] }]);
      const { body } = await t.api.get<{ data: { type: string }[] }>(`/v1/payments/${id}/events?limit=100`);
      expect(body.data.filter(({ type }) => type === 'capture_succeeded')).toHaveLength(1);
    }
    expect(await disagreements(t.api, t.provider, payments)).toEqual([]);
  }

  test('the customer comes back, and then the webhook: one charge', async () => {
    const { id, back } = await paidAtTheBank();
    await comeBack(back);
    expect((await t.api.payment(id)).status).toBe('captured');
    await hear();
    await expectOneCharge([id]);
  });

  test('the webhook comes, and then the customer: one charge', async () => {
    const { id, back } = await paidAtTheBank();
    await hear();
    expect((await t.api.payment(id)).status).toBe('captured');
    await comeBack(back);
    await expectOneCharge([id]);
  });

  test.each(['customer', 'webhook'])(
    'both at the same moment, the %s a step ahead: one charge',
    async (first) => {
      const paid = await Promise.all(Array.from({ length: PAYMENTS }, paidAtTheBank));
      const customers = () => paid.map(({ back }) => comeBack(back));
      const both = first === 'customer' ? [...customers(), hear()] : [hear(), ...customers()];
      await Promise.all(both);
      await expectOneCharge(paid.map(({ id }) => id));
    },
  );
});
