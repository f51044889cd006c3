import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, receiver } from '../../src/features/notifications/test-kit.ts';
import type { Answer } from '../support/client.ts';
import { endToEnd } from '../support/e2e.ts';

/** Real processes: the API takes the endpoint, the worker sends, a shop of its own listens. */
const t = endToEnd({ env: { TRUEPENNY_WEBHOOKS_ALLOW_PRIVATE: 'true' } });

let shop: Receiver;
beforeAll(async () => {
  shop = await receiver();
});
afterAll(() => shop.close());

type Endpoint = { id: string; secret: string; status: string; url: string; description: string | null };
type Delivery = {
  id: string;
  event: string;
  type: string;
  status: string;
  attempts: { http_status: number }[];
};
type List<One> = { data: One[] };

const PATH = '/v1/webhook_endpoints';
const RECOVERY_MS = 20_000;

async function send(method: 'PATCH' | 'DELETE', path: string, body: object): Promise<Answer<Endpoint>> {
  const response = await fetch(`${t.deployment.apis[0]?.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${t.deployment.merchant.secretKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() } as Answer<Endpoint>;
}

async function makeEndpoint(more: object = {}): Promise<Endpoint> {
  const made = await t.api.post<Endpoint>(PATH, { url: shop.url, ...more });
  expect(made.status, made.text).toBe(200);
  return made.body;
}

const sent = (id: string) => shop.got.filter(({ hook }) => hook.payment === id).map(({ hook }) => hook.type);

describe('webhooks to a merchant', () => {
  test('a sale is told to the shop, signed so that it can be verified, each event once', async () => {
    const { secret } = await makeEndpoint({ ordered: true });
    const { id } = (await t.api.sale('tok_approve')).body;
    const expected = [
      'payment.created',
      'payment.attempt_started',
      'payment.authorization_approved',
      'capture.succeeded',
    ];
    await expect.poll(() => sent(id), { timeout: RECOVERY_MS }).toEqual(expected);
    const client = new Webhook(secret);
    for (const { headers, text, hook } of shop.got) expect(client.verify(text, headers)).toEqual(hook);
    const [first] = shop.got;
    const verify = (changed: object) => () =>
      client.verify(first?.text ?? '', { ...first?.headers, ...changed });
    expect(verify({})).not.toThrow();
    expect(verify({ 'webhook-id': 'evt_other' })).toThrow();
    expect(verify({ 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 400) })).toThrow();
  });

  test('a change and its event are one: every process is killed right after the answer, and the shop hears of all', async () => {
    const [api] = t.deployment.apis;
    const [worker] = t.deployment.workers;
    await worker?.end('SIGKILL');
    const { id } = (await t.api.sale('tok_approve')).body;
    await api?.end('SIGKILL');
    expect(sent(id)).toEqual([]);
    await Promise.all([api?.start(), worker?.start()]);
    await expect.poll(() => new Set(sent(id)).size, { timeout: RECOVERY_MS }).toBe(4);
  });

  test('a worker that is killed over its deliveries loses none', async () => {
    const [worker] = t.deployment.workers;
    shop.answer.status = null;
    const { id } = (await t.api.sale('tok_approve')).body;
    await expect.poll(() => sent(id).length, { timeout: RECOVERY_MS }).toBeGreaterThan(0);
    await worker?.end('SIGKILL');
    shop.answer.status = 200;
    shop.got.length = 0;
    // As if the lease had run out: half a minute is long for a test.
    await leasesRunOut();
    await worker?.start();
    await expect.poll(() => new Set(sent(id)).size, { timeout: RECOVERY_MS }).toBe(4);
  });

  test('an endpoint is tried, looked at, changed, sent to again and deleted over the API', async () => {
    const made = await makeEndpoint({ events: ['dispute.*'], description: 'accounting' });
    expect((await t.api.get<Endpoint>(`${PATH}/${made.id}`)).body).not.toHaveProperty('secret');
    const listed = (await t.api.get<List<Endpoint>>(PATH)).body.data;
    expect(listed.map(({ id }) => id)).toContain(made.id);
    expect((await t.api.post<Delivery>(`${PATH}/${made.id}/test`, {})).body.type).toBe('endpoint.test');
    const deliveries = async () =>
      (await t.api.get<List<Delivery>>(`${PATH}/${made.id}/deliveries`)).body.data;
    await expect
      .poll(async () => (await deliveries()).map(({ status }) => status), { timeout: RECOVERY_MS })
      .toEqual(['succeeded']);
    const [delivery] = await deliveries();
    expect(delivery?.attempts).toMatchObject([{ http_status: 200 }]);
    await t.api.post(`${PATH}/${made.id}/redeliver`, { delivery: delivery?.id });
    const arrived = () => shop.got.filter(({ hook }) => hook.id === delivery?.event).length;
    await expect.poll(arrived, { timeout: RECOVERY_MS }).toBe(2);
    const changed = await send('PATCH', `${PATH}/${made.id}`, { status: 'disabled', description: 'old' });
    expect(changed.body).toMatchObject({ status: 'disabled', description: 'old', url: shop.url });
    const rotated = await t.api.post<Endpoint>(`${PATH}/${made.id}/rotate_secret`, {});
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect((await send('DELETE', `${PATH}/${made.id}`, {})).status).toBe(200);
    expect((await t.api.get(`${PATH}/${made.id}`)).status).toBe(404);
  });

  test('what cannot be an endpoint is refused, naming the field', async () => {
    for (const [body, field] of [
      [{ url: 'shop.example' }, '/url'],
      [{ url: shop.url, events: [] }, '/events'],
      [{ url: shop.url, events: ['Refund!'] }, '/events/0'],
      [{ url: shop.url, events: ['refund.*', 'refund.sucess'] }, '/events/1'],
      [{ url: shop.url, secret: 'whsec_mine' }, '/secret'],
    ] as const)
      expect((await t.api.post(PATH, body)).body, field).toMatchObject({ errors: [{ field }] });
    const { id } = await makeEndpoint();
    expect((await t.api.post(`${PATH}/${id}/redeliver`, {})).body).toMatchObject({
      errors: [{ field: '/from' }],
    });
    expect((await t.api.get(`${PATH}/whe_nonsense/deliveries`)).body).toMatchObject({
      code: 'webhook_endpoint_not_found',
    });
    await send('DELETE', `${PATH}/${id}`, {});
  });

  test('the secrets are in no log', () => {
    expect(t.deployment.logs()).toContain('webhook_endpoints');
    expect(t.deployment.logs()).not.toContain('whsec_');
  });
});

async function leasesRunOut(): Promise<void> {
  const client = new pg.Client({ connectionString: t.deployment.databaseUrl });
  await client.connect();
  await client.query(`update deliveries set due_at = now(), leased_until = null where status = 'pending'`);
  await client.end();
}
