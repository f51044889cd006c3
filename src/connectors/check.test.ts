import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { realWorld } from '../ops/world.ts';
import { testSimulator } from '../simulator/test-kit.ts';
import { checkConnector } from './check.ts';
import type { Trace } from './port.ts';
import { simulatorConnector } from './simulator/connector.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

async function check(secrets: string[] | undefined, url: string, aheadMs = 0) {
  const world = realWorld(() => aheadMs);
  const connector = simulatorConnector({ url, world });
  onTestFinished(connector.close);
  const found = await checkConnector(connector, secrets, world);
  return Object.fromEntries(found.map(({ what, ok, detail }) => [what, `${ok}: ${detail}`]));
}

test('an account in order passes every check', async () => {
  const { url } = await testSimulator();
  expect(await check([SECRET], url)).toEqual({
    credentials: 'true: accepted: GET /v1/transactions answered 200',
    clock: expect.stringMatching(/^true: the provider is [01] s/),
    'webhook secret': 'true: 1 configured, well-formed',
    capabilities: expect.stringMatching(/^true: card, .*; all currencies$/),
  });
});

test('a provider that cannot be reached tells nothing of credentials and clocks', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const found = await check([SECRET], `http://127.0.0.1:${port}`);
  expect(found['credentials']).toBe('false: not known: ECONNREFUSED');
  expect(found['clock']).toBe('null: the provider told no time');
});

test('what the provider contradicts is told, each by itself', async () => {
  const { url } = await testSimulator();
  const connector = simulatorConnector({ url, world: realWorld() });
  onTestFinished(connector.close);
  const contradictions = ['the key is of another mode', 'EUR settles in USD'];
  const probe = async (trace: Trace) => ({ ...(await connector.probe(trace)), contradictions });
  const found = await checkConnector({ ...connector, probe }, [SECRET], realWorld());
  expect(found.filter(({ what }) => what === 'configuration')).toEqual(
    contradictions.map((detail) => ({ what: 'configuration', ok: false, detail })),
  );
});

test('a clock that is minutes off is told, with which way', async () => {
  const { url } = await testSimulator();
  expect((await check([SECRET], url, 120_000))['clock']).toMatch(
    /^false: the provider is 1[12]\d s behind: check NTP$/,
  );
});

test.each([
  [undefined, /^false: none configured/],
  [['whsec_tooshort!'], /^false: webhook secret 1 of 1 is not usable|^false: /],
])('a webhook secret that is missing or malformed is told, and never shown', async (secrets, wished) => {
  const { url } = await testSimulator();
  const told = (await check(secrets, url))['webhook secret'] ?? '';
  expect(told).toMatch(wished);
  expect(told).not.toContain('tooshort');
});
