/** Drives a flow: as fast as it goes at a concurrency, or at a steady rate whatever the answers do. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Flow } from './flows.ts';
import { type Connection, openConnection } from './http-client.ts';

export type Target = { port: number; secretKey: string };

export type LoadResult = {
  payments: number;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  errors: number;
  /** The first wrong answer, for people. */
  firstError: string | null;
};

type Tally = { latenciesMs: number[]; errors: number; firstError: string | null; counting: boolean };

/** `measured` is called when the warm-up is over and when the time is up, to take readings of counters. */
export async function runClosed(
  target: Target,
  flow: Flow,
  load: { concurrency: number; seconds: number; warmUpSeconds: number },
  measured: (moment: 'begin' | 'end') => Promise<void> = async () => undefined,
): Promise<LoadResult> {
  const connections = await openAll(target, load.concurrency);
  const tally = newTally();
  const run = { stopped: false };
  const loops = connections.map((connection) => loop(connection, flow, tally, run));
  await delay(load.warmUpSeconds * 1000);
  await measured('begin');
  tally.counting = true;
  const started = performance.now();
  await delay(load.seconds * 1000);
  tally.counting = false;
  const seconds = (performance.now() - started) / 1000;
  await measured('end');
  run.stopped = true;
  await Promise.all(loops);
  for (const connection of connections) connection.close();
  return summarize(tally, seconds);
}

/** Payments arrive evenly, until the time is up or the signal aborts; each is timed from when it was due, so that waiting for a free connection counts. */
export async function runPaced(
  target: Target,
  flow: Flow,
  load: { perSecond: number; seconds: number; connections: number; signal?: AbortSignal },
): Promise<LoadResult> {
  const free = await openAll(target, load.connections);
  const all = [...free];
  const tally = { ...newTally(), counting: true };
  const due: number[] = [];
  const running = new Set<Promise<void>>();
  const started = performance.now();
  const total = Math.floor(load.perSecond * load.seconds);
  const startDue = () => {
    while (due.length > 0 && free.length > 0) {
      const connection = free.pop() as Connection;
      const one = timed(connection, flow, tally, due.shift() ?? 0).then(() => {
        free.push(connection);
        running.delete(one);
        startDue();
      });
      running.add(one);
    }
  };
  for (let sent = 0; sent < total && !load.signal?.aborted; ) {
    const now = performance.now();
    for (; sent < total && started + (sent * 1000) / load.perSecond <= now; sent++)
      due.push(started + (sent * 1000) / load.perSecond);
    startDue();
    await delay(1);
  }
  while (running.size > 0) await Promise.all(running);
  const seconds = (performance.now() - started) / 1000;
  for (const connection of all) connection.close();
  return summarize(tally, seconds);
}

async function openAll(target: Target, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(target.port, target.secretKey)));
}

async function loop(connection: Connection, flow: Flow, tally: Tally, run: { stopped: boolean }) {
  while (!run.stopped) await timed(connection, flow, tally, performance.now());
}

async function timed(connection: Connection, flow: Flow, tally: Tally, sinceMs: number): Promise<void> {
  const problem = await flow(connection);
  if (problem !== null) {
    tally.errors += 1;
    tally.firstError ??= problem;
    await delay(10); // A server that refuses at once is not driven into the ground.
  } else if (tally.counting) tally.latenciesMs.push(performance.now() - sinceMs);
}

function newTally(): Tally {
  return { latenciesMs: [], errors: 0, firstError: null, counting: false };
}

function summarize(tally: Tally, seconds: number): LoadResult {
  const sorted = Float64Array.from(tally.latenciesMs).sort();
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  const { errors, firstError } = tally;
  const payments = sorted.length;
  return {
    payments,
    seconds,
    perSecond: payments / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors,
    firstError,
  };
}
