import { afterAll, beforeAll, expect, test } from 'vitest';
import { query } from '../../src/db/pool.ts';
import type { Reply } from '../../src/flow/caller.ts';
import { readerOf } from '../../src/flow/deps.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import type { Platform } from '../../src/main.ts';
import { committing, paymentsOf } from '../support/committer.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';
import { providerAt } from '../support/provider.ts';

type Body = {
  id: string;
  status: string;
  amount: number;
  code?: string;
  amount_refunded: number;
  amount_captured: number;
  pending_operations: unknown[];
  invariants: { name: string; holds: boolean; detail: string | null }[];
};

let t: TestPlatform;
let processes: Platform[];
beforeAll(async () => {
  t = await testPlatform();
  processes = [t.platform, await t.another(), await t.another()];
});
afterAll(() => t.close());

function body(reply: Reply): Body {
  return (typeof reply.body === 'string' ? JSON.parse(reply.body) : reply.body) as Body;
}

function any<T>(list: T[], n: number): T {
  const item = list[n % list.length];
  if (item === undefined) throw new Error('an empty list has no item');
  return item;
}

/** Lets the workers do what is due; gives how many operations are still open. On a busy machine a call may time out. */
async function unresolved(payments: string[]): Promise<number> {
  await Promise.all(processes.map(({ deps }) => workOnce(deps)));
  const replies = await Promise.all(payments.map((id) => t.platform.payments.retrieve(t.principal, id)));
  return replies.reduce((sum, reply) => sum + body(reply).pending_operations.length, 0);
}

test('overlapping streams and keys from several processes: every commit whole, no key with two effects, none lost', async () => {
  const created = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      t.platform.payments.create(request(t, `sale-${n}`, sale('tok_approve'))),
    ),
  );
  const payments = created.map((reply) => body(reply).id);

  // 600 refunds on 12 payments under 300 keys: each key twice, mostly through another process.
  const replies = await Promise.all(
    Array.from({ length: 600 }, async (_, n) => {
      const key = n % 300;
      const input = { payment: any(payments, key), amount: 150, reason: null, metadata: {} };
      const reply = await any(processes, n + Math.floor(n / 300))
        .payments.refund(request(t, `refund-${key}`, input, `refund ${key}`))
        .catch((error: Error) => error);
      return { key, reply };
    }),
  );

  const acknowledged = new Map<number, string>();
  for (const { key, reply } of replies) {
    if (reply instanceof Error || reply.status !== 200) continue;
    const { id } = body(reply);
    expect(acknowledged.get(key) ?? id, 'one-key-one-effect').toBe(id);
    acknowledged.set(key, id);
  }
  expect(acknowledged.size).toBeGreaterThan(50);

  await expect.poll(() => unresolved(payments), { timeout: 15_000 }).toBe(0);
  for (const payment of payments) {
    const explained = body(await t.platform.payments.explain(t.principal, payment));
    expect(explained.invariants.filter((i) => !i.holds)).toEqual([]);
    const { amount_refunded: refunded } = body(await t.platform.payments.retrieve(t.principal, payment));
    const charges = (await (await fetch(`${t.simulatorUrl}/books?reference=${payment}`)).json()) as {
      charges: { refunded: number }[];
    };
    expect(
      charges.charges.reduce((sum, charge) => sum + charge.refunded, 0),
      'books-agree',
    ).toBe(refunded);
    expect(refunded).toBeLessThanOrEqual(4200);
  }
  const rows = await query<{ n: number }>(t.platform.deps.pool, {
    name: 'count_refunds',
    text: `select count(*)::int as n from events where type = 'refund_succeeded'`,
  });
  expect(rows[0]?.n).toBeGreaterThanOrEqual(acknowledged.size);
});

test('several workers and the request itself on one operation: one ending', async () => {
  const slow = t.platform.payments.create(request(t, 'slow', sale('tok_timeout_after')));
  const { id } = body(await slow);
  await expect
    .poll(
      async () => {
        await Promise.all(processes.flatMap(({ deps }) => [workOnce(deps), workOnce(deps)]));
        return body(await t.platform.payments.retrieve(t.principal, id)).status;
      },
      { timeout: 10_000 },
    )
    .toBe('captured');
  const { data } = body(
    await t.platform.payments.events(t.principal, id, { limit: 100, after: 0 }),
  ) as unknown as { data: { type: string }[] };
  expect(data.map((event) => event.type)).toEqual([
    'payment_created',
    'attempt_started',
    'operation_unknown',
    'authorization_approved',
    'capture_succeeded',
  ]);
});

test('the same key twice inside one commit group is one effect', async () => {
  // Through two doors that know nothing of each other, and held until both are there: they are queued in one tick.
  const both = Promise.withResolvers<void>();
  const deps = committing(t.platform.deps, async (item, number, pass) => {
    if (number === 2) both.resolve();
    await both.promise;
    return pass(item);
  });
  const asked = request(t, 'twice', sale('tok_approve', { reference: 'twice' }));
  const replies = await Promise.all([0, 1].map(() => paymentsOf(deps).create(asked)));
  // Whoever comes second is told to wait, or what the first one was told: by how far that has got.
  const paid = replies.filter(({ status }) => status < 300);
  for (const reply of replies)
    if (reply.status >= 300) expect(body(reply)).toMatchObject({ code: 'idempotency_key_in_use' });
  const again = await t.platform.payments.create(asked);
  expect(new Set([...paid, again].map((reply) => JSON.stringify(body(reply)))).size).toBe(1);
  const none = { cursor: null, status: null, currency: null, created_from: null, created_to: null };
  const { data } = body(
    await t.platform.payments.list(t.principal, { limit: 10, reference: 'twice', ...none }),
  ) as unknown as { data: Body[] };
  expect(data).toHaveLength(1);
  expect(await providerAt(t.simulatorUrl).charges(data[0]?.id)).toMatchObject([{ captured: 4200 }]);
});

test('one-reference-one-attempt: a provider that answers with an id of another payment is not believed, and a person is told', async () => {
  const first = body(await t.platform.payments.create(request(t, 'first', sale('tok_approve'))));
  const { latest_attempt } = first as unknown as { latest_attempt: { provider_reference: string } };
  const connector = readerOf(t.platform.deps, 'simulator', 'default');
  if (!connector) throw new Error('the platform has a connector');
  const confused = await t.another({
    ...connector,
    perform: async (ask, trace) => {
      const answer = await connector.perform(ask, trace);
      const { outcome } = answer;
      return outcome.kind === 'approved'
        ? { ...answer, outcome: { ...outcome, provider_reference: latest_attempt.provider_reference } }
        : answer;
    },
  });
  const second = await confused.payments.create(request(t, 'second', sale('tok_approve')));
  expect(second.status).toBe(202);
  expect(
    (body(second) as unknown as { exceptions: { type: string }[] }).exceptions.map((x) => x.type),
  ).toEqual(['reference_conflict']);
});
