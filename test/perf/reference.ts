/** What the same machine can do at best, measured in the same run: the yardstick of every ratio. */

import { spawnSync } from 'node:child_process';
import { createPool, type Pool, query } from '../../src/db/pool.ts';

export type Reference = {
  /** Single-row commits a second by pool size. */
  pools: Record<number, number>;
  best: number;
  /** Two single-row commits one after the other, pairs a second. */
  pairsInSeries: number;
};

const POOLS = [4, 16, 64];

const CREATE = {
  name: 'reference_table',
  text: `create table if not exists reference_rows (
    id bigint generated always as identity primary key, payment uuid not null, amount bigint not null)`,
};

const INSERT = {
  name: 'reference_insert',
  text: 'insert into reference_rows (payment, amount) values ($1, $2)',
};

const ROW = ['01890a5d-ac96-774b-bcce-b302099a8057', 4200];

export async function measureReference(url: string, secondsEach: number): Promise<Reference> {
  const pools: Record<number, number> = {};
  for (const size of POOLS)
    pools[size] = await withPool(url, size, (pool) =>
      rate(size, secondsEach, () => query(pool, INSERT, ROW)),
    );
  const pairsInSeries = await withPool(url, 1, (pool) =>
    rate(1, secondsEach, async () => {
      await query(pool, INSERT, ROW);
      await query(pool, INSERT, ROW);
    }),
  );
  return { pools, best: Math.max(...Object.values(pools)), pairsInSeries };
}

/** Each pool's mean over two measurements; the best of those. */
export function meanReference(a: Reference, b: Reference): Reference {
  const pools = Object.fromEntries(
    POOLS.map((size) => [size, ((a.pools[size] ?? 0) + (b.pools[size] ?? 0)) / 2]),
  );
  return {
    pools,
    best: Math.max(...Object.values(pools)),
    pairsInSeries: (a.pairsInSeries + b.pairsInSeries) / 2,
  };
}

async function withPool<T>(url: string, max: number, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(url, { name: 'reference', max });
  try {
    await query(pool, CREATE);
    return await work(pool);
  } finally {
    await pool.end();
  }
}

/** The first fifth of the time is warm-up. */
async function rate(concurrency: number, seconds: number, once: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const started = performance.now();
  const countFrom = started + seconds * 200;
  const until = started + seconds * 1000;
  const loop = async () => {
    for (let now = started; now < until; now = performance.now()) {
      await once();
      if (now >= countFrom) count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return count / (seconds * 0.8);
}

/** Transactions a second of pgbench's TPC-B-like script; null where it is not installed. */
export function measureTpcB(url: string, seconds: number): number | null {
  const made = spawnSync('pgbench', ['-i', '-q', '-s', '10', url], { encoding: 'utf8' });
  if (made.status !== 0) return null;
  const args = ['-n', '-M', 'prepared', '-c', '16', '-j', '2', '-T', String(Math.ceil(seconds)), url];
  const { stdout } = spawnSync('pgbench', args, { encoding: 'utf8' });
  const [, tps] = /^tps = ([\d.]+)/m.exec(stdout) ?? [];
  return tps === undefined ? null : Number(tps);
}
