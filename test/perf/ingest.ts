/**
 * `npm run bench:ingest`: providers' webhooks, from the door to their effect. How many are accepted a second beside
 * single-row commits, and at half of that how long one takes from receipt to being applied.
 *
 *     npm run bench:ingest -- [--seconds 4] [--payments 4000]
 */

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SECRET } from '../support/webhooks.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { runClosed, runPaced } from './load.ts';
import { deliveries, makePayments } from './provider-webhooks.ts';
import { meanReference, measureReference } from './reference.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, payments: { type: 'string', default: '4000' } },
});
const seconds = Number(values.seconds);
const say = (message: string) => console.log(message);

async function drained({ pool }: Environment): Promise<number> {
  const from = performance.now();
  while ((await pool.query('select 1 from inbox_due limit 1')).rowCount !== 0) await delay(20);
  return (performance.now() - from) / 1000;
}

const LAG = `select percentile_cont(array[0.5, 0.95, 0.99]) within group
    (order by extract(epoch from processed_at - received_at) * 1000) as lag, count(*)::int as count
  from inbox where received_at >= $1`;

const env = { TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify({ 'simulator/default': [SECRET] }) };
const environment = await startEnvironment({ say, profileDir: null, env });
try {
  const before = await measureReference(environment.databaseUrl, seconds * 0.4);
  const api = await environment.startApi('simulator');
  const target = { port: api.port, secretKey: environment.secretKey };
  const flow = deliveries(await makePayments(api.port, environment.secretKey, Number(values.payments)));
  const load = { concurrency: 64, seconds, warmUpSeconds: seconds / 5 };
  const accepted = await runClosed(target, flow, load);
  const drainSeconds = await drained(environment);
  const after = await measureReference(environment.databaseUrl, seconds * 0.4);
  const { best } = meanReference(before, after);
  say(
    `accepted ${accepted.perSecond.toFixed(0)}/s, ratio ${(accepted.perSecond / best).toFixed(3)} of ${best.toFixed(0)} ` +
      `single-row commits/s; p50 ${accepted.p50Ms.toFixed(1)} ms, p99 ${accepted.p99Ms.toFixed(1)} ms; ` +
      `${accepted.errors} wrong; the backlog drained in ${drainSeconds.toFixed(1)} s`,
  );
  const since = new Date();
  const half = await runPaced(target, flow, { perSecond: accepted.perSecond / 2, seconds, connections: 64 });
  const rest = await drained(environment);
  const { rows } = await environment.pool.query(LAG, [since]);
  const [p50 = 0, p95 = 0, p99 = 0] = rows[0].lag as number[];
  say(
    `at half of it, ${half.perSecond.toFixed(0)}/s: lag from receipt to effect p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ` +
      `p99 ${p99.toFixed(0)} ms over ${rows[0].count}; the rest drained in ${rest.toFixed(1)} s`,
  );
  await api.stop();
} finally {
  await environment.close();
}
