import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, clientOf, type Payment, sale } from '../support/client.ts';
import { endToEnd } from '../support/e2e.ts';

const t = endToEnd();

describe('one key has one effect and one answer', () => {
  test('a thousand requests at once with one key make one payment and one call, over two processes', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => clientNumber(n).sale('tok_approve', {}, key)),
    );
    // Beside so many requests the provider's answer may come too late: "not known yet" is then the answer to all.
    const answered = answers.filter(({ status }) => status === 200 || status === 202);
    const originals = answered.filter((answer) => !answer.replayed);
    const replays = answered.filter((answer) => answer.replayed);
    const refused = answers.filter((answer) => answer.status === 409);
    expect(originals).toHaveLength(1);
    expect(originals.length + replays.length + refused.length).toBe(1000);
    expect(new Set([...originals, ...replays].map((answer) => answer.text)).size).toBe(1);
    expect(new Set(refused.map((answer) => problem(answer).code))).toEqual(
      new Set(['idempotency_key_in_use']),
    );
    expect(refused.every((answer) => Number(answer.headers.get('retry-after')) >= 1)).toBe(true);
    const { id } = first(originals).body;
    // None yet where the first commit took so long that the call was left to the worker.
    expect((await t.provider.calls(id)).length).toBeLessThanOrEqual(1);
    await t.settled(id);
    expect(await t.provider.charges(id)).toHaveLength(1);
    expect((await t.api.payments()).filter((payment) => payment.id === id)).toHaveLength(1);
    expect(await t.otherApi.sale('tok_approve', {}, key)).toMatchObject({
      replayed: true,
      text: first(originals).text,
    });
  });

  test.each([
    ['a sale', () => t.api.sale('tok_approve', {}, 'k-sale')],
    ['a decline', () => t.api.sale('tok_decline_do_not_honor', {}, 'k-decline')],
    ['a 3DS challenge', () => t.api.sale('tok_3ds', {}, 'k-3ds')],
    ['a sale whose outcome is unknown', () => t.api.sale('tok_reset_after', {}, 'k-unknown')],
    ['a sale that is pending', () => t.api.sale('tok_pending_then_approve', {}, 'k-pending')],
  ])('%s is replayed byte for byte, later and from another process too', async (_, send) => {
    const original = await send();
    const again = await send();
    expect(again).toMatchObject({ replayed: true, status: original.status, text: original.text });
    await t.settled(original.body.id);
    expect(await send()).toMatchObject({ replayed: true, status: original.status, text: original.text });
    expect(await t.provider.charges(original.body.id)).toHaveLength(1);
  });

  test.each(['capture', 'refund', 'void'] as const)(
    'a %s whose outcome is unknown is replayed byte for byte',
    async (operation) => {
      const { id } = (
        await (operation === 'refund' ? t.api.sale('tok_approve') : t.api.reserve('tok_approve'))
      ).body;
      await t.provider.arm({ operation, fault: 'reset_after', reference: id });
      const send = (): Promise<Answer<unknown>> => {
        if (operation === 'refund') return t.api.refund(id, 700, `k-${operation}`);
        return operation === 'capture'
          ? t.api.capture(id, { amount: 700 }, `k-${operation}`)
          : t.api.void(id, `k-${operation}`);
      };
      const original = await send();
      expect(original.status).toBe(202);
      expect(await send()).toMatchObject({ replayed: true, status: 202, text: original.text });
      await t.settled(id);
      expect(await send()).toMatchObject({ replayed: true, status: 202, text: original.text });
    },
  );

  test('the same key with another body is refused, naming the field, and moves nothing', async () => {
    const key = randomUUID();
    const { id } = (await t.api.sale('tok_approve', {}, key)).body;
    const changed = await t.api.sale('tok_approve', { amount: 4300 }, key);
    expect(changed).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused', differs_in: 'amount' },
    });
    const elsewhere = await t.otherApi.refund(id, 100, key);
    expect(elsewhere).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(await t.api.payment(id)).toMatchObject({ amount_captured: 4200, amount_refunded: 0 });
  });

  test('the order of the fields of a body does not matter', async () => {
    const key = randomUUID();
    const body = sale('tok_approve');
    const original = await t.api.post('/v1/payments', body, key);
    const turned = Object.fromEntries(Object.entries(body).reverse());
    expect(await t.api.post('/v1/payments', turned, key)).toMatchObject({
      replayed: true,
      text: original.text,
    });
  });

  test('a request that moves money needs a key', async () => {
    const { id } = (await t.api.sale('tok_approve')).body;
    const paths = [
      '/v1/payments',
      `/v1/payments/${id}/confirm`,
      `/v1/payments/${id}/capture`,
      `/v1/payments/${id}/void`,
      '/v1/refunds',
    ];
    for (const path of paths) {
      const answer = await t.api.post(path, {}, null);
      expect(answer, path).toMatchObject({ status: 400, body: { code: 'idempotency_key_missing' } });
      expect(answer.body, path).toHaveProperty('type');
    }
  });

  test('a refusal stays a refusal for its key, even when the same would succeed later', async () => {
    const { id } = (await t.api.reserve('tok_approve')).body;
    const key = randomUUID();
    const early = await t.api.refund(id, 100, key);
    expect(early.body).toMatchObject({ code: 'payment_not_refundable' });
    await t.api.capture(id);
    expect(await t.otherApi.refund(id, 100, key)).toMatchObject({
      replayed: true,
      status: early.status,
      text: early.text,
    });
    expect((await t.api.refund(id, 100)).status).toBe(200);
    expect(await t.api.payment(id)).toMatchObject({ amount_refunded: 100 });
  });

  test('what is refused before any work does not use up the key', async () => {
    const key = randomUUID();
    expect((await t.api.post('/v1/payments', sale('tok_approve', { amount: -5 }), key)).status).toBe(400);
    expect((await t.api.sale('tok_approve', {}, key)).body.status).toBe('captured');
  });

  test('a key in quotes is the same key', async () => {
    const key = randomUUID();
    const original = await t.api.sale('tok_approve', {}, `"${key}"`);
    expect(await t.otherApi.sale('tok_approve', {}, key)).toMatchObject({
      replayed: true,
      text: original.text,
    });
  });

  test('the same key of another merchant is another key', async () => {
    const other = await t.deployment.anotherMerchant();
    const stranger = clientOf(t.deployment.apis[0]?.url ?? '', other.secretKey);
    const mine = await t.api.sale('tok_approve', {}, 'order-1');
    const theirs = await stranger.sale('tok_approve', {}, 'order-1');
    expect(theirs).toMatchObject({ status: 200, replayed: false });
    expect(theirs.body.id).not.toBe(mine.body.id);
    expect((await stranger.get(`/v1/payments/${mine.body.id}`)).status).toBe(404);
    expect((await stranger.refund(mine.body.id, 100)).status).toBe(404);
    // Its money is not in the books of the merchant whose ledger is compared after the test.
    await stranger.refund(theirs.body.id);
  });
});

function clientNumber(n: number) {
  return n % 2 === 0 ? t.api : t.otherApi;
}

function problem(answer: Answer<unknown>): { code: string } {
  return answer.body as { code: string };
}

function first(answers: Answer[]): Answer<Payment> {
  const [answer] = answers;
  if (!answer) throw new Error('there is no answer');
  return answer;
}
