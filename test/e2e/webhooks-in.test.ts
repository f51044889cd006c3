/** The simulator's webhooks over real processes: twice, shuffled, corrupted, and with processes killed in between. */

import pg from 'pg';
import { expect, test } from 'vitest';
import { openConnection } from '../perf/http-client.ts';
import { endToEnd, startWorkers } from '../support/e2e.ts';
import { quietPort } from '../support/processes.ts';
import { SECRET, signed } from '../support/webhooks.ts';

const workerPort = await quietPort();
const t = endToEnd({
  env: {
    TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }),
    TRUEPENNY_WORKER_PORT: String(workerPort),
  },
});

const PAYMENTS = 30;

async function atProvider(path: string, body: object): Promise<void> {
  const answer = await fetch(`${t.provider.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.ok, await answer.text()).toBe(true);
}

async function register(): Promise<void> {
  const [api] = t.deployment.apis;
  await atProvider('/webhook-endpoints', { url: `${api?.url}/webhooks/simulator/default`, secret: SECRET });
}

async function refundInDashboard(payment: string, amount: number): Promise<void> {
  const [charge] = await t.provider.charges(payment);
  await atProvider(`/charges/${charge?.provider_reference}/refund`, { amount });
}

test('whatever happens to the webhooks and to who reads them, our books come to what the provider did', async () => {
  await register();
  await t.provider.settings({
    webhook_copies: 3,
    webhook_shuffle: 10,
    webhook_corrupted_share: 0.2,
    webhook_retry_ms: [100, 200, 400],
    webhook_seed: 7,
  });
  const [worker] = t.deployment.workers;
  const [api] = t.deployment.apis;
  const made = await Promise.all(
    Array.from({ length: PAYMENTS }, () => t.otherApi.sale('tok_approve').then(({ body }) => body.id)),
  );
  const refunds = made.map((id, n) => refundInDashboard(id, 100 + n));
  await worker?.end('SIGKILL');
  await Promise.all(refunds);
  await api?.end('SIGKILL');
  await api?.start();
  await startWorkers(t.deployment);
  for (const [n, id] of made.entries())
    await t.until(id, (p) => p.amount_refunded === 100 + n, 'the refund of the dashboard is known here');
});

async function inboxOf(...events: string[]): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: t.deployment.databaseUrl });
  await client.connect();
  try {
    const text = 'select repeats, result from inbox where event_id = any ($1)';
    return (await client.query(text, [events])).rows;
  } finally {
    await client.end();
  }
}

/** What the provider would have sent for the last refund, as its list of transactions tells it. */
async function lastRefund(): Promise<{ id: string; type: string }> {
  const answer = await fetch(`${t.provider.url}/v1/transactions?limit=1000`);
  const { transactions } = (await answer.json()) as { transactions: { id: string; type: string }[] };
  const last = transactions.findLast(({ type }) => type === 'refund.succeeded');
  if (!last) throw new Error('the provider lists no refund');
  return last;
}

test('acknowledged-is-durable: every webhook that was taken is applied, though the API is killed before anybody worked on it', async () => {
  const [api] = t.deployment.apis;
  const [worker] = t.deployment.workers;
  await t.provider.webhooks('pause');
  const { body: sold } = await t.api.sale('tok_approve');
  await worker?.end('SIGKILL');
  await refundInDashboard(sold.id, 500);
  const told = await lastRefund();
  await deliver(told);
  const taken = [told.id];
  let killed: Promise<unknown> | undefined;
  const others = Array.from({ length: 400 }, (_, n) => ({ id: `whk_killed_${n}`, type: 'charge.noted' }));
  await Promise.all(
    others.map(async (one) => {
      if (await deliver({ ...one, data: { charge: 'ch_1' } }).catch(() => false)) taken.push(one.id);
      if (taken.length === 20) killed = api?.end('SIGKILL');
    }),
  );
  await killed;
  expect(await inboxOf(...taken)).toEqual(taken.map(() => ({ repeats: 0, result: null })));
  expect(await t.otherApi.payment(sold.id)).toMatchObject({ amount_refunded: 0 });
  await Promise.all([api?.start(), startWorkers(t.deployment)]);
  await t.until(sold.id, (p) => p.amount_refunded === 500, 'the refund is known here');
  await t.provider.webhooks('resume');
});

test('5,000 identical deliveries in parallel over two processes: one stored, one effect', async () => {
  const { body: sold } = await t.api.sale('tok_approve');
  await refundInDashboard(sold.id, 500);
  const told = await lastRefund();
  const { headers, body } = signed(told.id, JSON.stringify(told));
  const statuses = new Map<number, number>();
  let left = 5_000;
  const sender = async (n: number) => {
    const { port } = new URL(t.deployment.apis[n % 2]?.url ?? '');
    const connection = await openConnection(Number(port), '');
    while (left-- > 0) {
      const { status } = await connection.send('/webhooks/simulator/default', headers, body);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 64 }, (_, n) => sender(n)));
  expect([...statuses]).toEqual([[200, 5_000]]);
  const paid = await t.until(sold.id, (p) => p.amount_refunded === 500, 'the refund is known here');
  expect(paid.exceptions.map((x) => x.type)).toEqual(['unrequested_refund']);
  const { body: events } = await t.api.get<{ data: { type: string }[] }>(
    `/v1/payments/${sold.id}/events?limit=100`,
  );
  expect(events.data.filter((e) => e.type === 'refund_succeeded')).toHaveLength(1);
  // The simulator's own webhook and the reading of the account are repetitions too.
  const [row, ...others] = (await inboxOf(told.id)) as { repeats: number; result: string }[];
  expect([row?.result, others]).toEqual(['applied', []]);
  expect(row?.repeats).toBeGreaterThanOrEqual(4_999);
}, 60_000);

test('an approval that took its time is told by webhook, long before anybody would ask', async () => {
  await register();
  await t.provider.settings({ pending_ms: 300 });
  const { body } = await t.api.sale('tok_pending_then_approve');
  expect(body.status).toBe('processing');
  await t.until(body.id, (p) => p.status === 'captured', 'captured');
});

test('a charge that nobody here asked for waits for a person, and holds up nothing', async () => {
  await register();
  await atProvider('/charges', { amount: 1234, currency: 'GBP', capture: false, reference: 'somebody-else' });
  const { body } = await t.api.sale('tok_approve');
  await refundInDashboard(body.id, 50);
  await t.until(body.id, (p) => p.amount_refunded === 50, 'what came after it is applied');
  const [stranger] = await t.provider.charges('somebody-else');
  expect(stranger).toMatchObject({ authorized: 1234, status: 'authorized' });
  await atProvider(`/charges/${stranger?.provider_reference}/expire`, {});
});

test('at a terminal a replay is asked for, run by the worker, and on record with what it changed', async () => {
  const { body: sold } = await t.api.sale('tok_approve');
  await refundInDashboard(sold.id, 70);
  await deliver(await lastRefund());
  await t.until(sold.id, (p) => p.amount_refunded === 70, 'the refund is known here');
  const { command } = t.deployment;
  const selected = ['--payment', sold.id, '--state', 'applied'];
  const dry = await command(['webhooks', 'replay', ...selected, '--dry-run']);
  expect([dry.code, dry.output]).toEqual([0, expect.stringContaining('changes nothing')]);
  const silent = await command(['webhooks', 'replay', ...selected, '--by', 'ann']);
  expect([silent.code, silent.output]).toEqual([2, expect.stringContaining('--reason')]);
  const asked = await command(['webhooks', 'replay', ...selected, '--by', 'ann', '--reason', 'a drill']);
  const [, id = ''] = /(rpl_\w+)/.exec(asked.output) ?? [];
  expect(id, asked.output).not.toBe('');
  const shown = async () => (await command(['webhooks', 'replays', 'show', id])).output;
  await expect.poll(shown, { timeout: 20_000, interval: 200 }).toContain('"status": "finished"');
  expect(await shown()).toContain('"requested_by": "cli:ann"');
  expect(await shown()).toMatch(/whk_\w+ {2}applied {2}changed nothing/);
  expect((await command(['webhooks', 'replays'])).output).toContain('by cli:ann: a drill');
  const approval = await command(['webhooks', 'approve', id, '--by', 'ben', '--reason', 'late']);
  expect([approval.code, approval.output]).toEqual([1, expect.stringContaining('finished')]);
}, 60_000);

async function deliver(told: { id: string; type: string; data?: object }): Promise<true> {
  const { headers, body } = signed(told.id, JSON.stringify(told));
  const url = `${t.deployment.apis[0]?.url}/webhooks/simulator/default`;
  const answer = await fetch(url, { method: 'POST', headers, body });
  expect(answer.status, await answer.text()).toBe(200);
  return true;
}

test('the worker tells its own health and metrics', async () => {
  const ready = await fetch(`http://127.0.0.1:${workerPort}/health/ready`);
  expect(await ready.json()).toEqual({ status: 'ready', checks: { database: 'ok' } });
  const metrics = await (await fetch(`http://127.0.0.1:${workerPort}/metrics`)).text();
  expect(metrics).toMatch(/truepenny_webhooks_processed_total{provider="simulator",result="applied"} [1-9]/);
  expect(metrics).toContain('truepenny_webhook_lag_seconds_bucket');
});

test.each(['api', 'worker'])(
  'with a webhook secret that cannot be one the %s does not start, and says so',
  async (name) => {
    const secrets = JSON.stringify({ 'simulator/default': [SECRET, 'whsec_c2hvcnQ='] });
    const env = { TRUEPENNY_WEBHOOK_SECRETS: secrets, TRUEPENNY_PORT: String(await quietPort()) };
    const { code, output } = await t.deployment.command([name], env);
    expect(code).toBe(1);
    expect(output).toContain('The webhook secrets of simulator/default cannot be used');
    expect(output).not.toContain('c2hvcnQ');
    expect(output).not.toContain(SECRET);
  },
);
