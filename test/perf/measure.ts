/** One provider, measured: the reference beside it, then every flow at every concurrency, then half of the maximum. */

import {
  type CpuMs,
  forgetStatements,
  readCpu,
  readStatements,
  type SlowStatement,
  slowest,
} from './counters.ts';
import type { Environment, ProviderKind, RunningApi } from './environment.ts';
import { FLOWS, type FlowName } from './flows.ts';
import { type LoadResult, runClosed, runPaced } from './load.ts';
import { meanReference, measureReference, type Reference } from './reference.ts';

export type Row = {
  flow: FlowName;
  concurrency: number;
  load: LoadResult;
  /** To the best single-row commits a second. */
  ratio: number;
  /** Milliseconds of processor time for one payment. */
  cpuMs: CpuMs;
  statementsPerPayment: number;
};

export type Measured = {
  provider: ProviderKind;
  reference: Reference;
  rows: Row[];
  /** Sales at half of the highest throughput. */
  half: LoadResult;
  slowest: SlowStatement[];
};

export type MeasureOptions = {
  seconds: number;
  warmUpSeconds: number;
  concurrencies: number[];
  flows: FlowName[];
};

export async function measureProvider(
  environment: Environment,
  provider: ProviderKind,
  options: MeasureOptions,
): Promise<Measured> {
  const before = await measureReference(environment.databaseUrl, options.seconds * 0.4);
  const api = await environment.startApi(provider);
  try {
    await warmUp(environment, api, options);
    await forgetStatements(environment.pool);
    const measured: Omit<Row, 'ratio'>[] = [];
    for (const flow of options.flows)
      for (const concurrency of options.concurrencies)
        measured.push(await measureRow(environment, api, { flow, concurrency, ...options }));
    // Before and after: machines that others use as well change their pace within minutes.
    const after = await measureReference(environment.databaseUrl, options.seconds * 0.4);
    const reference = meanReference(before, after);
    const rows = measured.map((row) => ({ ...row, ratio: row.load.perSecond / reference.best }));
    const half = await measureHalf(environment, api, rows, options);
    return { provider, reference, rows, half, slowest: await slowest(environment.pool) };
  } finally {
    await api.stop();
  }
}

/**
 * Node compiles what is called often: a process that has just started tells nothing of one that serves. The processor
 * time of a sale falls to a third within the first ten thousand.
 */
async function warmUp({ secretKey }: Environment, { port }: RunningApi, { flows, seconds }: MeasureOptions) {
  const load = { concurrency: 32, seconds: seconds * 3, warmUpSeconds: 0 };
  for (const flow of flows) await runClosed({ port, secretKey }, FLOWS[flow], load);
}

type RowOptions = { flow: FlowName; concurrency: number; seconds: number; warmUpSeconds: number };

async function measureRow(
  { pool, secretKey }: Environment,
  { port, processes }: RunningApi,
  options: RowOptions,
): Promise<Omit<Row, 'ratio'>> {
  const { flow, concurrency } = options;
  const readings: { cpu: CpuMs; statements: number }[] = [];
  const read = async () =>
    void readings.push({ cpu: readCpu(processes), statements: await readStatements(pool) });
  const load = await runClosed({ port, secretKey }, FLOWS[flow], options, read);
  const [begin, end] = readings;
  const made = Math.max(1, load.payments);
  return {
    flow,
    concurrency,
    load,
    cpuMs: perPayment(begin?.cpu ?? null, end?.cpu ?? null, made),
    statementsPerPayment: ((end?.statements ?? 0) - (begin?.statements ?? 0)) / made,
  };
}

function perPayment(begin: CpuMs, end: CpuMs, payments: number): CpuMs {
  if (begin === null || end === null) return null;
  const part = (name: keyof NonNullable<CpuMs>) => (end[name] - begin[name]) / payments;
  return {
    api: part('api'),
    postgres: part('postgres'),
    others: part('others'),
    generator: part('generator'),
    machine: part('machine'),
  };
}

/** As long as it takes Linux to write out what files have gathered (vm.dirty_expire_centisecs): it makes commits wait. */
const HALF_LASTS = 7;

function measureHalf(
  { secretKey }: Environment,
  { port }: RunningApi,
  rows: Row[],
  { seconds }: MeasureOptions,
): Promise<LoadResult> {
  const perSecond = maximum(rows) / 2;
  return runPaced({ port, secretKey }, FLOWS.sale, {
    perSecond,
    seconds: seconds * HALF_LASTS,
    connections: 256,
  });
}

/** The highest throughput of sales that was seen. */
export function maximum(rows: Row[]): number {
  return Math.max(...rows.filter((row) => row.flow === 'sale').map((row) => row.load.perSecond));
}
