/** Replays of providers' webhooks: over the API as two operators use it, with the worker's own parts. */

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromUuid, toUuid } from '../../src/core/ids.ts';
import { verifyDatabase } from '../../src/features/verify/verify.ts';
import { applyDelivery } from '../../src/features/webhooks/apply.ts';
import { processOnce } from '../../src/features/webhooks/process.ts';
import { decideReplay, planReplay, requestReplay } from '../../src/features/webhooks/replay.ts';
import { replayOnce, traceOfReplay } from '../../src/features/webhooks/run-replays.ts';
import { readerOf } from '../../src/flow/deps.ts';
import { loadPayment } from '../../src/flow/stream.ts';
import { insertApiKey, mintApiKey, type Scope } from '../../src/http/api-keys.ts';
import { createServer } from '../../src/http/server.ts';
import type { Platform } from '../../src/main.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { type Client, clientOf } from '../support/client.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { SECRET, signed, type Webhook, webhook } from '../support/webhooks.ts';

const OPERATOR: readonly Scope[] = ['platform:read', 'platform:operate', 'payments:read'];

type Replay = {
  id: string;
  status: string;
  requested_by: string;
  reason: string;
  decisions: { kind: string; by: string; reason: string }[];
  deliveries: number;
  finished: number;
  changed: number;
  code?: string;
  dry_run: { would_change: number; would_change_nothing: number; exceptions: Record<string, number> };
};
type Result = { id: string; result: string; changed: boolean; events: { payment: string; type: string }[] };
type List<T> = { data: T[]; next_cursor: string | null };

let t: TestPlatform;
let server: FastifyInstance;
let ann: Client & { keyId: string };
let ben: Client & { keyId: string };
/** How far the clock has been moved: replays go by the second. */
let aheadMs = 0;

beforeAll(async () => {
  t = await testPlatform({
    env: { TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }) },
  });
  server = await createServer({
    ...t.platform.deps,
    ...t.platform,
    config: { publicUrl: 'http://api.test', trustedProxies: 0 },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  [ann, ben] = [await operator(OPERATOR), await operator(OPERATOR)];
});
afterAll(async () => {
  await server.close();
  await t.close();
});

async function operator(scopes: readonly Scope[], mode: 'test' | 'live' = 'live') {
  const { pool, world } = t.platform.deps;
  const key = mintApiKey(world, { mode, kind: 'secret' });
  await insertApiKey(pool, world, { ...key, merchant: t.principal.merchant, scopes });
  const { port } = server.server.address() as AddressInfo;
  return { ...clientOf(`http://127.0.0.1:${port}`, key.key), keyId: key.id };
}

/** The same platform some time later. */
function later(ms: number): Platform {
  const { deps } = t.platform;
  return { ...t.platform, deps: { ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } } };
}

async function rows(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await t.platform.deps.pool.query(text, values)).rows;
}

async function paid(key: string) {
  const reply = await t.platform.payments.create(request(t, key, sale('tok_approve')));
  expect(reply.status).toBe(200);
  const { id } = reply.body as { id: string };
  const attempt = (await loadPayment(t.platform.deps.pool, id))?.position.state.attempts[0];
  return {
    id,
    names: { reference: id, attempt: attempt?.id, charge: attempt?.providerReference, currency: 'EUR' },
  };
}

function refundAtProvider(names: object, movement: string, amount = 5): Webhook {
  return webhook({ type: 'refund.succeeded', data: { ...names, amount, movement, operation: null } });
}

async function receive({ headers, body }: Webhook): Promise<string> {
  const delivery = { headers, body: Buffer.from(body) };
  expect(await t.platform.inbox.receive('simulator', 'default', delivery)).toEqual({ kind: 'stored' });
  const [row] = await rows('select id from inbox where event_id = $1', [headers['webhook-id']]);
  return fromUuid('webhook', String(row?.['id']));
}

/** What was set aside and can be read now, as after a repaired parser. */
async function repair(id: string, names: object, movement: string): Promise<void> {
  const { body } = refundAtProvider(names, movement);
  await rows('update inbox set body = $1 where id = $2', [Buffer.from(body), toUuid(id)]);
}

async function unreadable(name: string): Promise<string> {
  const id = await receive(signed(name, '{"type":"refund.succeeded","data":{"charge":"ch_1"}}'));
  await work();
  return id;
}

async function work(platform: Platform = later(aheadMs)): Promise<void> {
  const connector = readerOf(platform.deps, 'simulator', 'default');
  if (!connector) throw new Error('no simulator');
  while ((await processOnce(platform.deps, connector)) > 0);
}

/** Works as workers do, second by second, until no replay is under way. */
async function workReplays(seconds = 100): Promise<void> {
  for (let n = 0; n < seconds; n++) {
    aheadMs += 1_000;
    const handed = await replayOnce(later(aheadMs).deps);
    if (handed === null) return;
    await work();
  }
}

async function ask(client: Client, body: object, key?: string): Promise<{ status: number; body: Replay }> {
  return client.post<Replay>('/v1/webhook_replays', { reason: 'a drill', ...body }, key);
}

async function resultsOf(id: string): Promise<Result[]> {
  return (await ann.get<List<Result>>(`/v1/webhook_replays/${id}/results?limit=100`)).body.data;
}

async function versionOf(payment: string): Promise<number | undefined> {
  return (await loadPayment(t.platform.deps.pool, payment))?.position.version;
}

test('a replay of what was applied changes nothing, and the record says so', async () => {
  const { id, names } = await paid('r-1');
  const delivery = await receive(refundAtProvider(names, 'mv_r1'));
  await work();
  const before = await versionOf(id);
  const asked = await ask(ann, { payment: id });
  expect(asked.body).toMatchObject({
    status: 'running',
    requested_by: ann.keyId,
    reason: 'a drill',
    deliveries: 1,
    dry_run: { would_change: 0, would_change_nothing: 1 },
  });
  await workReplays();
  expect(await versionOf(id)).toBe(before);
  const { body } = await ben.get<Replay>(`/v1/webhook_replays/${asked.body.id}`);
  expect(body).toMatchObject({ status: 'finished', finished: 1, changed: 0 });
  expect(await resultsOf(asked.body.id)).toMatchObject([
    { id: delivery, result: 'applied', changed: false, events: [] },
  ]);
});

test('what was set aside is an exception until a replay after the repair applies it; the record names its events', async () => {
  const { id, names } = await paid('r-2');
  const delivery = await unreadable('whk_broken_1');
  const open = async () => {
    const { body } =
      await ann.get<List<{ type: string; webhook: string | null }>>('/v1/exceptions?limit=100');
    return body.data.filter((x) => x.webhook === delivery).map((x) => x.type);
  };
  expect(await open()).toEqual(['webhook_unreadable']);

  // Still not readable: it stays one exception, with the replay on record.
  const vain = await ask(ann, { webhooks: [delivery] });
  await workReplays();
  expect(await resultsOf(vain.body.id)).toMatchObject([{ result: 'set_aside', changed: false }]);
  expect(await open()).toEqual(['webhook_unreadable']);

  await repair(delivery, names, 'mv_r2');
  const dry = await ask(ben, { webhooks: [delivery], dry_run: true });
  expect(dry.body).toMatchObject({
    summary: { would_change: 1, exceptions: { unrequested_refund: 1 } },
    data: [{ id: delivery, result: 'applied', payments: [id] }],
  });
  const before = await versionOf(id);
  const asked = await ask(ben, { webhooks: [delivery] });
  await workReplays();
  expect(await open()).toEqual([]);
  expect((await ann.get<Replay>(`/v1/webhook_replays/${asked.body.id}`)).body).toMatchObject({
    status: 'finished',
    changed: 1,
  });
  const [result] = await resultsOf(asked.body.id);
  expect(result?.events).toEqual([
    { payment: id, version: (before ?? 0) + 1, type: 'refund_succeeded' },
    { payment: id, version: (before ?? 0) + 2, type: 'exception_raised' },
  ]);
});

test('a dry run decides each delivery on what those before it would leave, and writes nothing', async () => {
  const { id, names } = await paid('r-3');
  const twice = refundAtProvider(names, 'mv_r3');
  const deliveries = [await receive(twice), await receive(signed('whk_other_name', twice.body))];
  const before = await versionOf(id);
  const dry = await ask(ann, { webhooks: deliveries, dry_run: true });
  expect(dry.body).toMatchObject({ summary: { would_change: 1, would_change_nothing: 1 } });
  expect(await versionOf(id)).toBe(before);
  await work();
});

async function many(key: string, count: number): Promise<string> {
  const { id, names } = await paid(key);
  await Promise.all(
    Array.from({ length: count }, (_, n) => receive(refundAtProvider(names, `mv_${key}_${n}`, 1))),
  );
  await work();
  return id;
}

test('a large replay waits for another person, runs at so many a second, and goes on after a crash', async () => {
  const count = LIMITS.inbox.replayAlone + 20;
  const payment = await many('r-4', count);
  const asked = await ask(ann, { payment });
  expect(asked.body).toMatchObject({ status: 'awaiting_approval', deliveries: count });
  const path = `/v1/webhook_replays/${asked.body.id}`;
  await workReplays();
  expect((await ann.get<Replay>(path)).body).toMatchObject({ status: 'awaiting_approval', finished: 0 });

  const own = await ann.post<Replay>(`${path}/approve`, { reason: 'I am sure' });
  expect([own.status, own.body.code]).toEqual([403, 'webhook_replay_same_person']);
  const approved = await ben.post<Replay>(`${path}/approve`, { reason: 'looked at it' });
  expect(approved.body).toMatchObject({
    status: 'running',
    decisions: [{ kind: 'approved', by: ben.keyId, reason: 'looked at it' }],
  });
  const again = await ben.post<Replay>(`${path}/reject`, { reason: 'changed my mind' });
  expect([again.status, again.body.code]).toEqual([409, 'webhook_replay_not_open']);

  // One second's worth; within the same second nobody hands out more. Then whoever did it is gone.
  aheadMs += 1_000;
  const { deps } = later(aheadMs);
  const handed = await Promise.all([replayOnce(deps), replayOnce(deps)]);
  expect(handed.filter((count) => count !== null)).toEqual([LIMITS.inbox.replayPerSecond]);
  expect(await replayOnce(deps)).toBeNull();
  await work();
  expect((await ann.get<Replay>(path)).body).toMatchObject({
    status: 'running',
    finished: LIMITS.inbox.replayPerSecond,
  });
  await workReplays();
  expect((await ann.get<Replay>(path)).body).toMatchObject({
    status: 'finished',
    finished: count,
    changed: 0,
  });
});

test('an approval that comes too late, a rejection and a stop each end a replay, and nothing more is handed out', async () => {
  const payment = await many('r-5', LIMITS.inbox.replayAlone + 20);
  const rejected = (await ask(ann, { payment })).body.id;
  const path = (id: string) => `/v1/webhook_replays/${id}`;
  const reason = { reason: 'not now' };
  expect((await ann.post<Replay>(`${path(rejected)}/reject`, reason)).body.status).toBe('rejected');
  expect((await ben.post<Replay>(`${path(rejected)}/approve`, reason)).body.code).toBe(
    'webhook_replay_not_open',
  );

  const late = (await ask(ann, { payment })).body.id;
  const tomorrow = later(LIMITS.inbox.approvalMs + 1_000).deps;
  const decision = { id: late, kind: 'approved' as const, by: ben.keyId, reason: 'late' };
  expect(await decideReplay(tomorrow, decision)).toEqual({ kind: 'not_open', status: 'expired' });

  const stopped = (await ask(ann, { payment })).body.id;
  await ben.post(`${path(stopped)}/approve`, reason);
  aheadMs += 1_000;
  await replayOnce(later(aheadMs).deps);
  expect((await ann.post<Replay>(`${path(stopped)}/stop`, reason)).body.status).toBe('stopped');
  await workReplays();
  await work();
  expect((await ann.get<Replay>(path(stopped))).body).toMatchObject({
    status: 'stopped',
    finished: LIMITS.inbox.replayPerSecond,
  });
});

test('four eyes and the record are held by the database itself', async () => {
  const payment = await many('r-6', LIMITS.inbox.replayAlone + 1);
  const { id } = (await ask(ann, { payment })).body;
  const approve = `insert into inbox_replay_decisions (replay_id, kind, requested_by, decided_by, reason, decided_at)
    values ($1, 'approved', $2, $3, 'x', now())`;
  await expect(rows(approve, [toUuid(id), ann.keyId, ann.keyId])).rejects.toThrow('four-eyes');
  await expect(rows(approve, [toUuid(id), 'key_of_nobody', ann.keyId])).rejects.toThrow('foreign key');
  for (const table of [
    'inbox_replays',
    'inbox_replay_scope',
    'inbox_replay_decisions',
    'inbox_replay_results',
  ])
    await expect(rows(`delete from ${table}`)).rejects.toThrow('append-only');
  await expect(rows(`update inbox_replays set reason = 'another'`)).rejects.toThrow('append-only');
});

test('a worker that dies after applying leaves a record that still names the events', async () => {
  const { id, names } = await paid('r-7');
  const delivery = await unreadable('whk_broken_2');
  await repair(delivery, names, 'mv_r7');
  const asked = await ask(ann, { webhooks: [delivery] });
  aheadMs += 1_000;
  const { deps } = later(aheadMs);
  expect(await replayOnce(deps)).toBe(1);
  const [row] = await rows(
    `select i.*, d.tries, d.fence, d.state, d.replay_id from inbox i join inbox_due d on d.inbox_id = i.id where i.id = $1`,
    [toUuid(delivery)],
  );
  const connector = readerOf(deps, 'simulator', 'default');
  if (!connector || !row) throw new Error('nothing was handed out');
  const claimed = row as unknown as Parameters<typeof traceOfReplay>[1];
  // All but the end: then the process is gone, and another claims the delivery anew.
  await applyDelivery(deps, connector, claimed, traceOfReplay(deps, claimed));
  await workReplays();
  const [result] = await resultsOf(asked.body.id);
  expect(result?.events.map(({ payment, type }) => [payment, type])).toEqual([
    [id, 'refund_succeeded'],
    [id, 'exception_raised'],
  ]);
});

test('one key is one replay, and an empty or unbounded one is refused with what to do', async () => {
  const { id, names } = await paid('r-8');
  await receive(refundAtProvider(names, 'mv_r8'));
  await work();
  const [first, second] = [
    await ask(ann, { payment: id }, 'replay-1'),
    await ask(ann, { payment: id }, 'replay-1'),
  ];
  expect(second.body.id).toBe(first.body.id);
  await workReplays();
  const code = async (body: object) => {
    const answer = await ask(ann, body);
    return [answer.status, answer.body.code];
  };
  expect(await code({})).toEqual([400, 'invalid_request']);
  expect(await code({ provider: 'nobody' })).toEqual([422, 'webhook_replay_empty']);
  const without = await ann.post<Replay>('/v1/webhook_replays', { payment: id });
  expect([without.status, without.body.code]).toEqual([400, 'invalid_request']);
});

test('a replay of more than the bound is refused unless it is meant', async () => {
  const [{ n } = { n: 0 }] = (await rows('select count(*)::int as n from inbox')) as { n: number }[];
  const { deps } = t.platform;
  await rows(
    `insert into inbox (id, provider, account, event_id, received_at, headers, body, repeats, result, processed_at)
      select uuidv7(), 'simulator', 'old', 'e' || i, now(), '{}', '{}', 0, 'ignored', now()
      from generate_series(1, $1::int) i`,
    [LIMITS.inbox.replay + 1 - n],
  );
  const selection = { provider: 'simulator' };
  const most = LIMITS.inbox.replay;
  expect(await planReplay(deps, { selection, override: false })).toEqual({
    kind: 'too_many',
    deliveries: most + 1,
    most,
    override: true,
  });
  const plan = await planReplay(deps, { selection, override: true });
  if (plan.kind !== 'plan') throw new Error(plan.kind);
  expect(plan.summary).toMatchObject({ looked_at: LIMITS.inbox.dryRun, of: most + 1 });
  const asked = { selection, by: 'cli:ann', reason: 'all of it', override: true };
  expect(await requestReplay(deps, asked, plan)).toMatchObject({
    kind: 'requested',
    status: 'awaiting_approval',
    deliveries: most + 1,
  });
});

test('a window and a state select what they say', async () => {
  const { names } = await paid('r-9');
  const first = await receive(refundAtProvider(names, 'mv_r9_1'));
  const [row] = await rows('select received_at from inbox where id = $1', [toUuid(first)]);
  const at = row?.['received_at'] as string;
  const next = new Date(Date.parse(at) + 1).toISOString();
  const listed = async (query: string) =>
    (await ann.get<List<{ id: string }>>(`/v1/provider_webhooks?limit=100&${query}`)).body.data.map(
      (d) => d.id,
    );
  expect(await listed(`from=${at}&to=${next}&state=received`)).toEqual([first]);
  expect(await listed(`to=${at}&state=received`)).toEqual([]);
  expect(await listed(`from=${next}&state=received`)).toEqual([]);
  await work();
  expect(await listed(`from=${at}&to=${next}&state=received`)).toEqual([]);
});

test('a delivery is shown by its shape, never by its values', async () => {
  const { id, names } = await paid('r-10');
  const data = { ...names, amount: 5, movement: 'mv_r10', operation: null, customer: { name: 'Zoë' } };
  const delivery = await receive(webhook({ type: 'refund.succeeded', data }));
  await work();
  const shown = await ann.get<{ payments: string[]; state: string }>(`/v1/provider_webhooks/${delivery}`);
  expect(shown.body).toMatchObject({ id: delivery, state: 'applied', payments: [id] });
  expect(shown.text).toContain('"customer":{"name":"string"}');
  expect(shown.text).not.toContain('Zoë');
});

test("a merchant's key sees no exception of a delivery, and a test key is no operator", async () => {
  await unreadable('whk_broken_3');
  const merchant = await operator(['payments:read'], 'live');
  const { body } = await merchant.get<List<{ webhook: string | null }>>('/v1/exceptions?limit=100');
  expect(body.data.filter((x) => x.webhook !== null)).toEqual([]);
  const tester = await operator(OPERATOR, 'test');
  expect((await tester.get('/v1/provider_webhooks')).status).toBe(403);
});

test('verify tells of a delivery that is set aside without anybody being told', async () => {
  const { pool, world, chainKey } = t.platform.deps;
  const options = { pool, world, chainKey, digestFolder: `${t.dataDir}/digests` };
  expect((await verifyDatabase(options)).findings).toEqual([]);
  await rows(`update exceptions set status = 'closed' where type = 'webhook_unreadable' and status = 'open'`);
  const { findings } = await verifyDatabase(options);
  expect(findings).toMatchObject([
    { invariant: 'nothing-vanishes', what: expect.stringContaining('is set aside') },
  ]);
});
