/**
 * Everything that makes a run differ from the one before: time, randomness, waiting, order.
 *
 * Production code takes a World and uses nothing else for these, so that a simulation can run it with a
 * virtual clock and a seeded scheduler, several processes side by side.
 */

import { randomFillSync } from 'node:crypto';
import { type Dispatcher, Pool } from 'undici';

export type World = {
  /** Milliseconds since the epoch, on the database's clock (see `clockOffset`). */
  now(): number;
  /** Milliseconds that only go forward, for durations. */
  monotonic(): number;
  randomBytes(length: number): Uint8Array;
  /** Resolves after the time, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Runs the function once all that is ready now has run. */
  defer(fn: () => void): void;
  /** Connections to one origin (`https://api.example.com`), for calls that are sent once: at most so many at a time. */
  connect(origin: string, connections: number): Connections;
};

/** What the connectors' HTTP client needs of undici. */
export type Connections = Pick<Dispatcher, 'dispatch'> & {
  /** Calls that are under way end with an error. */
  destroy(): Promise<void>;
};

/** The real one. `clockOffsetMs` is added to this machine's clock to get the database's. */
export function realWorld(clockOffsetMs: () => number = () => 0): World {
  return {
    now: () => Date.now() + Math.round(clockOffsetMs()),
    monotonic: () => performance.now(),
    randomBytes: pooledRandom(),
    sleep: slept,
    defer: (fn) => void setImmediate(fn),
    // The deadline is the caller's, one for the whole call: undici's own are coarse and know only parts of it.
    connect: (origin, connections) =>
      new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 }),
  };
}

/** Not Node's own promise: that is rejected when it is cut short, and an exception is made for each call that was in time. */
function slept(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    signal?.addEventListener('abort', over);
  });
}

/** Asking the operating system for 16 bytes at a time costs more than the rest of an id: 4 KiB at once. */
function pooledRandom(): (length: number) => Uint8Array {
  const pool = new Uint8Array(4096);
  let used = pool.length;
  return (length) => {
    if (length > pool.length) return randomFillSync(new Uint8Array(length));
    if (used + length > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return pool.slice(used - length, used);
  };
}
