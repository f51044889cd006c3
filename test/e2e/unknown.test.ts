import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Answer, Payment } from '../support/client.ts';
import { endToEnd, startWorkers } from '../support/e2e.ts';

const t = endToEnd({ workers: 'later' });

/** The money moved and nobody told us, or it did not, and nobody told us that either. */
const FAULTS = [
  'timeout_before',
  'timeout_after',
  'error_before',
  'error_after',
  'reset_before',
  'reset_after',
  'garbled',
  'slow',
];

describe('an outcome that nobody knows', () => {
  test.each(['automatic', 'manual'])(
    'an authorisation (%s) stays unknown until the provider tells, and charges once',
    async (capture_method) => {
      await everyFault(
        async (fault) => {
          const key = randomUUID();
          const asked = await t.api.sale(`tok_${fault}`, { capture_method }, key);
          expect(asked, fault).toMatchObject({ status: 202, body: { status: 'processing' } });
          expectUnknown(asked.body, 'authorize');
          await expectNothingMovesAgain(asked.body.id, () =>
            t.otherApi.sale(`tok_${fault}`, { capture_method }, key),
          );
          const other = await t.api.confirm(asked.body.id, 'tok_approve');
          expect(other, fault).toMatchObject({
            status: 409,
            body: { code: 'operation_unresolved', outcome: 'unknown' },
          });
          return asked.body.id;
        },
        async (id, fault) => {
          const done = await t.settled(id);
          expect(done.status, fault).toBe(capture_method === 'manual' ? 'authorized' : 'captured');
          const charges = await t.provider.charges(id);
          expect(charges, fault).toMatchObject([
            { authorized: 4200, captured: capture_method === 'manual' ? 0 : 4200 },
          ]);
        },
      );
    },
  );

  test.each(['capture', 'refund'] as const)(
    'a %s stays unknown until the provider tells, and moves money once',
    async (operation) => {
      await everyFault(
        async (fault) => {
          const { id } = (
            await (operation === 'capture' ? t.api.reserve('tok_approve') : t.api.sale('tok_approve'))
          ).body;
          await t.provider.arm({ operation, fault, reference: id });
          const key = randomUUID();
          const send = (api: typeof t.api, with_: string): Promise<Answer<unknown>> =>
            operation === 'capture'
              ? api.capture(id, { amount: 1500, final: false }, with_)
              : api.refund(id, 1500, with_);
          expect(await send(t.api, key), fault).toMatchObject({ status: 202 });
          expectUnknown(await t.api.payment(id), operation);
          await expectNothingMovesAgain(id, () => send(t.otherApi, key));
          const anew = await send(t.otherApi, randomUUID());
          expect(anew, fault).toMatchObject({
            status: 409,
            body: { code: 'operation_unresolved', outcome: 'unknown' },
          });
          return id;
        },
        async (id, fault) => {
          const done = await t.settled(id);
          expect(operation === 'capture' ? done.amount_captured : done.amount_refunded, fault).toBe(1500);
          const [charge] = await t.provider.charges(id);
          expect(operation === 'capture' ? charge?.captures : charge?.refunds, fault).toMatchObject([
            { amount: 1500 },
          ]);
        },
      );
    },
  );

  test.each([
    ['all', 0, 'voided'],
    ['what a capture has left', 1500, 'captured'],
  ])(
    'a void of %s stays unknown until the provider tells, and nothing is captured meanwhile',
    async (_, captured, end) => {
      await everyFault(
        async (fault) => {
          const { id } = (await t.api.reserve('tok_approve')).body;
          if (captured > 0) await t.api.capture(id, { amount: captured, final: false });
          await t.provider.arm({ operation: 'void', fault, reference: id });
          const key = randomUUID();
          expect(await t.api.void(id, key), fault).toMatchObject({ status: 202 });
          expectUnknown(await t.api.payment(id), 'void');
          await expectNothingMovesAgain(id, () => t.otherApi.void(id, key));
          expect((await t.api.capture(id)).body, fault).toMatchObject({ code: 'operation_unresolved' });
          expect((await t.api.void(id)).body, fault).toMatchObject({ code: 'operation_unresolved' });
          return id;
        },
        async (id, fault) => {
          expect((await t.settled(id)).status, fault).toBe(end);
          const books = [{ captured, voided: 4200 - captured }];
          expect(await t.provider.charges(id), fault).toMatchObject(books);
        },
      );
    },
  );
});

describe('a provider that turns us away', () => {
  test('a call that was refused at the door moved nothing, and the customer may try again at once', async () => {
    const refused = await t.api.sale('tok_rate_limited');
    expect(refused).toMatchObject({
      status: 200,
      body: { status: 'requires_payment_method', pending_operations: [] },
    });
    expect(await t.provider.charges(refused.body.id)).toEqual([]);
    expect((await t.api.confirm(refused.body.id, 'tok_approve')).body.status).toBe('captured');
  });

  test.each(['capture', 'void'] as const)(
    'a %s that never reached the provider says so, and may be asked for again',
    async (operation) => {
      const { id } = (await t.api.reserve('tok_approve')).body;
      await t.provider.arm({ operation, fault: 'rate_limited', reference: id });
      const ask = () => (operation === 'capture' ? t.api.capture(id) : t.api.void(id));
      expect((await ask()).body).toMatchObject({ code: 'provider_not_reached', outcome: 'none' });
      expect((await ask()).status).toBe(200);
    },
  );

  test('a repetition that is refused at the door says nothing of the first call: still unknown, no other attempt', async () => {
    const { id } = (await t.api.sale('tok_timeout_before')).body;
    await t.provider.arm({ operation: 'authorize', fault: 'rate_limited', times: 1000, reference: id });
    await startWorkers(t.deployment);
    await expect
      .poll(async () => (await t.provider.calls(id)).length, { timeout: 10_000 })
      .toBeGreaterThan(1);
    expectUnknown(await t.api.payment(id), 'authorize');
    expect((await t.api.confirm(id, 'tok_approve')).body).toMatchObject({ code: 'operation_unresolved' });
    await t.provider.disarm();
    expect(await t.settled(id)).toMatchObject({ status: 'captured', latest_attempt: { number: 1 } });
    expect(await t.provider.charges(id)).toHaveLength(1);
  });

  test('money that moved behind a timeout stays unknown while look-ups fail, in whatever way', async () => {
    const faults = ['timeout_before', 'rate_limited', 'error_before', 'reset_before', 'garbled', 'in_flight'];
    const payments = await Promise.all(faults.map(() => t.api.sale('tok_timeout_after')));
    const ids = payments.map((answer) => answer.body.id);
    for (const [n, fault] of faults.entries())
      await t.provider.arm({ operation: 'lookup', fault, times: 1000, reference: ids[n] ?? '' });
    await startWorkers(t.deployment);
    const tries = async (id: string) =>
      (await t.api.get<Explanation>(`/v1/payments/${id}/explain`)).body.waiting.find((w) => w.last_result)
        ?.tries;
    for (const [n, id] of ids.entries()) {
      await expect.poll(() => tries(id), { timeout: 15_000, message: faults[n] ?? '' }).toBeGreaterThan(0);
      expectUnknown(await t.api.payment(id), 'authorize');
    }
    await t.provider.disarm();
    for (const [n, id] of ids.entries()) {
      expect(await t.settled(id), faults[n]).toMatchObject({ status: 'captured' });
      expect(await t.provider.calls(id), faults[n]).toHaveLength(1);
    }
  });

  test.each(['hanging', 'down'] as const)(
    'an outage (%s) leaves everything unknown, and ends with the truth once it is over',
    async (mode) => {
      const [toCapture, toVoid] = await Promise.all([
        t.api.reserve('tok_approve'),
        t.api.reserve('tok_approve'),
      ]);
      const toRefund = await t.api.sale('tok_approve');
      await startWorkers(t.deployment);
      await t.provider.outage(mode);
      const [sold] = await Promise.all([
        t.api.sale('tok_approve'),
        t.api.capture(toCapture.body.id),
        t.api.void(toVoid.body.id),
        t.api.refund(toRefund.body.id),
      ]);
      const payments = [sold, toCapture, toVoid, toRefund].map((answer) => answer.body.id);
      const lookedUp = async (id: string) =>
        (await t.api.get<Explanation>(`/v1/payments/${id}/explain`)).body.waiting.some(
          (w) => w.tries > 0 && w.last_result !== null,
        );
      for (const id of payments) {
        await expect.poll(() => lookedUp(id), { timeout: 10_000 }).toBe(true);
        expect((await t.api.payment(id)).pending_operations, mode).toMatchObject([{ status: 'unknown' }]);
      }
      await t.provider.outage('up');
      const done = await Promise.all(payments.map((id) => t.settled(id)));
      expect(done.map((payment) => payment.status)).toEqual(['captured', 'captured', 'voided', 'captured']);
      expect(done[3]?.amount_refunded).toBe(4200);
      for (const id of payments) expect(await t.provider.charges(id)).toHaveLength(1);
    },
  );
});

describe('a void while the authorisation is unresolved', () => {
  test('an approval that comes late is released, and what never arrived is not sent again', async () => {
    await everyFault(
      async (fault) => {
        const { id } = (await t.api.reserve(`tok_${fault}`)).body;
        expect((await t.api.void(id)).status, fault).toBeLessThan(300);
        return id;
      },
      async (id, fault) => {
        const done = await t.settled(id);
        expect(done, fault).toMatchObject({ status: 'voided', amount_capturable: 0, amount_captured: 0 });
        const calls = await t.provider.calls(id);
        expect(
          calls.filter((call) => call.operation === 'authorize'),
          fault,
        ).toHaveLength(1);
        const late = fault.endsWith('before') ? [] : [{ captured: 0, voided: 4200 }];
        expect(await t.provider.charges(id), fault).toMatchObject(late);
      },
    );
  });

  test('a late approval whose release is turned away at the door is released when the door is open', async () => {
    const { id } = (await t.api.reserve('tok_timeout_after')).body;
    await t.api.void(id);
    await t.provider.arm({ operation: 'void', fault: 'rate_limited', reference: id });
    await startWorkers(t.deployment);
    await t.until(id, (p) => p.status === 'voided' && p.pending_operations.length === 0, 'released');
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 0, voided: 4200 }]);
  });

  test('a late sale whose refund is turned away at the door is given back when the door is open', async () => {
    const { id } = (await t.api.sale('tok_timeout_after')).body;
    await t.api.void(id);
    await t.provider.arm({ operation: 'refund', fault: 'rate_limited', reference: id });
    await startWorkers(t.deployment);
    await t.until(id, (p) => p.amount_refunded === 4200 && p.pending_operations.length === 0, 'given back');
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 4200, refunded: 4200 }]);
  });

  test('a sale that comes late is given back', async () => {
    const { id } = (await t.api.sale('tok_timeout_after')).body;
    await t.api.void(id);
    await startWorkers(t.deployment);
    await t.until(id, (p) => p.amount_refunded === 4200 && p.pending_operations.length === 0, 'given back');
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 4200, refunded: 4200 }]);
  });

  test('a void that comes while the provider is being asked finds the answer that is on its way', async () => {
    await t.provider.settings({ slow_ms: 300 });
    const asking = t.api.reserve('tok_slow', { reference: 'on-its-way' });
    const id = await paymentCalled('on-its-way');
    expect((await t.otherApi.void(id)).status).toBe(202);
    await asking;
    await t.provider.settings({ slow_ms: 2000 });
    await startWorkers(t.deployment);
    expect(await t.settled(id)).toMatchObject({ status: 'voided' });
    expect(await t.provider.charges(id)).toMatchObject([{ captured: 0, voided: 4200 }]);
  });
});

type Explanation = { waiting: { tries: number; last_result: string | null }[] };

/** All faults side by side, as they would come; the worker begins when each has been asked. */
async function everyFault(
  ask: (fault: string) => Promise<string>,
  check: (payment: string, fault: string) => Promise<void>,
): Promise<void> {
  const payments = await Promise.all(FAULTS.map(ask));
  await startWorkers(t.deployment);
  await Promise.all(FAULTS.map((fault, n) => check(payments[n] ?? '', fault)));
}

function expectUnknown(payment: Payment, kind: string): void {
  expect(payment.pending_operations).toMatchObject([{ kind, status: 'unknown' }]);
}

async function expectNothingMovesAgain(payment: string, send: () => Promise<Answer<unknown>>): Promise<void> {
  const before = await t.provider.calls(payment);
  expect(await send()).toMatchObject({ status: 202, replayed: true });
  expect(await t.provider.calls(payment)).toHaveLength(before.length);
}

async function paymentCalled(reference: string): Promise<string> {
  const found = async () =>
    (await t.api.get<{ data: Payment[] }>(`/v1/payments?reference=${reference}`)).body.data[0]?.id ?? null;
  await expect.poll(found).not.toBeNull();
  return (await found()) ?? '';
}
