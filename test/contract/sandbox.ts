/**
 * The same at the provider's real sandbox, for whoever has credentials: TRUEPENNY_SANDBOX_STRIPE_SECRET_KEY and the
 * like, one for each credential and setting that the connector needs. Skipped, visibly, without them.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { neededBy } from '../../src/connectors/registry.ts';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import type { Payment } from '../support/client.ts';
import { type Sandbox, startSandbox } from './harness.ts';
import type { ContractSubject } from './subject.ts';

export function inSandbox(subject: ContractSubject): void {
  const { sandbox, provider, version } = subject;
  if (sandbox === null) return;
  const needed = neededBy(provider);
  const variable = (name: string) => `TRUEPENNY_SANDBOX_${provider}_${name}`.toUpperCase();
  const given = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, process.env[variable(name)] ?? '']));
  const credentials = given(needed.credentials);
  const settings = given(needed.settings);
  const missing = [...needed.credentials, ...needed.settings]
    .map(variable)
    .filter((name) => !process.env[name]);
  const title = `${provider} ${version} in its sandbox${missing.length > 0 ? ` (set ${missing.join(', ')})` : ''}`;
  describe.skipIf(missing.length > 0)(title, () => {
    const t = {} as Sandbox;
    beforeAll(async () => {
      Object.assign(t, await startSandbox(subject, { url: sandbox.url, credentials, settings }));
    });
    afterAll(() => t.stop?.());
    lifeCycle(t, sandbox.methods.approve);
    test.each(Object.entries(sandbox.methods.declines))(
      'a decline is told as %s',
      async (category, method) => {
        if (method === null) return;
        const { body } = await t.api.post('/v1/payments', order(method, 'automatic'));
        expect(body).toMatchObject({
          status: 'requires_payment_method',
          latest_attempt: { decline: { category } },
        });
      },
    );
  });
}

/** Where results come by webhook only, `processing` and `pending` are all that a machine without an address can see. */
function lifeCycle(t: Sandbox, approve: PaymentMethod): void {
  test('an authorisation is captured and refunded in part', async () => {
    const { body } = await t.api.post<Payment>('/v1/payments', order(approve, 'manual'));
    expect(['authorized', 'processing']).toContain(body.status);
    if (body.status === 'processing') return;
    expect((await t.api.capture(body.id)).status).toBeLessThan(300);
    if ((await t.api.payment(body.id)).pending_operations.length > 0) return;
    expect((await t.api.refund(body.id, 1000)).status).toBeLessThan(300);
  });

  test('an authorisation is voided', async () => {
    const { body } = await t.api.post<Payment>('/v1/payments', order(approve, 'manual'));
    if (body.status === 'authorized') expect((await t.api.void(body.id)).status).toBeLessThan(300);
  });
}

function order(payment_method: PaymentMethod, capture_method: string): object {
  return { amount: 4200, currency: 'EUR', confirm: true, capture_method, payment_method };
}
