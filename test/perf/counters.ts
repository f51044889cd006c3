/** Readings before and after a load: processor time of each process, statements of the database. */

import { readFileSync } from 'node:fs';
import { type Pool, query } from '../../src/db/pool.ts';

/** Milliseconds of processor time since the start of each; null where the system does not tell. */
export type CpuMs = {
  api: number;
  postgres: number;
  /** Worker and simulator. */
  others: number;
  generator: number;
  /** All that the machine did, other programs included. */
  machine: number;
} | null;

export type Reading = { cpu: CpuMs; statements: number };

export type Processes = { api: number; postmaster: number; others: number[] };

/** Linux counts in hundredths of a second, whatever the kernel is built with (`USER_HZ`). */
const TICK_MS = 10;

export function readCpu({ api, postmaster, others }: Processes): CpuMs {
  if (process.platform !== 'linux') return null;
  const { user, system } = process.cpuUsage();
  return {
    api: ownMs(api),
    postgres: familyMs(postmaster),
    others: others.map(ownMs).reduce((a, b) => a + b, 0),
    generator: (user + system) / 1000,
    machine: machineMs(),
  };
}

const STATEMENTS = {
  name: 'bench_statements',
  text: 'select coalesce(sum(calls), 0)::int8 as calls from pg_stat_statements where toplevel',
};

export async function readStatements(pool: Pool): Promise<number> {
  const [row] = await query<{ calls: number }>(pool, STATEMENTS);
  return row?.calls ?? 0;
}

const SLOWEST = {
  name: 'bench_slowest',
  text: `select left(regexp_replace(query, '\\s+', ' ', 'g'), 60) as text, calls, total_exec_time as total_ms,
      mean_exec_time as mean_ms, wal_bytes::float8 / calls as wal_bytes
    from pg_stat_statements where query !~ 'reference_rows|pg_stat_statements' order by total_exec_time desc limit 5`,
};

export type SlowStatement = {
  text: string;
  calls: number;
  total_ms: number;
  mean_ms: number;
  wal_bytes: number;
};

export function slowest(pool: Pool): Promise<SlowStatement[]> {
  return query<SlowStatement>(pool, SLOWEST);
}

export function forgetStatements(pool: Pool): Promise<unknown> {
  return query(pool, { name: 'bench_forget', text: 'select pg_stat_statements_reset()' });
}

function ownMs(pid: number): number {
  const [own, system] = timesOf(pid);
  return (own + system) * TICK_MS;
}

/** A process, the children it has, and those that have ended. */
function familyMs(pid: number): number {
  const [own, system, ended, endedSystem] = timesOf(pid);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  const living = children.map((child) => ownMs(Number(child))).reduce((a, b) => a + b, 0);
  return (own + system + ended + endedSystem) * TICK_MS + living;
}

/** Busy time of all processors: user, nice, system, irq, softirq, steal of the first line of proc(5) `stat`. */
function machineMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const fields = line.trim().split(/\s+/).slice(1).map(Number);
  return [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (fields[index] ?? 0), 0) * TICK_MS;
}

/** utime, stime, cutime, cstime of proc(5); zeros once the process is gone. */
function timesOf(pid: number): [number, number, number, number] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const at = (index: number) => Number(fields[index]);
    return [at(11), at(12), at(13), at(14)];
  } catch {
    return [0, 0, 0, 0];
  }
}
