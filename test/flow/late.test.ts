/** What comes late: the provider's answer after a day, and the worker after hours or days. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { processOnce } from '../../src/features/webhooks/process.ts';
import { type FlowDeps, readerOf } from '../../src/flow/deps.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import { committing } from '../support/committer.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { type Provider, providerAt } from '../support/provider.ts';
import { SECRET, webhook } from '../support/webhooks.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let t: TestPlatform;
let provider: Provider;
beforeEach(async () => {
  const secrets = JSON.stringify({ 'simulator/default': [SECRET] });
  t = await testPlatform({ env: { TRUEPENNY_WEBHOOK_SECRETS: secrets } });
  provider = providerAt(t.simulatorUrl);
});
afterEach(() => t.close());

type Shown = {
  id: string;
  status: string;
  latest_attempt: { id: string } | null;
  pending_operations: { status: string }[];
};

async function shown(id: string): Promise<Shown> {
  return (await t.platform.payments.retrieve(t.principal, id)).body as Shown;
}

/** The platform by a clock that is so far ahead. */
function ahead(ms: number): FlowDeps {
  const { deps } = t.platform;
  return { ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } };
}

/** Does all that is due: timers, and what came in. */
async function work(deps: FlowDeps): Promise<void> {
  const connector = readerOf(deps, 'simulator', 'default');
  if (!connector) throw new Error('no simulator');
  while ((await processOnce(deps, connector)) > 0);
  while ((await workOnce(deps)) > 0);
}

async function make(key: string, token: string, more: object = {}): Promise<string> {
  const reply = await t.platform.payments.create(request(t, key, sale(token, more)));
  const body = typeof reply.body === 'string' ? JSON.parse(reply.body) : reply.body;
  return (body as Shown).id;
}

/** As the provider would send it: of a movement that it made, or of none that anybody here asked for. */
async function deliver(type: string, data: Record<string, unknown>): Promise<void> {
  const { headers, body } = webhook({ type, data });
  const received = await t.platform.inbox.receive('simulator', 'default', {
    headers,
    body: Buffer.from(body),
  });
  expect(received.kind).toBe('stored');
}

/** What the provider took, told as its webhook tells it. */
async function tellOfCapture(id: string): Promise<void> {
  const [charge] = await provider.charges(id);
  const [capture] = charge?.captures ?? [];
  const names = {
    reference: id,
    attempt: charge?.attempt,
    charge: charge?.provider_reference,
    currency: 'EUR',
  };
  await deliver('charge.authorized', { ...names, amount: 4200 });
  await deliver('charge.captured', {
    ...names,
    amount: 4200,
    movement: capture?.id,
    operation: capture?.operation,
  });
}

test.each(['look-up', 'webhook'])(
  'unknown-needs-evidence: a provider that answers only after a day, by %s, is believed then, and nothing has failed before',
  async (by) => {
    const id = await make('sale', 'tok_timeout_after');
    await provider.outage('down');
    for (const ms of [MINUTE_MS, 11 * MINUTE_MS, 26 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS]) {
      await work(ahead(ms));
      expect(await shown(id)).toMatchObject({
        status: 'processing',
        pending_operations: [{ status: 'unknown' }],
      });
      const plan = { payment: id, payment_method: { type: 'card' as const, token: 'tok_approve' } };
      const other = { ...plan, provider_account: null };
      expect((await t.platform.payments.confirm(request(t, `other ${ms}`, other))).body).toMatchObject({
        code: 'operation_unresolved',
      });
    }
    if (by === 'webhook') await tellOfCapture(id);
    else await provider.outage('up');
    await work(ahead(2 * DAY_MS));
    expect(await shown(id)).toMatchObject({
      status: 'captured',
      amount_captured: 4200,
      pending_operations: [],
      exceptions: [],
    });
    await provider.outage('up');
    expect(await provider.charges(id)).toMatchObject([{ captured: 4200, refunded: 0 }]);
  },
);

test.each([
  ['2 hours', 2 * HOUR_MS],
  ['3 days', 3 * DAY_MS],
])(
  'nothing-vanishes: a worker that was stopped for %s does all that fell due, though each first try fails',
  async (_, ms) => {
    const unknown = await make('unknown', 'tok_timeout_after');
    const told = await make('told', 'tok_approve');
    const refunded = await make('refunded', 'tok_approve');
    await provider.arm({ operation: 'refund', fault: 'timeout_after', reference: refunded });
    const refund = { payment: refunded, amount: 700, reason: null, metadata: {} };
    expect((await t.platform.payments.refund(request(t, 'refund', refund))).status).toBe(202);
    const [charge] = await provider.charges(told);
    const names = { reference: told, attempt: charge?.attempt, charge: charge?.provider_reference };
    await deliver('refund.succeeded', { ...names, amount: 500, movement: 'mv_dashboard', operation: null });

    await work(committing(ahead(ms), () => Promise.reject(new TypeError('broken'))));
    expect((await shown(unknown)).status).toBe('processing');
    expect(await shown(told)).toMatchObject({ amount_refunded: 0 });

    await work(ahead(ms + MINUTE_MS));
    expect(await shown(unknown)).toMatchObject({
      status: 'captured',
      amount_captured: 4200,
      pending_operations: [],
    });
    expect(await shown(told)).toMatchObject({ amount_refunded: 500 });
    expect(await shown(refunded)).toMatchObject({ amount_refunded: 700, pending_operations: [] });
    expect(await provider.charges(unknown)).toMatchObject([{ captured: 4200, refunded: 0 }]);
    expect(await provider.charges(refunded)).toMatchObject([{ refunded: 700, refunds: [{ amount: 700 }] }]);
  },
);
