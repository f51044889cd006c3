import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { request, type TestPlatform, testPlatform } from '../../../test/support/platform.ts';
import { realWorld } from '../../ops/world.ts';
import { guardedLookup, publicAddresses, urlProblem } from './addresses.ts';
import { mintSecret, seal, unseal } from './secret.ts';
import { type Notifier, notifier, type Received, type Receiver, receiver } from './test-kit.ts';

let t: TestPlatform;
let n: Notifier;
let shop: Receiver;
beforeAll(async () => {
  t = await testPlatform();
});
afterAll(() => t.close());
beforeEach(async () => {
  n = notifier(t);
  shop = await receiver();
});
afterEach(() => Promise.all([n.close(), shop.close()]));

/** The receiver's own arithmetic: Standard Webhooks as its specification has it. */
function signatureOf(secret: string, { headers, text }: Received): string {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}

const signatures = (received: Received | undefined) => received?.headers['webhook-signature']?.split(' ');

async function sendTest(endpoint: string, key: string): Promise<Received> {
  const before = shop.got.length;
  expect((await n.notifications.sendTest(request(t, key, { endpoint }))).status).toBe(200);
  await n.until(() => shop.got.length, before + 1);
  const received = shop.got.at(-1);
  if (!received) throw new Error('nothing was received');
  return received;
}

describe('secrets', () => {
  test('while a secret is rotated both sign; after a day the new one alone', async () => {
    const { id, secret } = await n.endpoint(shop.url, { events: ['refund.*'] });
    const first = await sendTest(id, 'test 1');
    expect(first.hook).toMatchObject({ type: 'endpoint.test', payment: null, data: {} });
    expect(signatures(first)).toEqual([signatureOf(secret, first)]);
    const rotated = (await n.notifications.rotateSecret(request(t, 'rotate', { endpoint: id }))).body as {
      secret: string;
    };
    expect(rotated.secret).not.toBe(secret);
    const second = await sendTest(id, 'test 2');
    expect(signatures(second)).toEqual([signatureOf(rotated.secret, second), signatureOf(secret, second)]);
    n.pass(25 * 3600_000);
    const third = await sendTest(id, 'test 3');
    expect(signatures(third)).toEqual([signatureOf(rotated.secret, third)]);
  });

  test('a repeated creation gives the very same answer, another request with its key is refused, and one endpoint is made', async () => {
    const input = { url: shop.url, events: ['*'], ordered: false, description: null };
    const create = (fingerprint?: string) => n.notifications.create(request(t, 'once', input, fingerprint));
    const [first, again] = await Promise.all([create(), create()]);
    const answers = [first, again].map(({ body }) =>
      typeof body === 'string' ? body : JSON.stringify(body),
    );
    expect(answers[0]).toBe(answers[1]);
    expect([first, again].filter((reply) => reply.replayed)).toHaveLength(1);
    expect((await create('POST|other')).body).toMatchObject({ code: 'idempotency_key_reused' });
    const { rowCount } = await t.platform.deps.pool.query('select 1 from webhook_endpoints where url = $1', [
      shop.url,
    ]);
    expect(rowCount).toBe(1);
    const { secret } = JSON.parse(answers[0] ?? '') as { secret: string };
    for (const table of ['webhook_endpoints', 'idempotency_keys']) {
      const found = await t.platform.deps.pool.query(`select 1 from ${table} t where t::text like $1`, [
        `%${secret.slice(6, 30)}%`,
      ]);
      expect(found.rowCount, table).toBe(0);
    }
  });

  test('with another chain key nothing is sent unsigned or wrongly signed; a rotated secret signs at once', async () => {
    const { id } = await n.endpoint(shop.url, { events: ['refund.*'] });
    const elsewhere = notifier(t, true, Buffer.alloc(32, 9));
    await elsewhere.notifications.sendTest(request(t, 'unreadable', { endpoint: id }));
    await elsewhere.work();
    expect(await n.deliveries(id)).toMatchObject([
      { status: 'pending', attempts: [{ http_status: null, error: 'secret_unreadable' }] },
    ]);
    expect(shop.got).toEqual([]);
    await elsewhere.notifications.rotateSecret(request(t, 'rotate unreadable', { endpoint: id }));
    elsewhere.pass(10_000);
    expect(await elsewhere.work()).toBe(1);
    expect(signatures(shop.got[0])).toHaveLength(1);
    await elsewhere.close();
  });

  test('a stored secret opens for its endpoint and its key alone', () => {
    const world = realWorld();
    const key = Buffer.alloc(32, 7);
    const secret = mintSecret(world);
    const sealed = seal(key, world, 'whe_a', secret);
    expect(unseal(key, 'whe_a', sealed)).toBe(secret);
    expect(sealed.toString('latin1')).not.toContain(secret);
    expect(() => unseal(key, 'whe_b', sealed)).toThrow();
    expect(() => unseal(Buffer.alloc(32, 8), 'whe_a', sealed)).toThrow();
    sealed.writeUInt8(sealed.readUInt8(14) ^ 1, 14);
    expect(() => unseal(key, 'whe_a', sealed)).toThrow();
  });

  test('a merchant can have only so many endpoints', async () => {
    const live = { ...t.principal, mode: 'live' as const };
    for (let i = 0; i < 20; i++) await n.endpoint(shop.url, {}, live);
    const input = { url: shop.url, events: ['*'], ordered: false, description: null };
    const refused = await n.notifications.create({ ...request(t, 'one more', input), principal: live });
    expect(refused).toMatchObject({ status: 409, body: { code: 'too_many_webhook_endpoints' } });
  });
});

describe('addresses that only we can reach', () => {
  test.each([
    'https://localhost',
    'https://127.0.0.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://0',
    'https://2130706433',
  ])('%s is not called, though something listens there', async (host) => {
    const { port } = new URL(shop.url);
    const strict = notifier(t, false);
    const { id } = await n.endpoint(`${host}:${port}/`, { events: ['refund.*'] });
    await strict.notifications.sendTest(request(t, `strict ${host}`, { endpoint: id }));
    await strict.work();
    expect(await strict.deliveries(id)).toMatchObject([
      { status: 'pending', attempts: [{ http_status: null, error: 'address_refused' }] },
    ]);
    expect(shop.got).toEqual([]);
    await strict.close();
  });

  test('the same are called where that is allowed', async () => {
    const { port } = new URL(shop.url);
    const { id } = await n.endpoint(`http://localhost:${port}/`, { events: ['refund.*'] });
    expect((await sendTest(id, 'allowed')).path).toBe('/');
  });

  test('a redirect is an answer like any other that is not 2xx: nobody follows it', async () => {
    const inside = await receiver();
    const { id } = await n.endpoint(shop.url, { events: ['refund.*'] });
    Object.assign(shop.answer, { status: 307, headers: { location: inside.url } });
    await sendTest(id, 'redirect');
    expect(await n.deliveries(id)).toMatchObject([{ status: 'pending', attempts: [{ http_status: 307 }] }]);
    expect(inside.got).toEqual([]);
    await inside.close();
  });

  test.each([
    ['http://shop.example/', 'without TLS'],
    ['https://10.1.2.3/', 'a private address'],
    ['https://169.254.169.254/latest/meta-data', "the cloud's own"],
    ['https://[fd00:ec2::254]/', "the cloud's own"],
    ['https://ada:secret@shop.example/', 'a password'],
    ['ftp://shop.example/', 'no web address'],
  ])('an endpoint at %s is refused when it is made: %s', async (url) => {
    const strict = notifier(t, false);
    const input = { url, events: ['*'], ordered: false, description: null };
    const refused = await strict.notifications.create(request(t, `refused ${url}`, input));
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: '/url' }] } });
    expect(JSON.stringify(refused.body)).not.toContain('secret@');
    await strict.close();
  });

  test('a name is resolved once, and what was checked is what is connected to', async () => {
    const lookup = (isPublic: (address: string) => boolean, all: boolean) =>
      new Promise<unknown[]>((resolve) =>
        guardedLookup(isPublic)('localhost', { all }, (...found) => resolve(found)),
      );
    const seen: string[] = [];
    const [, addresses] = await lookup((address) => seen.push(address) > 0, true);
    expect((addresses as { address: string }[]).map(({ address }) => address)).toEqual(seen);
    expect((await lookup(() => true, false))[1]).toBe(seen[0]);
    expect(await lookup(() => false, true)).toMatchObject([{ code: 'address_refused' }, '', 0]);
  });

  test('an address of the public internet may be called', () => {
    expect(urlProblem('https://shop.example/hooks?a=1', false)).toBeNull();
    const isPublic = publicAddresses();
    for (const address of ['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.0.1', '2606:4700::1111'])
      expect(isPublic(address), address).toBe(true);
  });

  test.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '127.8.8.8',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::',
    '2001:0:a00:1::',
    'localhost',
    '',
  ])('%s is not of the public internet', (address) => {
    expect(publicAddresses()(address)).toBe(false);
  });
});
