import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { testSimulator } from '../test-kit.ts';
import { USUAL_PORTS } from './all.ts';

/** Whether something was there before does not matter: afterwards it is taken. */
async function takePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
}

test('a dialect whose usual port is taken speaks on another, and tells which', async () => {
  const usual = USUAL_PORTS['stripe'] ?? 0;
  await takePort(usual);
  const simulator = await testSimulator({ dialectPorts: { stripe: 'usual' } });
  const url = simulator.dialectUrls.get('stripe') ?? '';
  expect(Number(new URL(url).port)).not.toBe(usual);
  expect((await fetch(`${url}/v1/payment_intents/pi_none`)).status).toBe(401);
});

test('a dialect that was given a port that is taken does not start, and says which setting moves it', async () => {
  const usual = USUAL_PORTS['stripe'] ?? 0;
  await takePort(usual);
  await expect(testSimulator({ dialectPorts: { stripe: usual } })).rejects.toThrow(
    /in use.*TRUEPENNY_SIMULATOR_STRIPE_PORT/,
  );
});
