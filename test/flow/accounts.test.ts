/** Provider accounts and versions side by side, over the whole platform. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Capabilities } from '../../src/connectors/capabilities.ts';
import type { Accounts, Connector } from '../../src/connectors/port.ts';
import { createAccounts } from '../../src/connectors/registry.ts';
import { createPayments } from '../../src/features/payments/payments.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import { loadPayment } from '../../src/flow/stream.ts';
import { createProblems } from '../../src/http/problems.ts';
import { readAccounts } from '../../src/ops/accounts.ts';
import { realWorld } from '../../src/ops/world.ts';
import { inProcessProvider } from '../support/in-process-provider.ts';
import { request, sale, type TestPlatform, testPlatform } from '../support/platform.ts';

let t: TestPlatform;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());

type Heard = { connector: string; kind: string; operation: string }[];

/** A provider that notes what it is asked, and may answer otherwise. */
function provider(
  heard: Heard,
  name: string,
  version: string,
  capabilities: Partial<Capabilities> = {},
  perform?: Connector['perform'],
): Connector {
  const inner = inProcessProvider({ world: realWorld(), name, capabilities });
  return {
    ...inner,
    version,
    perform: (ask, trace) => {
      heard.push({ connector: `${name} ${version}`, kind: ask.kind, operation: ask.operation });
      return (perform ?? inner.perform)(ask, trace);
    },
  };
}

function account(name: string, connectors: [Connector, number][], mode: 'test' | 'live' | 'any' = 'any') {
  const versions = connectors.map(([connector, percent]) => ({ connector, percent }));
  return [name, { account: name, provider: connectors[0]?.[0].name ?? '', mode, versions }] as const;
}

function platformWith(accounts: Accounts) {
  const deps = { ...t.platform.deps, accounts };
  const problem = createProblems('http://api.test');
  const payments = createPayments({ ...deps, inProgress: new Map(), problem, fundsOf: async () => 'own' });
  return { deps, payments };
}

type Payment = {
  id: string;
  code?: string;
  latest_attempt: Record<string, unknown> & { routing: { candidates: object[] } };
};
const body = (reply: { body: object | string }) => reply.body as unknown as Payment;

describe('which account takes a payment', () => {
  const heard: Heard = [];
  const cards = provider(heard, 'cards', '1', { methods: ['card'], currencies: ['EUR'] });
  const debits = provider(heard, 'debits', '7', { methods: ['sepa_debit', 'card'], manualCapture: [] });
  const live = provider(heard, 'live', '1');
  const accounts: Accounts = new Map([
    account('only_live', [[live, 100]], 'live'),
    account('eu_cards', [[cards, 100]]),
    account('eu_debits', [[debits, 100]]),
  ]);

  test('the first that can, and why the others were left is kept with the attempt', async () => {
    const { payments } = platformWith(accounts);
    const paid = body(await payments.create(request(t, 'route-1', sale('tok_approve'))));
    expect(paid.latest_attempt).toMatchObject({
      provider: 'cards',
      provider_account: 'eu_cards',
      connector_version: '1',
    });
    expect(paid.latest_attempt.routing.candidates).toEqual([
      { provider: 'live', account: 'only_live', taken: false, reason: 'takes live payments only' },
      { provider: 'cards', account: 'eu_cards', taken: true, reason: 'the first that is able' },
      { provider: 'debits', account: 'eu_debits', taken: false, reason: 'able as well, and not chosen' },
    ]);
  });

  test.each([
    ['the method', { payment_method: { type: 'sepa_debit', token: 'tok_approve' } }, 'debits'],
    ['the currency', { currency: 'JPY' }, 'debits'],
    ['the account that was named', { provider_account: 'eu_debits' }, 'debits'],
    ['capture later', { capture_method: 'manual' }, 'cards'],
  ])('%s decides', async (name, wish, wished) => {
    const { payments } = platformWith(accounts);
    const paid = body(await payments.create(request(t, `route ${name}`, sale('tok_approve', wish))));
    expect(paid.latest_attempt['provider_account']).toBe(`eu_${wished}`);
  });

  test.each([
    ['an account that is not there', { provider_account: 'nobody' }, { code: 'provider_account_unknown' }],
    [
      'a currency that the named account does not take',
      { currency: 'JPY', provider_account: 'eu_cards' },
      { code: 'not_supported_by_provider', provider: 'cards', capability: 'currency.JPY' },
    ],
    [
      'what no account can do',
      { payment_method: { type: 'ideal' } },
      {
        code: 'not_supported_by_provider',
        candidates: [{ capability: 'mode.test' }, {}, { capability: 'payment_method.ideal' }],
      },
    ],
  ])('%s is refused before anything is written, and the key is not used up', async (name, wish, problem) => {
    const { payments } = platformWith(accounts);
    const before = heard.length;
    const refused = await payments.create(request(t, `refused ${name}`, sale('tok_approve', wish)));
    expect(refused).toMatchObject({ status: 422, body: problem });
    expect(heard).toHaveLength(before);
    expect((await payments.create(request(t, `refused ${name}`, sale('tok_approve')))).status).toBe(200);
  });

  test('confirming is refused alike, and the payment stays as it was', async () => {
    const { payments } = platformWith(accounts);
    const later = body(
      await payments.create(request(t, 'confirm-0', sale('tok_approve', { confirm: false }))),
    );
    const input = { payment: later.id, payment_method: { type: 'ideal' as const }, provider_account: null };
    expect(await payments.confirm(request(t, 'confirm-1', input))).toMatchObject({ status: 422 });
    expect((await loadPayment(t.platform.deps.pool, later.id))?.position.version).toBe(1);
    const card = { ...input, payment_method: { type: 'card' as const, token: 'tok_approve' } };
    expect((await payments.confirm(request(t, 'confirm-1', card))).status).toBe(200);
  });
});

test('one-live-attempt: while one provider has not answered no other is tried, not even one that the merchant names', async () => {
  const heard: Heard = [];
  const inner = inProcessProvider({ world: realWorld(), name: 'mute' });
  const mute: Connector = {
    ...provider(heard, 'mute', '1', {}, async (ask, trace) => {
      const { call } = await inner.perform(ask, trace);
      return { outcome: { kind: 'unknown', reason: 'timeout' }, call };
    }),
    lookUp: async (ask, trace) => {
      const { call } = await inner.perform(ask, trace);
      return { kind: 'unavailable', reason: 'timeout', call };
    },
  };
  const other = provider(heard, 'other', '1');
  const { deps, payments } = platformWith(
    new Map([account('first', [[mute, 100]]), account('second', [[other, 100]])]),
  );
  const asked = await payments.create(request(t, 'one-live', sale('tok_approve')));
  expect(asked.status).toBe(202);
  const { id } = body(asked);
  for (const [n, provider_account] of ['second', 'first', null].entries()) {
    const payment_method = { type: 'card' as const, token: 'tok_approve' };
    const again = request(t, `one-live ${n}`, { payment: id, payment_method, provider_account });
    expect(await payments.confirm(again)).toMatchObject({
      status: 409,
      body: { code: 'operation_unresolved' },
    });
    await workOnce({ ...deps, world: { ...deps.world, now: () => deps.world.now() + (n + 1) * 3600_000 } });
  }
  expect(heard.map(({ connector }) => connector)).not.toContain('other 1');
  expect(new Set(heard.map(({ operation }) => operation)).size).toBe(1);
});

describe('versions side by side', () => {
  test('the traffic is divided, and an attempt stays with the version that it began with', async () => {
    const heard: Heard = [];
    const [old, young] = [provider(heard, 'acme', '1'), provider(heard, 'acme', '2')];
    const half = platformWith(
      new Map([
        account('default', [
          [old, 50],
          [young, 50],
        ]),
      ]),
    );
    const made = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        half.payments.create(request(t, `version-${n}`, sale('tok_approve', { capture_method: 'manual' }))),
      ),
    );
    const count = (version: string) =>
      made.filter((m) => body(m).latest_attempt['connector_version'] === version).length;
    expect(count('1')).toBeGreaterThan(10);
    expect(count('2')).toBeGreaterThan(10);
    heard.length = 0;
    const moved = platformWith(
      new Map([
        account('default', [
          [young, 100],
          [old, 0],
        ]),
      ]),
    );
    await Promise.all(
      made.map((m, n) =>
        moved.payments.capture(request(t, `cap-${n}`, { payment: body(m).id, amount: null, final: true })),
      ),
    );
    expect(heard.filter((h) => h.connector === 'acme 1')).toHaveLength(count('1'));
    expect(heard.filter((h) => h.connector === 'acme 2')).toHaveLength(count('2'));
  });
});

test('two accounts of one provider may use the same reference; within one it is a conflict', async () => {
  const same: Connector['perform'] = async (ask) => {
    const answer = await inProcessProvider({ world: realWorld() }).perform(ask, { traceparent: '' });
    const outcome = { ...answer.outcome, provider_reference: 'ch_same', movement: null };
    return { ...answer, outcome: outcome as typeof answer.outcome };
  };
  const twin = provider([], 'twin', '1', {}, same);
  const { payments } = platformWith(new Map([account('one', [[twin, 100]]), account('two', [[twin, 100]])]));
  const on = async (provider_account: string, key: string) => {
    const wish = { provider_account, capture_method: 'manual' };
    return (await payments.create(request(t, key, sale('tok_approve', wish)))).status;
  };
  expect(await on('one', 'same-1')).toBe(200);
  expect(await on('two', 'same-2')).toBe(200);
  expect(await on('one', 'same-3')).toBe(202);
});

describe('a provider that cannot be asked', () => {
  const awaits = 'the CAPTURE webhook';
  const none = { kind: 'none' as const, awaits };
  const lookUp = { authorize: none, complete: none, capture: none, void: none, refund: none };

  test.each([
    ['without a key it is never sent again: the platform waits, and says for what', null, 1],
    ['with a key it is sent again, inside the window', { keyLength: 64, windowMs: windows(60_000) }, 2],
  ] as const)('%s', async (name, idempotency, calls) => {
    const heard: Heard = [];
    const inner = inProcessProvider({ world: realWorld(), name: 'mute' });
    const lost: Connector['perform'] = async (ask, trace) => {
      const answer = await inner.perform(ask, trace);
      const first = heard.filter((h) => h.operation === ask.operation).length === 1;
      if (ask.kind !== 'capture' || !first) return answer;
      return { ...answer, outcome: { kind: 'unknown', reason: 'timeout' } };
    };
    const mute = provider(heard, 'mute', '1', { lookUp, idempotency }, lost);
    const { deps, payments } = platformWith(new Map([account('default', [[mute, 100]])]));
    const { id } = body(
      await payments.create(request(t, name, sale('tok_approve', { capture_method: 'manual' }))),
    );
    const captured = await payments.capture(
      request(t, `${name}!`, { payment: id, amount: null, final: true }),
    );
    expect(captured.status).toBe(202);
    const later = { ...deps, world: { ...deps.world, now: () => deps.world.now() + 30_000 } };
    await workOnce(later);
    expect(heard.filter((h) => h.kind === 'capture')).toHaveLength(calls);
    const { waiting } = (await payments.explain(t.principal, id)).body as { waiting: object[] };
    const expected = { last_result: `waits for ${awaits}`, next_at: expect.any(String) };
    if (idempotency === null) expect(waiting).toContainEqual(expect.objectContaining(expected));
    else expect(body(await payments.retrieve(t.principal, id))).toMatchObject({ status: 'captured' });
  });

  test('after the window it is not sent again, and what was accepted never is', async () => {
    const heard: Heard = [];
    const accepted: Connector['perform'] = async (ask, trace) => {
      const answer = await inProcessProvider({ world: realWorld(), name: 'mute' }).perform(ask, trace);
      return ask.kind === 'capture'
        ? { ...answer, outcome: { kind: 'pending', provider_reference: null } }
        : answer;
    };
    const idempotency = { keyLength: 64, windowMs: windows(60_000) };
    const mute = provider(heard, 'mute', '1', { lookUp, idempotency }, accepted);
    const { deps, payments } = platformWith(new Map([account('default', [[mute, 100]])]));
    const { id } = body(
      await payments.create(request(t, 'accepted', sale('tok_approve', { capture_method: 'manual' }))),
    );
    await payments.capture(request(t, 'accepted!', { payment: id, amount: null, final: true }));
    for (const ms of [30_000, 3_600_000]) {
      await workOnce({ ...deps, world: { ...deps.world, now: () => deps.world.now() + ms } });
    }
    expect(heard.filter((h) => h.kind === 'capture')).toHaveLength(1);
  });
});

function windows(ms: number) {
  return { authorize: ms, complete: ms, capture: ms, void: ms, refund: ms };
}

describe('the configuration of accounts', () => {
  const ENV = { STRIPE_KEY: 'sk_test_1' };
  const good = {
    account: 'a',
    provider: 'simulator',
    url: 'http://127.0.0.1:1',
    versions: [{ version: '1', percent: 100 }],
  };
  const read = (...accounts: object[]) => readAccounts(JSON.stringify(accounts), ENV, 'providers.json');

  test('a credential may be a text or the name of a variable', () => {
    const credentials = { secret_key: { env: 'STRIPE_KEY' }, other: 'x' };
    expect(read({ ...good, credentials })[0]?.credentials).toEqual({ secret_key: 'sk_test_1', other: 'x' });
  });

  test.each([
    ['no list', [], /must hold a JSON list/],
    ['no name', [{ ...good, account: undefined }], /account 1 needs "account"/],
    ['the same name twice', [good, good], /names the account a twice/],
    [
      'percents that do not make 100',
      [{ ...good, versions: [{ version: '1', percent: 90 }] }],
      /they make 90/,
    ],
    [
      'a version twice',
      [
        {
          ...good,
          versions: [
            { version: '1', percent: 50 },
            { version: '1', percent: 50 },
          ],
        },
      ],
      /each once/,
    ],
    [
      'a variable that is not set',
      [{ ...good, credentials: { k: { env: 'NOPE' } } }],
      /variable NOPE for the credential k is not set/,
    ],
    ['a field that nothing reads', [{ ...good, secret: 'x' }], /a field that nothing reads/],
    ['an address that is none', [{ ...good, url: 'ftp://x' }], /must be an http or https address/],
  ])('%s is refused with what to do', (_, accounts, message) => {
    expect(() => read(...accounts)).toThrow(message);
  });

  test.each([
    [
      'a provider that nobody knows',
      { provider: 'acme' },
      /at acme, which no connector knows; there are .*simulator/,
    ],
    [
      'a version that there is not',
      { versions: [{ version: '9', percent: 100 }] },
      /asks for version 9 of simulator; there are 1/,
    ],
  ])('%s is refused before anything starts', (_, change, message) => {
    const configs = read({ ...good, ...change });
    expect(() => createAccounts(configs, { world: realWorld(), timeoutMs: null })).toThrow(message);
  });
});
