/** The simulator's webhooks over real processes: twice, shuffled, corrupted, and with processes killed in between. */

import { expect, test } from 'vitest';
import { endToEnd, startWorkers } from '../support/e2e.ts';
import { SECRET } from '../support/webhooks.ts';

const t = endToEnd({
  env: { TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }) },
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
