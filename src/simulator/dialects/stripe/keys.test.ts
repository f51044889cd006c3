import { describe, expect, test } from 'vitest';
import { testSimulator } from '../../test-kit.ts';
import { refusal, sdkAt, stripeSimulator } from './test-kit.ts';

describe('a key at Stripe', () => {
  test('is answered with the first answer again, and says so', async () => {
    const { stripe } = await stripeSimulator();
    const create = () => stripe.customers.create({ description: 'One' }, { idempotencyKey: 'key_1' });
    const [first, second] = [await create(), await create()];
    expect(second.id).toBe(first.id);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(first.lastResponse.requestId).toMatch(/^req_/);
    expect((await stripe.customers.retrieve(first.id)).id).toBe(first.id);
  });

  test('with another body is refused', async () => {
    const { stripe } = await stripeSimulator();
    await stripe.customers.create({ description: 'One' }, { idempotencyKey: 'key_1' });
    const error = await refusal(stripe.customers.create({ description: 'Two' }, { idempotencyKey: 'key_1' }));
    expect([error.type, error.statusCode]).toEqual(['StripeIdempotencyError', 400]);
  });

  test.each(['error_before', 'error_after'])(
    '%s: the 500 is the answer for a day, also after a restart',
    async (fault) => {
      const { simulator, stripe, world } = await stripeSimulator();
      await simulator.post('/faults', { operation: 'prepare', fault });
      const create = (at = stripe) => at.customers.create({}, { idempotencyKey: 'key_1' });
      expect((await refusal(create())).statusCode).toBe(500);
      expect((await refusal(create())).headers?.['idempotent-replayed']).toBe('true');

      await simulator.close();
      const again = await testSimulator({ world, dataDir: simulator.dataDir, dialectPorts: { stripe: 0 } });
      const after = sdkAt(again.dialectUrls.get('stripe') ?? '');
      expect((await refusal(create(after))).statusCode).toBe(500);
      world.forward(24 * 3600_000);
      expect((await create(after)).object).toBe('customer');
    },
  );

  test('is in use while its first request is worked on', async () => {
    const { simulator, stripe } = await stripeSimulator();
    await simulator.post('/settings', { slow_ms: 300 });
    await simulator.post('/faults', { operation: 'prepare', fault: 'slow' });
    const create = () => stripe.customers.create({}, { idempotencyKey: 'key_1' });
    const [one, two] = await Promise.allSettled([create(), create()]);
    const failed = [one, two].flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
  });

  test('of a request that was not even read is free again', async () => {
    const { simulator, stripe } = await stripeSimulator();
    await simulator.post('/faults', { operation: 'prepare', fault: 'rate_limited' });
    const create = () => stripe.customers.create({}, { idempotencyKey: 'key_1' });
    expect((await refusal(create())).type).toBe('StripeRateLimitError');
    expect((await create()).object).toBe('customer');
  });
});

test('an outage and a missing secret key meet every dialect', async () => {
  const { simulator, stripe, url } = await stripeSimulator();
  expect((await fetch(`${url}/v1/customers`, { method: 'POST' })).status).toBe(401);
  await simulator.post('/outage', { mode: 'down' });
  expect((await refusal(stripe.customers.create())).type).toBe('StripeConnectionError');
});

test('a dialect that nobody asked for does not listen', async () => {
  const simulator = await testSimulator();
  expect((await simulator.get('/dialects')).body).toEqual({ dialects: {} });
});
