import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Answer, Payment } from '../support/client.ts';
import { endToEnd, startWorkers } from '../support/e2e.ts';

const t = endToEnd({ workers: 'later' });
afterEach(async () => {
  await Promise.all([t.deployment.simulator, ...t.deployment.apis].map((one) => one.start()));
});

describe('an API process that is killed between the intent and the answer of the provider', () => {
  test('its key is taken while the lease lives, then another process goes on: one charge', async () => {
    await t.provider.outage('hanging');
    const key = randomUUID();
    const lost = await killWhile('hangs', () => t.api.sale('tok_approve', { reference: 'hangs' }, key));
    await t.provider.outage('up');
    const again = () => t.otherApi.sale('tok_approve', { reference: 'hangs' }, key);
    expect(await again()).toMatchObject({
      status: 409,
      body: { code: 'idempotency_key_in_use', outcome: 'unknown' },
    });
    const answer = await untilAnswered(again);
    expect(answer).toMatchObject({ status: 200, body: { id: lost, status: 'captured' } });
    expect(await again()).toMatchObject({ replayed: true, text: answer.text });
    expect(await t.provider.charges(lost)).toHaveLength(1);
  });

  test('a charge that went through after its death is found by the worker and not made again', async () => {
    const key = randomUUID();
    const lost = await killWhile('slow', () => t.api.sale('tok_slow', { reference: 'slow' }, key));
    await startWorkers(t.deployment);
    expect(await t.settled(lost)).toMatchObject({ status: 'captured' });
    const answer = await t.otherApi.sale('tok_slow', { reference: 'slow' }, key);
    expect(answer).toMatchObject({ status: 200, body: { id: lost, status: 'captured' } });
    expect(await t.provider.charges(lost)).toHaveLength(1);
  });

  test.each(['capture', 'void', 'refund'] as const)(
    'a %s that went through after its death is done once',
    async (operation) => {
      const reference = `dead-${operation}`;
      const make = operation === 'refund' ? t.api.sale : t.api.reserve;
      const { id } = (await make('tok_approve', { reference })).body;
      await t.provider.arm({ operation, fault: 'slow', reference: id });
      const key = randomUUID();
      const send = (api: typeof t.api): Promise<Answer<unknown>> => {
        if (operation === 'refund') return api.refund(id, 700, key);
        return operation === 'capture'
          ? api.capture(id, { amount: 700, final: false }, key)
          : api.void(id, key);
      };
      await killWhile(reference, () => send(t.api), true);
      const answer = await untilAnswered(() => send(t.otherApi));
      expect(answer.status).toBeLessThan(300);
      await startWorkers(t.deployment);
      await t.settled(id);
      const [charge] = await t.provider.charges(id);
      if (operation === 'capture') expect(charge?.captures).toMatchObject([{ amount: 700 }]);
      if (operation === 'refund') expect(charge?.refunds).toMatchObject([{ amount: 700 }]);
      if (operation === 'void') expect(charge).toMatchObject({ voided: 4200 });
    },
  );
});

describe('a provider that is gone', () => {
  test('cannot have moved money: the customer may try again at once', async () => {
    await t.deployment.simulator.end('SIGKILL');
    const refused = await t.api.sale('tok_approve');
    await t.deployment.simulator.start();
    expect(refused).toMatchObject({
      status: 200,
      body: { status: 'requires_payment_method', pending_operations: [] },
    });
    expect((await t.api.confirm(refused.body.id, 'tok_approve')).body.status).toBe('captured');
  });

  test('and died over a call has left it unknown, until it is back with its books', async () => {
    const key = randomUUID();
    const asking = t.api.sale('tok_slow', { reference: 'provider-dies' }, key);
    const id = await paymentCalled('provider-dies');
    await t.deployment.simulator.end('SIGKILL');
    expect(await asking).toMatchObject({ status: 202, body: { status: 'processing' } });
    await t.deployment.simulator.start();
    await startWorkers(t.deployment);
    expect(await t.settled(id)).toMatchObject({ status: 'captured' });
    expect(await t.provider.charges(id)).toHaveLength(1);
  });
});

describe('an API process that is told to stop under load', () => {
  test('finishes what is under way, loses nothing that it acknowledged, and ends with 0', async () => {
    const [stopping] = t.deployment.apis;
    const keys = Array.from({ length: 150 }, () => randomUUID());
    let answered = 0;
    let ended: Promise<number | null> | undefined;
    const answers = await Promise.all(
      keys.map(async (key) => {
        const answer = await t.api.sale('tok_approve', {}, key).catch(() => null);
        answered += 1;
        if (answered === 30) ended = stopping?.end('SIGTERM');
        return answer;
      }),
    );
    expect(await ended).toBe(0);
    const acknowledged = answers.filter((answer) => answer !== null && answer.status < 300);
    expect(acknowledged.length).toBeGreaterThanOrEqual(30);
    for (const answer of answers)
      if (answer !== null && answer.status >= 300) expect(code(answer)).toBe('shutting_down');
    const again = await Promise.all(keys.map((key) => t.otherApi.sale('tok_approve', {}, key)));
    await startWorkers(t.deployment);
    const done = await Promise.all(again.map((answer) => t.settled(answer.body.id)));
    expect(done.every((payment) => payment.status === 'captured')).toBe(true);
    answers.forEach((answer, n) => {
      if (answer !== null && answer.status < 300)
        expect(again[n]).toMatchObject({ replayed: true, text: answer.text });
    });
  });
});

function code(answer: Answer | null): string {
  return (answer?.body as { code?: string } | undefined)?.code ?? '';
}

/** Sends, waits until the intent is written down, kills the process over it, and gives the payment's id. */
async function killWhile(reference: string, send: () => Promise<unknown>, pending = false): Promise<string> {
  const lost = send().then(
    () => 'answered',
    () => 'lost',
  );
  const id = await paymentCalled(reference);
  if (pending)
    await expect.poll(async () => (await t.otherApi.payment(id)).pending_operations.length).toBe(1);
  await t.deployment.apis[0]?.end('SIGKILL');
  expect(await lost).toBe('lost');
  return id;
}

async function paymentCalled(reference: string): Promise<string> {
  const path = `/v1/payments?reference=${reference}`;
  const found = async () => (await t.otherApi.get<{ data: Payment[] }>(path)).body.data[0]?.id ?? null;
  await expect.poll(found, { interval: 5 }).not.toBeNull();
  return (await found()) ?? '';
}

async function untilAnswered<Body>(send: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  let last: Answer<Body> | null = null;
  const status = async () => {
    last = await send();
    return last.status;
  };
  await expect.poll(status, { timeout: 15_000, interval: 100 }).not.toBe(409);
  if (last === null) throw new Error('nothing was sent');
  return last;
}
