import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Connector } from '../../src/connectors/port.ts';
import { toUuid } from '../../src/core/ids.ts';
import type { Reply } from '../../src/flow/caller.ts';
import { resolveOperation, type Unresolved } from '../../src/flow/resolve.ts';
import { type Loaded, loadPayment } from '../../src/flow/stream.ts';
import { newTrace } from '../../src/ops/trace.ts';
import type { Payment } from '../support/client.ts';
import { comparePayment } from '../support/oracle.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { type Provider, providerAt } from '../support/provider.ts';

/**
 * The request and a worker on one operation, in every order and over and over. Inside one process, since here
 * the answer to the request has to wait at the door, while a worker acts on what it read before.
 */
let t: TestPlatform;
let provider: Provider;
let door = openDoor();
beforeAll(async () => {
  t = await testPlatform();
  provider = providerAt(t.simulatorUrl);
  for (const account of t.platform.deps.accounts.values()) {
    const versions = account.versions as { connector: Connector; percent: number }[];
    for (const version of versions) version.connector = withDoor(version.connector);
  }
});
afterAll(() => t.close());

const KINDS = ['authorize', 'capture', 'void', 'refund'] as const;
type Kind = (typeof KINDS)[number];

describe.each(KINDS)('%s', (kind) => {
  test('a worker that comes after the request, knowing less, changes nothing', async () => {
    const { stale, done } = await asked(kind, 'late');
    door.open();
    expect((await done).status).toBe(200);
    const before = await versionOf(stale);
    for (let times = 0; times < 3; times++) expect(await resolve(stale)).toBeNull();
    expect(await versionOf(stale)).toBe(before);
    await expectOneEffect(kind, stale.payment);
  });

  test('an answer to the request that comes after the worker changes nothing', async () => {
    const { stale, done } = await asked(kind, 'early');
    expect(await resolve(stale)).toBeNull();
    const before = await versionOf(stale);
    door.open();
    expect((await done).status).toBe(200);
    // But for the call, which stays in the history.
    expect(await versionOf(stale)).toBe((before ?? 0) + 1);
    await expectOneEffect(kind, stale.payment);
  });

  test('the answer and eight workers at once have one effect', async () => {
    const { stale, done } = await asked(kind, 'once');
    const workers = Array.from({ length: 8 }, () => resolve(stale));
    door.open();
    expect(await Promise.all(workers)).toEqual(workers.map(() => null));
    expect((await done).status).toBe(200);
    await expectOneEffect(kind, stale.payment);
  });
});

/** A request that the provider has carried out and whose answer waits; and the payment as it was meanwhile. */
async function asked(kind: Kind, name: string): Promise<{ stale: Loaded; done: Promise<Reply> }> {
  const reference = `${kind}-${name}`;
  const before = kind === 'authorize' ? null : await pay(`${reference}-before`, kind);
  door = closedDoor();
  const done = send(kind, reference, before);
  await door.somebodyWaits;
  const stale = await loadPayment(t.platform.deps.pool, before ?? (await called(reference)));
  if (!stale) throw new Error('the payment is not there');
  return { stale, done };
}

async function pay(key: string, kind: Kind): Promise<string> {
  const capture_method = kind === 'refund' ? 'automatic' : 'manual';
  const { body } = await t.platform.payments.create(request(t, key, sale('tok_approve', { capture_method })));
  return (body as Payment).id;
}

function send(kind: Kind, key: string, before: string | null): Promise<Reply> {
  const { payments } = t.platform;
  const payment = before ?? '';
  switch (kind) {
    case 'authorize':
      return payments.create(request(t, key, sale('tok_approve', { reference: key })));
    case 'capture':
      return payments.capture(request(t, key, { payment, amount: 1000, final: false }));
    case 'void':
      return payments.void(request(t, key, { payment }));
    case 'refund':
      return payments.refund(request(t, key, { payment, amount: 1000, reason: null, metadata: {} }));
    default:
      return kind satisfies never;
  }
}

async function called(reference: string): Promise<string> {
  const none = { cursor: null, status: null, currency: null, created_from: null, created_to: null };
  const { body } = await t.platform.payments.list(t.principal, { limit: 1, reference, ...none });
  return (body as { data: Payment[] }).data[0]?.id ?? '';
}

function resolve(stale: Loaded): Promise<Unresolved> {
  const { deps } = t.platform;
  const operation = stale.position.state.operations.at(-1)?.id ?? '';
  const { payment, mode } = stale;
  const created_at = new Date(deps.world.now()).toISOString();
  const due = { subject: toUuid(operation), kind: 'operation' as const, payment_id: toUuid(payment) };
  const on = { loaded: stale, payment, mode, operation, ...newTrace(deps.world) };
  const leased_until = new Date(deps.world.now() + 25_000).toISOString();
  const claimed = { tries: 1, fence: 1, created_at, tried_before: null, leased_until };
  return resolveOperation(deps, on, { ...due, ...claimed });
}

async function versionOf({ payment }: Loaded): Promise<number | undefined> {
  return (await loadPayment(t.platform.deps.pool, payment))?.position.version;
}

async function expectOneEffect(kind: Kind, id: string): Promise<void> {
  const { body } = await t.platform.payments.retrieve(t.principal, id);
  const charges = await provider.charges(id);
  expect(comparePayment(body as Payment, charges)).toEqual([]);
  const [charge, ...others] = charges;
  expect(others).toEqual([]);
  if (kind === 'authorize') expect(charge).toMatchObject({ captured: 4200 });
  if (kind === 'capture') expect(charge?.captures).toMatchObject([{ amount: 1000 }]);
  if (kind === 'void') expect(charge).toMatchObject({ voided: 4200 });
  if (kind === 'refund') expect(charge?.refunds).toMatchObject([{ amount: 1000 }]);
  const explained = (await t.platform.payments.explain(t.principal, id)).body as {
    invariants: { name: string; holds: boolean }[];
  };
  expect(explained.invariants.filter((invariant) => !invariant.holds)).toEqual([]);
}

type Door = { open(): void; passed: Promise<void>; somebodyWaits: Promise<void>; arrive(): void };

function closedDoor(): Door {
  const passing = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  return {
    open: passing.resolve,
    passed: passing.promise,
    somebodyWaits: waiting.promise,
    arrive: waiting.resolve,
  };
}

function openDoor(): Door {
  const made = closedDoor();
  made.open();
  return made;
}

/** Answers of calls that move money pass the door that is there when they come; look-ups need none. */
function withDoor(connector: Connector): Connector {
  return {
    ...connector,
    async perform(operation, trace) {
      const answer = await connector.perform(operation, trace);
      const at = door;
      at.arrive();
      await at.passed;
      return answer;
    },
  };
}
