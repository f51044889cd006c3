import { afterAll, beforeAll, expect, test } from 'vitest';
import { toUuid } from '../../src/core/ids.ts';
import type { Fact } from '../../src/core/payment/commands.ts';
import { amounts, status } from '../../src/core/payment/summary.ts';
import type { Command } from '../../src/core/payment.ts';
import { verifyDatabase } from '../../src/features/verify/verify.ts';
import { newId } from '../../src/flow/deps.ts';
import { handle } from '../../src/flow/handle.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import { loadPayment } from '../../src/flow/stream.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { newTrace } from '../../src/ops/trace.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

let t: TestPlatform;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());

async function authorized(key: string): Promise<string> {
  const input = sale('tok_approve', { capture_method: 'manual' });
  const reply = await t.platform.payments.create(request(t, key, input));
  expect(reply.status).toBe(200);
  return (reply.body as { id: string }).id;
}

async function stateOf(payment: string) {
  const loaded = await loadPayment(t.platform.deps.pool, payment);
  if (!loaded) throw new Error(`${payment} is not there`);
  return loaded;
}

/** One commit after another, each read anew, as the inbox does it. */
async function tell(payment: string, commands: Command[]): Promise<void> {
  const { deps } = t.platform;
  for (const command of commands) {
    const { mode, position } = await stateOf(payment);
    const done = await handle(deps, { payment, mode, command, at: position, ...newTrace(deps.world) });
    expect(done.kind).toBe('done');
  }
}

type Told = { kind: Fact['kind']; [field: string]: unknown };

function factsOf(payment: string, attempt: string): Command[] {
  const of = (name: string) => `${name}_${payment}`;
  const facts: Told[] = [
    { kind: 'refund_returned', movement: of('back'), of: of('r1'), amount: 500 },
    { kind: 'captured_total', amount: 4200, version: '2' },
    { kind: 'reversed', movement: of('rev'), amount: 4200 },
    { kind: 'captured', movement: of('c1'), operation: null, amount: 3000 },
    { kind: 'dispute_lost', dispute: of('dp') },
    { kind: 'refunded', movement: of('r1'), operation: null, amount: 500 },
    { kind: 'disputed', dispute: of('dp'), amount: 1200 },
    { kind: 'captured', movement: of('c2'), operation: null, amount: 1200 },
    { kind: 'refunded_total', amount: 700, version: '2' },
    { kind: 'refunded', movement: of('r2'), operation: null, amount: 200 },
  ];
  return facts.map((fact) => {
    const times = { provider_at: null, received_at: '2026-01-02T00:00:00.000Z' };
    return { type: 'record_fact', fact: { ...fact, attempt, ...times } as Fact };
  });
}

async function ending(payment: string): Promise<object> {
  const { state } = (await stateOf(payment)).position;
  const { rows } = await t.platform.deps.pool.query(
    `select account, sum(amount)::int as balance from entries where payment_id = $1
     group by account having sum(amount) <> 0 order by account`,
    [toUuid(payment)],
  );
  const exceptions = state.exceptions.map((x) => `${x.type} ${x.subject.replace(payment, '')}`).sort();
  return { status: status(state), amounts: amounts(state), ledger: rows, exceptions, waiting: state.waiting };
}

test('facts in any order, each told twice, come to the same rows in the database', async () => {
  const turns = [0, 3, 5, 8];
  const endings: object[] = [];
  for (const turn of turns) {
    const payment = await authorized(`order ${turn}`);
    const { position } = await stateOf(payment);
    const facts = factsOf(payment, position.state.attempts[0]?.id ?? '');
    const order = [...facts.slice(turn), ...facts.slice(0, turn)];
    await tell(payment, turn % 2 === 0 ? [...order, ...order] : order.toReversed().flatMap((f) => [f, f]));
    endings.push(await ending(payment));
  }
  expect(endings[0]).toMatchObject({
    status: 'captured',
    amounts: { captured: 4200, refunded: 200, disputed: 1200 },
  });
  for (const other of endings) expect(other).toEqual(endings[0]);
});

test('a capture that a provider tells of in three ways while ours is open is booked once, and is ours', async () => {
  const payment = await authorized('three ways');
  const { deps } = t.platform;
  const { position } = await stateOf(payment);
  const attempt = position.state.attempts[0]?.id ?? '';
  const [capture, operation] = [newId(deps, 'capture'), newId(deps, 'operation')];
  const times = { provider_at: null, received_at: '2026-01-02T00:00:00.000Z' };
  const movement = `mv_${payment}`;
  await tell(payment, [
    { type: 'capture', capture, operation, amount: 4200, final: true },
    { type: 'record_fact', fact: { kind: 'captured_total', attempt, amount: 4200, version: '1', ...times } },
    {
      type: 'record_fact',
      fact: { kind: 'captured', attempt, movement, operation: null, amount: 4200, ...times },
    },
    { type: 'record_fact', fact: { kind: 'captured', attempt, movement, operation, amount: 4200, ...times } },
  ]);
  const { state } = (await stateOf(payment)).position;
  expect(amounts(state)).toMatchObject({ captured: 4200, capturable: 0 });
  expect(state.captures.find((c) => c.id === capture)?.status).toBe('succeeded');
  expect([state.exceptions, state.waiting]).toEqual([[], []]);
});

test('a fact whose subject never comes is an exception after a day, and closed when it comes after all', async () => {
  const payment = await authorized('waits');
  const { deps } = t.platform;
  const attempt = (await stateOf(payment)).position.state.attempts[0]?.id ?? '';
  const told = (fact: object): Command => {
    const received_at = new Date(deps.world.now()).toISOString();
    return { type: 'record_fact', fact: { ...fact, attempt, provider_at: null, received_at } as Fact };
  };
  const [back, refund] = [`back_w_${payment}`, `r_w_${payment}`];
  await tell(payment, [
    told({ kind: 'captured', movement: `c_w_${payment}`, operation: null, amount: 4200 }),
    told({ kind: 'refund_returned', movement: back, of: refund, amount: 500 }),
  ]);
  const open = async () => {
    const values = [toUuid(payment), back];
    const text = `select type, status from exceptions where payment_id = $1 and subject = $2`;
    return (await deps.pool.query(text, values)).rows;
  };
  const workLater = (ms: number) =>
    workOnce({ ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } });
  await workLater(LIMITS.resolve.waitingMs - 60_000);
  expect(await open()).toEqual([]);
  await workLater(LIMITS.resolve.waitingMs + 60_000);
  expect(await open()).toEqual([{ type: 'waiting_too_long', status: 'open' }]);
  await tell(payment, [told({ kind: 'refunded', movement: refund, operation: null, amount: 500 })]);
  expect(await open()).toEqual([{ type: 'waiting_too_long', status: 'closed' }]);
  expect((await stateOf(payment)).position.state.waiting).toEqual([]);
});

test('verify finds nothing to complain of afterwards', async () => {
  const { pool, world, chainKey } = t.platform.deps;
  const report = await verifyDatabase({ pool, world, chainKey, digestFolder: `${t.dataDir}/digests` });
  expect(report.findings).toEqual([]);
});
