/** That a provider has no trace of an operation: when it is evidence, and when it is not. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Connector } from '../../src/connectors/port.ts';
import { readerOf } from '../../src/flow/deps.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import type { Platform } from '../../src/main.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

const DEADLINE_MS = 1_000;
/** A call that was given up may be on its way so long. */
const ON_ITS_WAY_MS = 9 * DEADLINE_MS;

type Body = { id: string; status: string; amount_refunded: number; exceptions: unknown[] };

let t: TestPlatform;
beforeEach(async () => {
  t = await testPlatform();
});
afterEach(() => t.close());

/** No authorisation reaches the provider in time: the last one does when `arrive` is called. */
async function slowWay(): Promise<{ platform: Platform; sent: string[]; arrive(): Promise<unknown> }> {
  const provider = readerOf(t.platform.deps, 'simulator', 'default') as Connector;
  const sent: string[] = [];
  let arrive: () => Promise<unknown> = () => Promise.resolve();
  const platform = await t.another({
    ...provider,
    perform: async (ask, trace) => {
      if (ask.kind !== 'authorize') return provider.perform(ask, trace);
      sent.push(ask.operation);
      arrive = () => provider.perform(ask, trace);
      const { call } = await provider.lookUp(ask, trace);
      return { outcome: { kind: 'unknown', reason: 'timeout' }, call };
    },
  });
  return { platform, sent, arrive: () => arrive() };
}

/** What is due by then, done then. */
async function workAt({ deps }: Platform, inMs: number): Promise<void> {
  const world = { ...deps.world, now: () => deps.world.now() + inMs };
  await workOnce({ ...deps, world });
}

async function shown(id: string): Promise<Body> {
  const { body } = await t.platform.payments.retrieve(t.principal, id);
  return body as Body;
}

async function unknownSale(platform: Platform): Promise<string> {
  const { status, body } = await platform.payments.create(request(t, 'sale', sale('tok_approve')));
  expect(status).toBe(202);
  return (typeof body === 'string' ? (JSON.parse(body) as Body) : (body as Body)).id;
}

test('unknown-needs-evidence: no trace is none while the call may be on its way, and what then comes is no contradiction', async () => {
  const { platform, sent, arrive } = await slowWay();
  const id = await unknownSale(platform);
  await platform.payments.void(request(t, 'void', { payment: id }));

  await workAt(platform, DEADLINE_MS + 5_000);
  expect(await shown(id), 'asked, and not found').toMatchObject({
    pending_operations: [{ status: 'unknown' }],
  });
  await arrive();
  await workAt(platform, DEADLINE_MS + 6_000 + ON_ITS_WAY_MS);
  expect(await shown(id)).toMatchObject({ amount_refunded: 4200, exceptions: [], pending_operations: [] });
  expect(sent).toHaveLength(1);
});

test('what was never heard of ends as never processed once no call can be on its way', async () => {
  const { platform, sent } = await slowWay();
  const id = await unknownSale(platform);
  await platform.payments.void(request(t, 'void', { payment: id }));

  await workAt(platform, DEADLINE_MS + 5_000);
  await workAt(platform, DEADLINE_MS + 6_000 + ON_ITS_WAY_MS);
  expect(await shown(id)).toMatchObject({ status: 'voided', exceptions: [], pending_operations: [] });
  expect(sent).toHaveLength(1);
});

test('the wait begins anew with each call: a repetition that was not answered may be on its way as well', async () => {
  const { platform, sent, arrive } = await slowWay();
  const id = await unknownSale(platform);

  await workAt(platform, 60_000);
  expect(sent).toHaveLength(2);
  await platform.payments.void(request(t, 'void', { payment: id }));
  await workAt(platform, 60_000 + ON_ITS_WAY_MS - 1_000);
  expect(await shown(id)).toMatchObject({ pending_operations: [{ status: 'unknown' }] });
  await arrive();
  await workAt(platform, 60_000 + 3 * ON_ITS_WAY_MS);
  expect(await shown(id)).toMatchObject({ amount_refunded: 4200, exceptions: [], pending_operations: [] });
});
