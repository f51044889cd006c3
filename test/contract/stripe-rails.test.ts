/** Bank debits, redirects and wallets through Stripe: what a merchant sees of them from the first answer to the last. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import type { Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';
import { type Contract, startContract } from './harness.ts';
import { STRIPE_SUBJECT } from './stripe.subject.ts';

const t = {} as Contract;

beforeAll(async () => {
  Object.assign(t, await startContract(STRIPE_SUBJECT));
  await t.provider.settings({ bank_debit_ms: 50, bank_return_ms: 100 });
});
afterAll(() => t.stop?.());

describe.each([
  {
    type: 'sepa_debit',
    currency: 'EUR',
    pays: 'pm_sepaDebit_success_de',
    refuses: 'pm_sepaDebit_accountClosed_de',
    returns: 'pm_sepaDebit_disputed_de',
    why: 'debit_not_authorized',
  },
  {
    type: 'ach_debit',
    currency: 'USD',
    pays: 'pm_usBankAccount_success',
    refuses: 'pm_usBankAccount_accountClosed',
    returns: 'pm_usBankAccount_lateInsufficientFunds',
    why: 'insufficient_funds',
  },
  {
    type: 'bacs_debit',
    currency: 'GBP',
    pays: 'pm_bacsDebit_success',
    refuses: 'pm_bacsDebit_accountClosed',
    returns: 'pm_bacsDebit_lateFailure',
    why: 'insufficient_funds',
  },
] as const)('$type', ({ type, currency, pays, refuses, returns, why }) => {
  test('is processing until the bank has answered, and is then paid', async () => {
    const { id, status } = await pay({ type, token: pays }, currency);
    expect(status).toBe('processing');
    const paid = await settled(id);
    expect(paid).toMatchObject({ status: 'captured', amount_captured: 4200, amount_reversed: 0 });
    expect(await disagreements(t.api, t.provider, [paid])).toEqual([]);
  });

  test('fails with the reason of the bank that refused it', async () => {
    const { id } = await pay({ type, token: refuses }, currency);
    const decline = { reason: 'invalid_account', raw_code: 'account_closed', category: 'hard_decline' };
    expect(await settled(id)).toMatchObject({
      status: 'requires_payment_method',
      latest_attempt: { decline },
    });
  });

  test('comes back weeks after its success: the money is taken back, and the reason is told', async () => {
    const { id } = await pay({ type, token: returns }, currency);
    await settled(id);
    const now = async () => {
      await settled(id);
      return t.api.payment(id);
    };
    await expect
      .poll(now, { timeout: 10_000 })
      .toMatchObject({ status: 'captured', amount_captured: 4200, amount_reversed: 4200 });
    const { body } = await t.api.get<object>(`/v1/payments/${id}/explain`);
    expect(JSON.stringify(body)).toContain(why);
    expect(body).toMatchObject({ customer: { message: expect.stringContaining('has not been made') } });
    expect((await t.api.refund(id)).body).toMatchObject({ code: 'amount_exceeds_refundable' });
    expect(await disagreements(t.api, t.provider, [await now()])).toEqual([]);
  });
});

describe('ideal', () => {
  test.each([
    ['approve', 'captured'],
    ['fail', 'requires_payment_method'],
  ] as const)('the customer goes to their bank: %s, %s', async (button, wished) => {
    const asked = await pay({ type: 'ideal' }, 'EUR');
    expect(asked).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect' } });
    // Closes the browser: nobody comes back to us, and the provider tells all the same.
    await t.provider.answerChallenge(asked.next_action?.url ?? '', button);
    await expect.poll(async () => (await settled(asked.id)).status, { timeout: 10_000 }).toBe(wished);
  });
});

test('a customer who is still at the bank: a void ends it, and what they do there later moves nothing', async () => {
  const asked = await pay({ type: 'card', token: 'pm_card_threeDSecure2Required' }, 'EUR');
  expect((await t.api.void(asked.id)).status).toBe(200);
  await t.provider.answerChallenge(asked.next_action?.url ?? '', 'approve');
  const payment = await settled(asked.id);
  expect(payment).toMatchObject({ status: 'voided', exceptions: [] });
  expect(await disagreements(t.api, t.provider, [payment])).toEqual([]);
});

test.each(['apple_pay', 'google_pay'] as const)('%s is passed through and captured at once', async (type) => {
  expect(await pay({ type, token: 'tok_visa' }, 'EUR')).toMatchObject({ status: 'captured' });
});

test('a debit cannot be authorised now and captured later: refused before any call', async () => {
  const method = { type: 'sepa_debit', token: 'pm_sepaDebit_success_de' } as const;
  const { status, body } = await t.api.post(
    '/v1/payments',
    order(method, 'EUR', { capture_method: 'manual' }),
  );
  expect([status, body]).toMatchObject([422, { code: 'not_supported_by_provider' }]);
});

async function pay(method: PaymentMethod, currency: string): Promise<Payment> {
  const { status, text, body } = await t.api.post('/v1/payments', order(method, currency));
  expect(status, text).toBeLessThan(300);
  return body;
}

function order(payment_method: PaymentMethod, currency: string, more: object = {}): object {
  return { amount: 4200, currency, confirm: true, payment_method, ...more };
}

async function settled(id: string): Promise<Payment> {
  const [payment] = await t.settled([id]);
  if (!payment) throw new Error(`${id} is not there`);
  return payment;
}
