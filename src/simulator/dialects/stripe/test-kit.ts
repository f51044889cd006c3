/** The official SDK, told only where the simulator is. */

import Stripe from 'stripe';
import type { SimulatorOptions } from '../../server.ts';
import { movableWorld, testSimulator } from '../../test-kit.ts';

export const SETTINGS = { maxNetworkRetries: 0, timeout: 5_000, telemetry: false } as const;

export async function stripeSimulator(options: Partial<SimulatorOptions> = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { stripe: 0 }, ...options });
  const url = simulator.dialectUrls.get('stripe') ?? '';
  return { simulator, world, url, stripe: sdkAt(url) };
}

export function sdkAt(url: string, settings: object = SETTINGS): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe('sk_test_simulator', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    ...settings,
  });
}

/** What the SDK threw. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const got = await call.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (got instanceof Stripe.errors.StripeError) return got;
  throw new Error(`This should have been refused: ${JSON.stringify(got)}`);
}
