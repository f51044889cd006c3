/** What every connector must do, the same for each: the simulator's books say what really happened. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { currencyDecimals } from '../../src/core/currencies.ts';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import { FAULTS, type Fault } from '../../src/simulator/faults.ts';
import type { Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';
import { capabilities } from './can.ts';
import { type Contract, startContract } from './harness.ts';
import { createReport, type Report } from './report.ts';
import { inSandbox } from './sandbox.ts';
import { AMOUNT, arm, expectEnd, order, pay } from './steps.ts';
import type { ContractSubject } from './subject.ts';

/** Zero, two and three decimals, and those where providers deviate from ISO 4217. */
const CURRENCIES = ['EUR', 'JPY', 'KWD', 'ISK', 'CLP', 'HUF', 'TWD', 'UGX'];
const MOVING = ['authorize', 'capture', 'void', 'refund'] as const;
type Moving = (typeof MOVING)[number];

export function contract(subject: ContractSubject): void {
  describe(`${subject.provider} ${subject.version}`, () => {
    const t = {} as Contract;
    const report = createReport(subject);
    beforeAll(async () => {
      Object.assign(t, await startContract(subject));
      report.capabilities(t.capabilities);
    });
    afterAll(() => t.stop?.());
    outcomes(t, subject, report);
    capabilities(t, subject, report);
    faults(t, subject, report);
    currencies(t, subject, report);
    test.skipIf(subject.webhooks === null)('what the provider sent was verified, read and applied', () =>
      understood(t),
    );
    test('the results that are kept are those of this run; else npm run contract', () => report.check());
  });
  inSandbox(subject);
}

function outcomes(t: Contract, { methods }: ContractSubject, report: Report): void {
  test('an approval is captured, once', async () => {
    const { id } = await pay(t, methods.approve);
    await expectEnd(t, id, { status: 'captured', amount_captured: AMOUNT });
    report.outcome('approved', 'captured');
  });

  test.each(Object.entries(methods.declines))('a decline is told as %s', async (category, method) => {
    if (method === null) return report.outcome(category, 'no such value');
    const { id } = await pay(t, method);
    const [payment] = await t.settled([id]);
    expect(payment).toMatchObject({
      status: 'requires_payment_method',
      latest_attempt: { decline: { category } },
    });
    expect(await disagreements(t.api, t.provider, payment ? [payment] : [])).toEqual([]);
    report.outcome(category, `declined as ${payment?.latest_attempt?.decline?.reason}`);
  });

  test.each(['approve', 'fail'] as const)('a customer is asked to confirm: %s', async (button) => {
    if (methods.challenge === null || !t.capabilities.threeDs)
      return report.outcome(`challenge, ${button}`, 'not claimed');
    const asked = await pay(t, methods.challenge);
    expect(asked).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect' } });
    const back = await t.provider.answerChallenge(asked.next_action?.url ?? '', button);
    expect(back).not.toBeNull();
    await (await fetch(back ?? '', { redirect: 'manual' })).text();
    const wished = button === 'approve' ? 'captured' : 'requires_payment_method';
    await expectEnd(t, asked.id, { status: wished });
    report.outcome(`challenge, ${button}`, wished);
  });

  test.each([
    ['pendingThenApprove', 'captured'],
    ['pendingThenDecline', 'requires_payment_method'],
  ] as const)('%s: processing first, then %s', async (name, wished) => {
    const method = methods[name];
    if (method === null) return report.outcome(name, 'no such value');
    expect(await pay(t, method)).toMatchObject({ status: 'processing' });
    const [{ id = '' } = {}] = await t.api.payments();
    await expectEnd(t, id, { status: wished });
    report.outcome(name, wished);
  });
}

/**
 * Each fault on each operation: unknown is resolved without a second effect, by what this provider really offers.
 * Where that is a look-up, the webhooks come only afterwards, and change nothing.
 */
function faults(t: Contract, { methods }: ContractSubject, report: Report): void {
  const meant = FAULTS.filter((fault) => fault !== 'declined' && fault !== 'in_flight');
  test.each(MOVING)(
    '%s: whatever happens to the call, it has one effect or none, and we know which',
    async (operation) => {
      if (operation === 'void' && !t.capabilities.void) return;
      if (t.capabilities.lookUp[operation].kind === 'offered') await t.provider.webhooks('pause');
      const ids = await Promise.all(meant.map((fault) => struck(t, methods.approve, operation, fault)));
      const payments = await t.settled(ids);
      expect(await disagreements(t.api, t.provider, payments)).toEqual([]);
      await t.provider.webhooks('resume');
      await understood(t);
      expect(await disagreements(t.api, t.provider, await t.settled(ids))).toEqual([]);
      for (const [n, fault] of meant.entries()) {
        const effects = await effectsOf(t, ids[n] ?? '', operation);
        if (fault.endsWith('_after') || fault === 'garbled') expect(effects, fault).toBe(1);
        else expect(effects, fault).toBeLessThanOrEqual(1);
        const types = payments[n]?.exceptions.map((x) => x.type) ?? [];
        expect(types, fault).toEqual(
          fault === 'wrong_amount' && operation !== 'void' ? ['amount_mismatch'] : [],
        );
        report.fault(operation, fault, effects === 1 ? 'once' : 'not at all');
      }
    },
  );
}

function currencies(t: Contract, { methods }: ContractSubject, report: Report): void {
  test.each(CURRENCIES)('%s arrives exactly as it was meant', async (currency) => {
    const all = t.capabilities.currencies;
    const asked = await t.api.post<Payment & { code?: string }>(
      '/v1/payments',
      order(methods.approve, { currency }),
    );
    if (all !== 'all' && !all.includes(currency)) {
      expect(asked).toMatchObject({ status: 422, body: { code: 'not_supported_by_provider' } });
      return report.currency(currency, 'not claimed: refused before any call');
    }
    const { id } = asked.body;
    await expectEnd(t, id, { status: 'captured', amount_captured: AMOUNT, currency });
    expect(await t.provider.charges(id)).toMatchObject([{ currency, captured: AMOUNT }]);
    report.currency(currency, `exact, ${currencyDecimals(currency)} decimals`);
  });
}

/** Every delivery so far was applied, or said nothing of money; none is parked, set aside or refused. */
async function understood(t: Contract): Promise<void> {
  if (t.capabilities.webhooks === null) return;
  const seen = async () => {
    await t.settled([]);
    const { applied = 0, ignored: _, ...others } = await t.deliveries();
    return { applied: applied > 0, unsent: await t.provider.webhooksPending(), ...others };
  };
  await expect.poll(seen, { timeout: 10_000, interval: 50 }).toEqual({ applied: true, unsent: 0 });
}

/** A payment one of whose operations meets the fault; how that is answered is not the question here. */
async function struck(t: Contract, method: PaymentMethod, operation: Moving, fault: Fault): Promise<string> {
  const { approve } = { approve: method };
  if (operation === 'authorize') {
    const { body } = await t.api.post('/v1/payments', order(approve, { confirm: false }));
    await arm(t, operation, fault, body.id);
    await t.api.post(`/v1/payments/${body.id}/confirm`, {});
    return body.id;
  }
  const { id } = await pay(t, approve, operation === 'refund' ? 'automatic' : 'manual');
  await t.settled([id]);
  await arm(t, operation, fault, id);
  if (operation === 'capture') await t.api.capture(id);
  if (operation === 'void') await t.api.void(id);
  if (operation === 'refund') await t.api.refund(id, t.capabilities.partialRefund ? 1000 : undefined);
  return id;
}

async function effectsOf(t: Contract, id: string, operation: Moving): Promise<number> {
  const charges = await t.provider.charges(id);
  switch (operation) {
    case 'authorize':
      return charges.filter((c) => c.authorized > 0).length;
    case 'capture':
      return charges.flatMap((c) => c.captures).length;
    case 'void':
      return charges.filter((c) => c.voided > 0).length;
    case 'refund':
      return charges.flatMap((c) => c.refunds).length;
    default:
      return operation satisfies never;
  }
}
