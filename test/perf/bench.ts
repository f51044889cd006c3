/**
 * `npm run bench`: how fast the platform is, in proportion to what the machine can do. Ends with 1 when a
 * target is missed.
 *
 *     npm run bench -- [--seconds 5] [--concurrency 1,16,64,256] [--provider instant,delayed,simulator]
 *                      [--flow sale,manual] [--soak] [--minutes 10] [--profile folder]
 */

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type Environment, type ProviderKind, startEnvironment } from './environment.ts';
import type { FlowName } from './flows.ts';
import { type Measured, measureProvider } from './measure.ts';
import { measurePauses } from './pauses.ts';
import { measureTpcB } from './reference.ts';
import { describe, describePauses, describeVerdicts } from './report.ts';
import { soak } from './soak.ts';
import { judge, type Verdict } from './targets.ts';

const say = (message: string) => console.log(message);

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '1,16,64,256' },
    provider: { type: 'string', default: 'instant,delayed,simulator' },
    flow: { type: 'string', default: 'sale,manual' },
    soak: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    profile: { type: 'string' },
  },
});

/** How long Linux keeps what is written to files: p99 depends on it (docs/guides/running.md). */
function writesAfter(): string {
  const setting = '/proc/sys/vm/dirty_expire_centisecs';
  if (!existsSync(setting)) return '';
  return ` · files are written after ${Number(readFileSync(setting, 'utf8')) / 100} s`;
}

async function measureAll(environment: Environment): Promise<Verdict[]> {
  const seconds = Number(values.seconds);
  const options = {
    seconds,
    warmUpSeconds: seconds / 5,
    concurrencies: values.concurrency.split(',').map(Number),
    flows: values.flow.split(',') as FlowName[],
  };
  const measured: Measured[] = [];
  for (const provider of values.provider.split(',') as ProviderKind[]) {
    const one = await measureProvider(environment, provider, options);
    say(describe(one));
    measured.push(one);
  }
  say(describePauses(await measurePauses()));
  const tpcB = measureTpcB(environment.databaseUrl, seconds);
  say(
    tpcB === null ? '\npgbench is not installed' : `\npgbench, TPC-B-like, 16 clients: ${tpcB.toFixed(0)}/s`,
  );
  return judge(measured);
}

say(
  `${new Date().toISOString()} · ${availableParallelism()} cores · Node ${process.version}, all on one machine${writesAfter()}`,
);
const environment = await startEnvironment({ say, profileDir: values.profile ?? null });
try {
  const verdicts = values.soak
    ? await soak(environment, { minutes: Number(values.minutes), concurrency: 64, say })
    : await measureAll(environment);
  say(describeVerdicts(verdicts));
  process.exitCode = verdicts.every((v) => v.met) ? 0 : 1;
} finally {
  await environment.close();
}
