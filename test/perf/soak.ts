/** Ten minutes from an empty database: what history costs shows as decay. */

import type { Environment } from './environment.ts';
import { FLOWS } from './flows.ts';
import { runClosed } from './load.ts';
import { measureReference } from './reference.ts';
import { KEPT, type Verdict } from './targets.ts';

type Minute = { perSecond: number; p99Ms: number; ratio: number; errors: number };

/** Each minute ends with a short reference, since other programs may take the machine meanwhile. */
export async function soak(
  environment: Environment,
  options: { minutes: number; concurrency: number; say(message: string): void },
): Promise<Verdict[]> {
  const api = await environment.startApi('instant');
  const target = { port: api.port, secretKey: environment.secretKey };
  const minutes: Minute[] = [];
  try {
    for (let minute = 1; minute <= options.minutes; minute++) {
      const load = { concurrency: options.concurrency, seconds: 53, warmUpSeconds: 1 };
      const { perSecond, p99Ms, errors } = await runClosed(target, FLOWS.sale, load);
      const { best } = await measureReference(environment.databaseUrl, 1.5);
      const ratio = perSecond / best;
      minutes.push({ perSecond, p99Ms, ratio, errors });
      options.say(
        `minute ${minute}: ${perSecond.toFixed(0)} sales/s, ratio ${ratio.toFixed(3)}, p99 ${p99Ms.toFixed(1)} ms`,
      );
    }
  } finally {
    await api.stop();
  }
  return [decay(minutes), wrongAnswers(minutes)];
}

function decay(minutes: Minute[]): Verdict {
  const part = Math.max(1, Math.floor(minutes.length / 3));
  const kept = mean(minutes.slice(-part)) / mean(minutes.slice(0, part));
  return {
    name: 'soak: ratio in the last third / in the first',
    wanted: `>= ${KEPT}`,
    reached: kept.toFixed(3),
    met: kept >= KEPT,
  };
}

function wrongAnswers(minutes: Minute[]): Verdict {
  const wrong = minutes.reduce((sum, minute) => sum + minute.errors, 0);
  return { name: 'soak: wrong answers', wanted: '0', reached: String(wrong), met: wrong === 0 };
}

function mean(minutes: Minute[]): number {
  return minutes.reduce((sum, { ratio }) => sum + ratio, 0) / minutes.length;
}
