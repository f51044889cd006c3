/** What a connector says that its provider can do, done; and what it does not say, refused before any call. */

import { expect, test } from 'vitest';
import type { Answer } from '../support/client.ts';
import type { Contract } from './harness.ts';
import type { Report } from './report.ts';
import { AMOUNT, accepted, arm, expectEnd, pay } from './steps.ts';
import type { ContractSubject } from './subject.ts';

export function capabilities(t: Contract, { methods }: ContractSubject, report: Report): void {
  const authorized = async () => (await pay(t, methods.approve, 'manual')).id;
  const captured = async () => {
    const { id } = await pay(t, methods.approve);
    await t.settled([id]);
    return id;
  };

  test('an authorisation is captured as a whole', async () => {
    const id = await authorized();
    await expectEnd(t, id, { status: 'authorized', amount_capturable: AMOUNT });
    await accepted(t.api.capture(id));
    await expectEnd(t, id, { status: 'captured', amount_captured: AMOUNT });
  });

  test('a partial capture releases the rest', async () => {
    const id = await authorized();
    await claimed(t, report, id, 'partial_capture', t.capabilities.partialCapture, async () => {
      await accepted(t.api.capture(id, { amount: 1500 }));
      await expectEnd(t, id, { status: 'captured', amount_captured: 1500, amount_capturable: 0 });
    });
  });

  test('several captures of one authorisation', async () => {
    const id = await authorized();
    await claimed(t, report, id, 'multiple_captures', t.capabilities.multipleCaptures, async () => {
      await accepted(t.api.capture(id, { amount: 1500, final: false }));
      await expectEnd(t, id, {
        status: 'partially_captured',
        amount_captured: 1500,
        amount_capturable: 2700,
      });
      await accepted(t.api.capture(id, { amount: 2700 }));
      await expectEnd(t, id, { status: 'captured', amount_captured: AMOUNT });
      for (const amount of [2700, 1500]) await accepted(t.api.refund(id, amount));
      await expectEnd(t, id, { amount_refunded: AMOUNT });
    });
  });

  test('a void releases an authorisation', async () => {
    const id = await authorized();
    await claimed(t, report, id, 'void', t.capabilities.void, async () => {
      await accepted(t.api.void(id));
      await expectEnd(t, id, { status: 'voided', amount_capturable: 0 });
    });
  });

  test.each(['at once', 'timeout_after'] as const)(
    'a void after a partial capture releases the rest: %s',
    async (fault) => {
      if (!t.capabilities.multipleCaptures)
        return report.capability('void_remainder', 'never needed: a partial capture releases the rest');
      const id = await authorized();
      await accepted(t.api.capture(id, { amount: 1500, final: false }));
      await expectEnd(t, id, { status: 'partially_captured', amount_capturable: 2700 });
      await claimed(t, report, id, 'void_remainder', t.capabilities.voidRemainder, async () => {
        if (fault !== 'at once') await arm(t, 'void', fault, id);
        await accepted(t.api.void(id));
        await expectEnd(t, id, { status: 'captured', amount_captured: 1500, amount_capturable: 0 });
        expect(await t.provider.charges(id)).toMatchObject([{ captured: 1500, voided: 2700 }]);
        await accepted(t.api.refund(id, 1500));
        await expectEnd(t, id, { amount_refunded: 1500 });
      });
    },
  );

  test('a full refund', async () => {
    const id = await captured();
    await accepted(t.api.refund(id));
    await expectEnd(t, id, { status: 'captured', amount_refunded: AMOUNT });
  });

  test('a partial refund, and then another', async () => {
    const id = await captured();
    await claimed(t, report, id, 'partial_refund', t.capabilities.partialRefund, async () => {
      await accepted(t.api.refund(id, 1000));
      await expectEnd(t, id, { amount_refunded: 1000 });
    });
    if (!t.capabilities.partialRefund) return;
    await claimed(t, report, id, 'multiple_refunds', t.capabilities.multipleRefunds, async () => {
      await accepted(t.api.refund(id, 500));
      await expectEnd(t, id, { amount_refunded: 1500 });
    });
  });
}

/** Done where it is claimed; else refused with its name, and the provider hears nothing of it. */
async function claimed(
  t: Contract,
  report: Report,
  id: string,
  capability: string,
  offered: boolean,
  use: () => Promise<void>,
): Promise<void> {
  if (offered) {
    await use();
    return report.capability(capability, 'proved');
  }
  const before = await t.provider.calls(id);
  const refused = await ask(t, id, capability);
  expect(refused).toMatchObject({ status: 422, body: { code: 'not_supported_by_provider', capability } });
  expect(await t.provider.calls(id)).toHaveLength(before.length);
  report.capability(capability, 'not claimed: refused before any call');
}

function ask(t: Contract, id: string, capability: string): Promise<Answer<unknown>> {
  if (capability.startsWith('void')) return t.api.void(id);
  if (capability.endsWith('refund') || capability.endsWith('refunds')) return t.api.refund(id, 500);
  return t.api.capture(id, { amount: 1500, final: capability === 'partial_capture' });
}
