/** Providers' webhooks from the door to their effect, over real HTTP and a real database. */

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintId, toUuid } from '../../src/core/ids.ts';
import { verifyDatabase } from '../../src/features/verify/verify.ts';
import { processOnce } from '../../src/features/webhooks/process.ts';
import { synchronizeOnce } from '../../src/features/webhooks/synchronize.ts';
import { readerOf } from '../../src/flow/deps.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import { loadPayment } from '../../src/flow/stream.ts';
import { createServer } from '../../src/http/server.ts';
import { keepHouse, type Platform } from '../../src/main.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { committing, paymentsOf } from '../support/committer.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { SECRET, signed, type Webhook, webhook } from '../support/webhooks.ts';

const OLD_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

let t: TestPlatform;
let second: Platform;
let urls: string[];
const servers: FastifyInstance[] = [];
beforeAll(async () => {
  t = await testPlatform({
    env: { TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET, OLD_SECRET] }) },
  });
  second = await t.another();
  urls = await Promise.all([t.platform, second].map(serve));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await t.close();
});

async function serve(platform: Platform): Promise<string> {
  const config = { publicUrl: 'http://api.test', trustedProxies: 0 };
  const server = await createServer({ ...platform.deps, ...platform, config });
  servers.push(server);
  await server.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/webhooks/simulator/default`;
}

async function send({ headers, body }: Webhook, url: string = urls[0] ?? ''): Promise<number> {
  const answer = await fetch(url, { method: 'POST', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

/** A captured payment of 42.00, and what names it at the provider. */
async function paid(key: string) {
  const reply = await t.platform.payments.create(request(t, key, sale('tok_approve')));
  expect(reply.status).toBe(200);
  const { id } = reply.body as { id: string };
  return { id, names: await namesOf(id) };
}

async function namesOf(payment: string) {
  const attempt = (await stateOf(payment)).attempts[0];
  return { reference: payment, attempt: attempt?.id, charge: attempt?.providerReference, currency: 'EUR' };
}

async function stateOf(payment: string) {
  const loaded = await loadPayment(t.platform.deps.pool, payment);
  if (!loaded) throw new Error('no such payment');
  return loaded.position.state;
}

function refundAtProvider(names: object, movement: string, amount = 500, id?: string): Webhook {
  const data = { ...names, amount, movement, operation: null };
  return webhook({ type: 'refund.succeeded', data, ...(id ? { id } : {}) });
}

/** Works until nothing is due, as a worker does. */
async function work(platform: Platform = t.platform): Promise<void> {
  const connector = readerOf(platform.deps, 'simulator', 'default');
  if (!connector) throw new Error('no simulator');
  while ((await processOnce(platform.deps, connector)) > 0);
}

/** The same platform some time later. */
function later(ms: number): Platform {
  const { deps } = t.platform;
  return { ...t.platform, deps: { ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } } };
}

async function rows(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await t.platform.deps.pool.query(text, values)).rows;
}

async function inboxOf({ headers }: Webhook) {
  const [row] = await rows(
    `select i.repeats, i.result, d.state, d.why from inbox i left join inbox_due d on d.inbox_id = i.id
      where i.event_id = $1`,
    [headers['webhook-id']],
  );
  return row;
}

async function exceptionsOf({ headers }: Webhook) {
  return rows(
    `select x.type, x.status from exceptions x join inbox i on i.id = x.inbox_id where i.event_id = $1`,
    [headers['webhook-id']],
  );
}

test('a refund made at the provider is kept, applied, and put before a person', async () => {
  const { id, names } = await paid('in-1');
  const sent = refundAtProvider(names, 'mv_dashboard_1');
  expect(await send(sent)).toBe(200);
  expect(await inboxOf(sent)).toMatchObject({ repeats: 0, result: null, state: 'received' });
  await work();
  expect(await inboxOf(sent)).toMatchObject({ result: 'applied', state: null });
  const state = await stateOf(id);
  expect(state.attempts[0]?.refunded).toBe(500);
  expect(await rows('select type from exceptions where subject = $1', ['mv_dashboard_1'])).toEqual([
    { type: 'unrequested_refund' },
  ]);
});

test('a dispute that names nothing but the capture finds its payment', async () => {
  const { id } = await paid('in-dispute-of-capture');
  const capture = (await stateOf(id)).captures[0]?.movement;
  const data = {
    charge: capture,
    currency: 'EUR',
    amount: 500,
    movement: 'dp_of_capture',
    code: 'fraudulent',
  };
  const sent = webhook({ type: 'dispute.opened', data });
  expect(await send(sent)).toBe(200);
  await work();
  expect(await inboxOf(sent)).toMatchObject({ result: 'applied', state: null });
  expect((await stateOf(id)).attempts[0]?.disputed).toBe(500);
});

test.each([
  ['in another currency than the payment’s', { currency: 'USD' }, 'tells of USD, and the payment is in EUR'],
  [
    'with letters that no database stores',
    { movement: 'mv_\ud800' },
    'unreadable: letters that no text may hold',
  ],
  ['with a U+0000', { movement: 'mv_\0' }, 'unreadable: letters that no text may hold'],
])('a fact %s is for a person, and moves nothing', async (_, wrong, why) => {
  const { id, names } = await paid(`in-wrong-${JSON.stringify(wrong)}`);
  const data = { ...names, amount: 500, movement: 'mv_wrong', operation: null, ...wrong };
  const sent = webhook({ type: 'refund.succeeded', data });
  expect(await send(sent)).toBe(200);
  await work();
  expect(await inboxOf(sent)).toMatchObject({ state: 'set_aside', why });
  expect(await exceptionsOf(sent)).toEqual([{ type: 'webhook_unreadable', status: 'open' }]);
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(0);
});

test('of the headers no password is kept', async () => {
  const { names } = await paid('in-password');
  const sent = refundAtProvider(names, 'mv_password');
  const headers = { ...sent.headers, authorization: 'Basic c2hvcDpzZWNyZXQ=', cookie: 'session=secret' };
  expect(await send({ ...sent, headers })).toBe(200);
  const [row] = await rows('select headers::text from inbox where event_id = $1', [
    sent.headers['webhook-id'],
  ]);
  expect(row?.['headers']).toContain('webhook-signature');
  expect(row?.['headers']).not.toMatch(/authorization|cookie|c2hvcDpzZWNyZXQ/);
});

test('identical deliveries in parallel to two servers are stored once and have one effect', async () => {
  const { id, names } = await paid('in-2');
  const sent = refundAtProvider(names, 'mv_dashboard_2');
  let left = 500;
  const statuses = new Map<number, number>();
  const caller = async (n: number) => {
    while (left-- > 0) {
      const status = await send(sent, urls[n % 2]);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all([...Array.from({ length: 50 }, (_, n) => caller(n)), work(), work(second)]);
  await Promise.all([work(), work(second)]);
  expect([...statuses]).toEqual([[200, 500]]);
  expect(await inboxOf(sent)).toMatchObject({ repeats: 499, result: 'applied' });
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(500);
}, 60_000);

test('one event with another content is no repetition: what it contradicts is put before a person', async () => {
  const { id, names } = await paid('in-changed');
  const first = refundAtProvider(names, 'mv_changed', 500, 'whk_changed');
  const told = JSON.parse(first.body) as object;
  const spelt = signed('whk_changed', JSON.stringify({ ...told, attempt_number: 2 }));
  const other = refundAtProvider(names, 'mv_changed', 700, 'whk_changed');
  // Two at once in one group, and one after the other.
  expect(await Promise.all([send(first), send(spelt)])).toEqual([200, 200]);
  expect([await send(other), await send(other), await send(first)]).toEqual([200, 200, 200]);
  await work();
  const stored = await rows(
    `select i.body::bytea as body, i.result, i.repeats from inbox i where i.event_id like 'whk_changed%' order by i.id`,
  );
  expect(new Set(stored.map(({ body }) => String(body)))).toEqual(
    new Set([first.body, spelt.body, other.body]),
  );
  expect(stored.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(500);
  expect(
    await rows('select type, status from exceptions where subject = $1 order by type', ['mv_changed']),
  ).toEqual([
    { type: 'movement_conflict', status: 'open' },
    { type: 'unrequested_refund', status: 'open' },
  ]);
});

test('an event that the account lists in other words than its webhook had is a repetition', async () => {
  const { names } = await paid('in-listed');
  const sent = refundAtProvider(names, 'mv_listed', 500, 'whk_listed');
  expect(await send(sent)).toBe(200);
  const body = Buffer.from(JSON.stringify({ listed: true, ...JSON.parse(sent.body) }));
  const taken = await t.platform.inbox.take('simulator', 'default', { eventId: 'whk_listed', body });
  expect(taken).toEqual({ kind: 'repeated' });
  await work();
  expect(await inboxOf(sent)).toMatchObject({ repeats: 1, result: 'applied' });
});

test('a wrong signature, an unknown account and too large a body are refused, and nothing is stored', async () => {
  const { names } = await paid('in-3');
  const before = await rows('select count(*)::int as n from inbox');
  const good = refundAtProvider(names, 'mv_never');
  const forged = signed('whk_forged', good.body, Date.now(), `whsec_${Buffer.alloc(24).toString('base64')}`);
  expect(await send(forged)).toBe(401);
  expect(await send({ ...good, body: good.body.replace('500', '501') })).toBe(401);
  expect(await send({ headers: { 'content-type': 'application/json' }, body: good.body })).toBe(401);
  const old = Date.now() - 3600_000;
  expect(await send(signed('whk_old', good.body, old))).toBe(401);
  expect(await send(good, urls[0]?.replace('default', 'other'))).toBe(404);
  expect(await send(good, urls[0]?.replace('simulator', 'nobody'))).toBe(404);
  expect(await send(signed('whk_large', 'x'.repeat(LIMITS.inbox.bodyBytes + 1)))).toBe(413);
  expect(await rows('select count(*)::int as n from inbox')).toEqual(before);
});

test('of what was refused a sample is kept: its shape, and no value of it', async () => {
  await rows('delete from inbox_refused');
  const { platform } = { platform: later(10_000) };
  const body = Buffer.from('{"data":{"amount":4200,"customer":"Zoë"}}');
  const headers = { 'webhook-signature': 'v1,secret-thing', authorization: 'Bearer hunter2' };
  const received = await platform.inbox.receive('simulator', 'default', { headers, body });
  expect(received.kind).toBe('refused');
  const kept = JSON.stringify(await rows('select * from inbox_refused'));
  for (const value of ['Zoë', '4200', 'secret-thing', 'hunter2']) expect(kept).not.toContain(value);
});

test('while a secret is rotated, both are good', async () => {
  const { id, names } = await paid('in-4');
  const { body, headers } = refundAtProvider(names, 'mv_dashboard_4');
  expect(await send(signed(headers['webhook-id'] ?? '', body, Date.now(), OLD_SECRET))).toBe(200);
  await work();
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(500);
});

test('a webhook that comes before its payment is parked, and applied once the payment is there', async () => {
  const arrived = Promise.withResolvers<void>();
  const written = Promise.withResolvers<{ reference: string; attempt: string }>();
  const deps = committing(t.platform.deps, async (item, number, pass) => {
    const [attempt = ''] = /att_\w+/.exec(item.lists.happened.map(({ data }) => data).join()) ?? [];
    if (number === 1) written.resolve({ reference: item.stream ?? '', attempt });
    await arrived.promise;
    return pass(item);
  });
  const creating = paymentsOf(deps).create(request(t, 'in-5', sale('tok_approve')));
  const names = await written.promise;
  const early = refundAtProvider({ ...names, charge: 'ch_early', currency: 'EUR' }, 'mv_early');
  expect(await send(early)).toBe(200);
  await work();
  expect(await inboxOf(early)).toMatchObject({
    state: 'parked',
    why: 'no payment is known by its references',
  });
  arrived.resolve();
  expect(await creating).toMatchObject({ status: 200, body: { id: names.reference } });
  await work(later(10_000));
  expect(await inboxOf(early)).toMatchObject({ state: null, result: 'applied' });
  expect((await stateOf(names.reference)).attempts[0]?.refunded).toBe(500);
});

test('a webhook whose payment never appears is set aside for a person after a day', async () => {
  const { deps } = t.platform;
  const reference = mintId('payment', deps.world.now(), deps.world.randomBytes(10));
  const lost = refundAtProvider({ reference, attempt: null, charge: 'ch_unknown' }, 'mv_lost');
  expect(await send(lost)).toBe(200);
  await work();
  expect(await inboxOf(lost)).toMatchObject({ state: 'parked' });
  await work(later(LIMITS.inbox.parkedMs + 60_000));
  expect(await inboxOf(lost)).toMatchObject({ state: 'set_aside' });
  expect(await exceptionsOf(lost)).toEqual([{ type: 'webhook_without_payment', status: 'open' }]);
});

test('one poison message among a thousand is set aside with its reason; the others are applied', async () => {
  // One after another: side by side on a busy machine a call takes longer than its deadline.
  const payments: Awaited<ReturnType<typeof paid>>[] = [];
  for (let n = 0; n < 27; n += 1) payments.push(await paid(`in-6-${n}`));
  const sent = payments.flatMap(({ names }, p) =>
    Array.from({ length: 37 }, (_, n) => refundAtProvider(names, `mv_many_${p}_${n}`, 1)),
  );
  const poison = signed('whk_poison', '{"type":"refund.succeeded","data":{"charge":"ch_1"}}');
  const all = [...sent.slice(0, 500), poison, ...sent.slice(500)];
  for (let n = 0; n < all.length; n += 100)
    expect(await Promise.all(all.slice(n, n + 100).map((one) => send(one)))).toEqual(
      all.slice(n, n + 100).map(() => 200),
    );
  await Promise.all([work(), work(second)]);
  await work(later(60_000));
  expect(await inboxOf(poison)).toMatchObject({
    state: 'set_aside',
    why: expect.stringContaining('unreadable'),
  });
  expect(await exceptionsOf(poison)).toEqual([{ type: 'webhook_unreadable', status: 'open' }]);
  const states = await Promise.all(payments.map(({ id }) => stateOf(id)));
  expect(states.map((state) => state.attempts[0]?.refunded)).toEqual(payments.map(() => 37));
}, 120_000);

test('the record of a failure survives what failed: it is tried again, then set aside with its reason', async () => {
  const { id, names } = await paid('in-13');
  const sent = refundAtProvider(names, 'mv_failing');
  expect(await send(sent)).toBe(200);
  const broken = (ms: number): Platform => {
    const { deps } = later(ms);
    return { ...t.platform, deps: committing(deps, () => Promise.reject(new TypeError('broken'))) };
  };
  await work(broken(0));
  expect(await inboxOf(sent)).toMatchObject({
    state: 'received',
    why: expect.stringContaining('failed 1 times: TypeError'),
  });
  for (let n = 1; n < LIMITS.inbox.failures; n += 1) await work(broken(n * 3600_000));
  expect(await inboxOf(sent)).toMatchObject({
    state: 'set_aside',
    why: expect.stringContaining('failed 8 times'),
  });
  expect(await exceptionsOf(sent)).toEqual([{ type: 'webhook_failing', status: 'open' }]);
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(0);
});

test('a worker that dies between claiming and applying costs nothing: another applies it once', async () => {
  const { id, names } = await paid('in-7');
  const sent = refundAtProvider(names, 'mv_dashboard_7');
  expect(await send(sent)).toBe(200);
  // What a worker that was killed leaves behind: a claim, and perhaps the effect, but no end.
  const claimed = await rows(
    `update inbox_due set due_at = now() + interval '30 seconds', tries = 1, fence = 1
      where inbox_id = (select id from inbox where event_id = $1) returning inbox_id`,
    [sent.headers['webhook-id']],
  );
  expect(claimed).toHaveLength(1);
  await work();
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(0);
  await Promise.all([work(later(40_000)), work(later(40_000))]);
  expect(await inboxOf(sent)).toMatchObject({ result: 'applied' });
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(500);
});

test('a delivery that is processed again changes nothing', async () => {
  const { id, names } = await paid('in-8');
  const sent = refundAtProvider(names, 'mv_dashboard_8');
  await send(sent);
  await work();
  const version = async () => (await loadPayment(t.platform.deps.pool, id))?.position.version;
  const before = await version();
  await rows(
    `insert into inbox_due (inbox_id, provider, state, due_at, received_at)
      select id, provider, 'received', received_at, received_at from inbox where event_id = $1`,
    [sent.headers['webhook-id']],
  );
  await work();
  expect(await inboxOf(sent)).toMatchObject({ result: 'applied', state: null });
  expect(await version()).toBe(before);
});

test("a refund in the provider's dashboard whose webhook never came is found by reading the account", async () => {
  const { deps, inbox } = t.platform;
  const { id, names } = await paid('in-10');
  const answer = await fetch(`${t.simulatorUrl}/charges/${names.charge}/refund`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: 700 }),
  });
  expect(answer.status).toBe(200);
  const connector = readerOf(deps, 'simulator', 'default');
  if (!connector) throw new Error('no simulator');
  expect(await synchronizeOnce(deps, inbox, connector)).toBeGreaterThan(0);
  await work();
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(700);
  expect(await synchronizeOnce(deps, inbox, connector)).toBeNull();
  const hour = later(3600_000);
  expect(await synchronizeOnce(hour.deps, inbox, connector)).toBe(0);
});

test('what came by webhook and by the list has one effect', async () => {
  const { deps, inbox } = t.platform;
  const { id, names } = await paid('in-11');
  await fetch(`${t.simulatorUrl}/charges/${names.charge}/refund`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: 300 }),
  });
  const listed = (await (await fetch(`${t.simulatorUrl}/v1/transactions?limit=1000`)).json()) as {
    transactions: { id: string; type: string }[];
  };
  const last = listed.transactions.at(-1);
  expect(last?.type).toBe('refund.succeeded');
  expect(await send(signed(last?.id ?? '', JSON.stringify(last)))).toBe(200);
  await work();
  const connector = readerOf(deps, 'simulator', 'default');
  if (!connector) throw new Error('no simulator');
  await synchronizeOnce(later(7200_000).deps, inbox, connector);
  await work();
  expect((await stateOf(id)).attempts[0]?.refunded).toBe(300);
  expect(await rows('select repeats from inbox where event_id = $1', [last?.id])).toEqual([{ repeats: 1 }]);
});

test('an exception that a later fact explains is closed by it', async () => {
  const { deps, payments } = t.platform;
  const made = await payments.create(request(t, 'in-12', sale('tok_approve', { capture_method: 'manual' })));
  const { id } = made.body as { id: string };
  const names = await namesOf(id);
  const fault = { operation: 'capture', fault: 'timeout_after', times: 1 };
  await fetch(`${t.simulatorUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) });
  const input = { payment: id, amount: null, final: true };
  expect((await payments.capture(request(t, 'in-12-c', input))).status).toBe(202);
  const books = (await (await fetch(`${t.simulatorUrl}/books?reference=${id}`)).json()) as {
    charges: { captures: { id: string }[] }[];
  };
  const movement = books.charges[0]?.captures[0]?.id;
  // A list that does not say whose operation it was: nobody can tell yet that it was ours.
  const told = webhook({
    type: 'charge.captured',
    data: { ...names, amount: 4200, movement, operation: null },
  });
  await send(told);
  await work();
  const exceptions = () => rows('select type, status from exceptions where payment_id = $1', [toUuid(id)]);
  expect(await exceptions()).toEqual([{ type: 'unrequested_capture', status: 'open' }]);
  await expect
    .poll(async () => {
      await workOnce(later(120_000).deps);
      return (await exceptions())[0]?.['status'];
    })
    .toBe('closed');
  expect((await stateOf(id)).operations.at(-1)).toMatchObject({ kind: 'capture', status: 'approved' });
  const { pool, world, chainKey } = deps;
  const report = await verifyDatabase({ pool, world, chainKey, digestFolder: `${t.dataDir}/digests` });
  expect(report.findings).toEqual([]);
});

test('what is done is forgotten after its time; what is not done stays', async () => {
  const { deps } = t.platform;
  await work(later(60_000));
  const open = await rows('select count(*)::int as n from inbox_due');
  await keepHouse({ pool: deps.pool, world: later(LIMITS.inbox.keptMs + 3600_000).deps.world }, (error) =>
    expect.unreachable(String(error)),
  );
  expect(await rows('select count(*)::int as n from inbox')).toEqual(open);
  expect(await rows('select count(*)::int as n from inbox_payments')).toEqual([{ n: 0 }]);
});
