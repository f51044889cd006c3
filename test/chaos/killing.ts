/** Kills one of the processes, or two at once, and brings them back as a supervisor would. */

import { setTimeout as delay } from 'node:timers/promises';
import { clientOf } from '../support/client.ts';
import type { Deployment } from '../support/deployment.ts';
import type { Random } from '../support/random.ts';
import { SECRET } from '../support/webhooks.ts';
import type { Postgres } from './postgres.ts';

export const VICTIMS = ['api-1', 'api-2', 'worker-1', 'worker-2', 'simulator', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

/** Until every API had taken a payment again, from when the supervisor began to start what was killed. */
export type Killed = { names: Victim[]; recoveryMs: number };

export type Scene = {
  deployment: Deployment;
  postgres: Postgres;
  /** Share of the provider's webhooks that are never sent. */
  webhooksLost: number;
  /** Takes a payment at one API and resolves once it is answered. */
  sell(api: number): Promise<void>;
};

const RECOVER_MS = 60_000;

export async function killSome(random: Random, scene: Scene, most: number): Promise<Killed> {
  await delay(random.between(100, 900));
  const first = random.pick(VICTIMS);
  const second = random.pick(VICTIMS);
  const names = most > 1 && random.chance(0.3) && second !== first ? [first, second] : [first];
  await Promise.all(names.map((name) => kill(name, scene)));
  // For a while nobody notices: requests fail, leases run out, the others go on.
  await delay(random.between(0, 600));
  const begin = performance.now();
  const selling = Promise.all(scene.deployment.apis.map((_, n) => scene.sell(n)));
  const serving = selling.then(() => Math.round(performance.now() - begin));
  const [recoveryMs] = await Promise.all([serving, bringBack(scene)]);
  return { names, recoveryMs };
}

async function kill(name: Victim, { deployment, postgres }: Scene): Promise<void> {
  if (name === 'postgres') return postgres.server().stop('immediate');
  const all = [...deployment.apis, ...deployment.workers, deployment.simulator];
  await all.find((one) => one.name === name)?.end('SIGKILL');
}

/** The database first, and whatever died without it once more. */
async function bringBack({ deployment, postgres, webhooksLost }: Scene): Promise<void> {
  const { apis, workers, simulator, merchant } = deployment;
  const forgetful = !simulator.isRunning();
  await postgres.revive();
  const until = performance.now() + RECOVER_MS;
  const everything = [simulator, ...apis, ...workers];
  while (!everything.every((one) => one.isRunning())) {
    if (performance.now() > until) throw new Error('not everything came back');
    await Promise.allSettled(everything.map((one) => one.start()));
  }
  if (forgetful) await misbehave(deployment, webhooksLost);
  for (const { url, name } of apis) {
    const api = clientOf(url, merchant.publishableKey);
    while ((await api.get('/health/ready').catch(() => ({ status: 0 }))).status !== 200) {
      if (performance.now() > until) throw new Error(`${name} does not become ready`);
      await delay(20);
    }
  }
}

/** Webhooks to both APIs: late, several times, in another order, some lost, some not rightly signed. */
export async function followWebhooks({ apis, provider }: Deployment): Promise<void> {
  for (const { url } of apis) {
    const endpoint = { url: `${url}/webhooks/simulator/default`, secret: SECRET };
    const answer = await fetch(`${provider.url}/webhook-endpoints`, {
      method: 'POST',
      body: JSON.stringify(endpoint),
    });
    if (!answer.ok) throw new Error(`the simulator refused the endpoint: ${await answer.text()}`);
  }
}

/** The simulator forgets its settings when it dies. Until it is told again it is a good provider. */
export async function misbehave({ provider }: Deployment, webhooksLost: number): Promise<void> {
  const settings = {
    pending_ms: 500,
    webhook_copies: 2,
    webhook_shuffle: 8,
    webhook_lost_share: webhooksLost,
    webhook_corrupted_share: 0.1,
    webhook_retry_ms: [100, 300, 1_000],
  };
  await provider.settings(settings);
}
