/**
 * `npm run bench:backlog`: how long a backlog of providers' webhooks takes, and what customers notice of it: the
 * 99th percentile of sales that arrive evenly, while it is worked off and without it. Ends with 1 when it doubles.
 *
 *     npm run bench:backlog -- [--deliveries 100000] [--per-second 40] [--seconds 30]
 */

import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startEnvironment } from './environment.ts';
import type { LoadResult } from './load.ts';
import { BACKLOG_ENV, measureBacklog } from './measure-backlog.ts';
import { meanReference, measureReference } from './reference.ts';
import { describeReference } from './report.ts';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '100000' },
    'per-second': { type: 'string', default: '40' },
    seconds: { type: 'string', default: '30' },
  },
});
const MOST = 2;
const say = (message: string) => console.log(message);

function line(name: string, { perSecond, p50Ms, p99Ms, payments, errors }: LoadResult): string {
  return `${name}: ${perSecond.toFixed(1)} sales/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms over ${payments}; ${errors} wrong`;
}

say(
  `${new Date().toISOString()} · ${availableParallelism()} cores · load ${loadavg()[0]?.toFixed(1)} · Node ${process.version}, all on one machine`,
);
const environment = await startEnvironment({ say, profileDir: null, env: BACKLOG_ENV });
try {
  const referenceBefore = await measureReference(environment.databaseUrl, 1.5);
  const api = await environment.startApi('simulator');
  const target = { port: api.port, secretKey: environment.secretKey };
  const result = await measureBacklog(environment, target, {
    deliveries: Number(values.deliveries),
    perSecond: Number(values['per-second']),
    quietSeconds: Number(values.seconds),
  });
  await api.stop();
  const reference = meanReference(referenceBefore, await measureReference(environment.databaseUrl, 1.5));
  say(describeReference(reference));
  say(
    `${values.deliveries} deliveries: taken in ${result.fillSeconds.toFixed(1)} s, worked off in ${result.drainSeconds.toFixed(1)} s, ` +
      `${result.drainedPerSecond.toFixed(0)}/s, ratio ${(result.drainedPerSecond / reference.best).toFixed(3)}; ${JSON.stringify(result.results)}`,
  );
  say(line('without a backlog, before', result.before));
  say(line('while it is worked off   ', result.during));
  say(line('without a backlog, after ', result.after));
  const met = result.ratio < MOST && result.during.errors === 0;
  say(`p99 ratio ${result.ratio.toFixed(2)}, wanted below ${MOST}: ${met ? 'ok' : 'MISSED'}`);
  process.exitCode = met ? 0 : 1;
} finally {
  await environment.close();
}
