import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Payment } from '../support/client.ts';
import { endToEnd, startWorkers } from '../support/e2e.ts';

const t = endToEnd({ workers: 'later' });
const RETURN_URL = 'https://shop.example/orders/1';

describe('a 3DS challenge', () => {
  test('that is approved captures the payment when the customer comes back, and sends them on', async () => {
    const { id, page } = await challenged();
    const back = await t.provider.answerChallenge(page, 'approve');
    expect(await goBack(back)).toBe(`${RETURN_URL}?payment=${id}`);
    expect(await t.api.payment(id)).toMatchObject({
      status: 'captured',
      amount_captured: 4200,
      next_action: null,
    });
    expect(await t.provider.charges(id)).toHaveLength(1);
  });

  test('that fails is a decline, and another card may pay', async () => {
    const { id, page } = await challenged();
    await goBack(await t.provider.answerChallenge(page, 'fail'));
    const failed = await t.api.payment(id);
    expect(failed.status).toBe('requires_payment_method');
    expect(failed.latest_attempt?.decline?.reason).toBe('authentication_failed');
    expect((await t.api.confirm(id, 'tok_approve')).body.status).toBe('captured');
  });

  test('that is abandoned is found out by the worker', async () => {
    const { id, page } = await challenged();
    expect(await t.provider.answerChallenge(page, 'abandon')).toBeNull();
    await startWorkers(t.deployment);
    const left = await t.until(id, (p) => p.status === 'requires_payment_method', 'given up');
    expect(left.latest_attempt?.decline?.reason).toBe('authentication_abandoned');
  });

  test('that is approved is captured even if the customer never comes back', async () => {
    const { id, page } = await challenged();
    await t.provider.answerChallenge(page, 'approve');
    await startWorkers(t.deployment);
    await t.until(id, (p) => p.status === 'captured', 'captured');
    expect(await t.provider.charges(id)).toHaveLength(1);
  });

  test('that is approved twice, with the customer back ten times over two processes, charges once', async () => {
    const { id, page } = await challenged();
    const [back] = await Promise.all([
      t.provider.answerChallenge(page, 'approve'),
      t.provider.answerChallenge(page, 'approve'),
    ]);
    await Promise.all(Array.from({ length: 10 }, (_, n) => goBack(back, n % 2)));
    expect(await t.settled(id)).toMatchObject({ status: 'captured', amount_captured: 4200 });
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 4200, captures: [{ amount: 4200 }] }]);
  });

  test('whose customer comes back without having answered goes on waiting', async () => {
    const { id, page } = await challenged();
    await goBack(`${t.deployment.apis[0]?.url}/return/${(await t.api.payment(id)).latest_attempt?.id}`);
    expect((await t.api.payment(id)).status).toBe('requires_action');
    await goBack(await t.provider.answerChallenge(page, 'approve'));
    expect((await t.api.payment(id)).status).toBe('captured');
  });

  test('whose customer comes back just as the worker asks charges once, whoever is first', async () => {
    await startWorkers(t.deployment);
    // The worker asks about two seconds after the challenge: customers come back before, then, and after.
    await Promise.all(Array.from({ length: 12 }, (_, n) => returnAfter(1_500 + n * 100)));
  });

  test.each(['timeout_before', 'timeout_after', 'error_after', 'reset_after', 'garbled'])(
    'whose completion ends in %s is unknown until the provider tells, and charges once',
    async (fault) => {
      const { id, page } = await challenged();
      await t.provider.arm({ operation: 'complete', fault, reference: id });
      await goBack(await t.provider.answerChallenge(page, 'approve'));
      expect(await t.api.payment(id)).toMatchObject({
        status: 'processing',
        pending_operations: [{ kind: 'complete' }],
      });
      expect((await t.api.confirm(id, 'tok_approve')).body).toMatchObject({ code: 'operation_unresolved' });
      await startWorkers(t.deployment);
      expect(await t.settled(id)).toMatchObject({ status: 'captured', amount_captured: 4200 });
      expect(await t.provider.charges(id)).toHaveLength(1);
    },
  );

  test('whose completion is turned away is finished all the same, while the customer waits', async () => {
    const { id, page } = await challenged();
    await t.provider.arm({ operation: 'complete', fault: 'rate_limited', times: 2, reference: id });
    await goBack(await t.provider.answerChallenge(page, 'approve'));
    expect(await t.api.payment(id)).toMatchObject({ status: 'captured', amount_captured: 4200 });
    expect(await t.provider.charges(id)).toHaveLength(1);
    const { body } = await t.api.get<{ provider: { endpoint: string; outcome: string }[] }>(
      `/v1/payments/${id}/explain`,
    );
    const completions = body.provider.filter(({ endpoint }) => endpoint.endsWith('/complete'));
    expect(completions.map(({ outcome }) => outcome)).toEqual([
      'not_sent',
      'not_sent',
      'authorization_approved',
    ]);
  });

  test('whose completion is turned away for good has moved nothing, and another card may pay', async () => {
    const { id, page } = await challenged();
    await t.provider.arm({ operation: 'complete', fault: 'rate_limited', times: 9, reference: id });
    await goBack(await t.provider.answerChallenge(page, 'approve'));
    expect(await t.api.payment(id)).toMatchObject({ status: 'requires_payment_method', amount_captured: 0 });
    expect((await t.api.confirm(id, 'tok_approve')).body.status).toBe('captured');
  });

  test('that the merchant voids holds nothing, even if the customer approves later', async () => {
    const { id, page } = await challenged();
    expect((await t.api.void(id)).body.status).toBe('voided');
    await goBack(await t.provider.answerChallenge(page, 'approve'));
    expect(await t.settled(id)).toMatchObject({ status: 'voided', amount_captured: 0 });
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 0 }]);
  });
});

describe('a second card in another tab, while a challenge is open', () => {
  test('replaces the challenge: it is cancelled first, and answering it then changes nothing', async () => {
    const { id, page } = await challenged();
    expect((await t.otherApi.confirm(id, 'tok_approve')).body).toMatchObject({ status: 'captured' });
    await goBack(await t.provider.answerChallenge(page, 'approve'));
    await expectOneCharge(id);
  });

  test('wins over a challenge that was approved and not yet finished', async () => {
    const { id, page } = await challenged();
    const back = await t.provider.answerChallenge(page, 'approve');
    await t.otherApi.confirm(id, 'tok_approve');
    await goBack(back);
    await expectOneCharge(id);
  });

  test('comes too late when the challenge was finished before', async () => {
    const { id, page } = await challenged();
    await goBack(await t.provider.answerChallenge(page, 'approve'));
    expect((await t.otherApi.confirm(id, 'tok_approve')).body).toMatchObject({
      code: 'payment_not_confirmable',
    });
    await expectOneCharge(id);
  });

  test('at the same moment as the approval ends with one charge, whoever is first', async () => {
    await startWorkers(t.deployment);
    await Promise.all(
      Array.from({ length: 16 }, async (_, n) => {
        const { id, page } = await challenged();
        const customer = t.provider.answerChallenge(page, 'approve').then((back) => goBack(back, n % 2));
        await Promise.all([customer, t.otherApi.confirm(id, 'tok_approve')]);
        await expectOneCharge(id);
      }),
    );
  });

  test.each(['timeout_before', 'timeout_after', 'reset_after', 'rate_limited'])(
    'waits for the cancelling of the first when that ends in %s',
    async (fault) => {
      const { id, page } = await challenged();
      await t.provider.arm({ operation: 'void', fault, reference: id });
      const waiting = await t.api.confirm(id, 'tok_approve');
      expect(waiting).toMatchObject({
        status: 202,
        body: { status: 'processing', pending_operations: [{ kind: 'void' }] },
      });
      expect(await t.provider.charges(id)).toHaveLength(1);
      await t.provider.answerChallenge(page, 'approve');
      await startWorkers(t.deployment);
      await t.until(id, (p) => p.status === 'captured', 'captured');
      await expectOneCharge(id);
    },
  );
});

async function challenged(): Promise<{ id: string; page: string }> {
  const { body } = await t.api.sale('tok_3ds', { return_url: RETURN_URL });
  expect(body).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect' } });
  return { id: body.id, page: body.next_action?.url ?? '' };
}

/** The browser follows the provider's redirect to us, at one process or the other; gives where we send it. */
async function goBack(address: string | null, process = 0): Promise<string | null> {
  if (address === null) throw new Error('the page sent the customer nowhere');
  const { pathname } = new URL(address);
  const answer = await fetch(`${t.deployment.apis[process]?.url}${pathname}`, { redirect: 'manual' });
  await answer.text();
  expect(answer.status).toBe(303);
  return answer.headers.get('location');
}

async function returnAfter(ms: number): Promise<void> {
  const { id, page } = await challenged();
  const back = await t.provider.answerChallenge(page, 'approve');
  await delay(ms);
  await goBack(back);
  await expectOneCharge(id);
}

async function expectOneCharge(id: string): Promise<Payment> {
  const done = await t.settled(id);
  expect(done).toMatchObject({ status: 'captured', amount_captured: 4200, amount_refunded: 0 });
  const charges = await t.provider.charges(id);
  expect(charges.filter((charge) => charge.captured > 0)).toMatchObject([{ captured: 4200, refunded: 0 }]);
  return done;
}
