/**
 * Decides what goes on next. Everything that a simulated process waits for is a task here: a statement, a call, a
 * sleep. When all has come to rest, one task that is ready is drawn by the seed and done; when none is, the clock
 * jumps to the next thing that is due. So one seed is one history.
 */

import { createHash } from 'node:crypto';
import { type Random, seeded } from '../support/random.ts';
import { createHistory } from './history.ts';
import type { Owner } from './owner.ts';
import { createSleepers } from './sleepers.ts';

type Task = { owner: Owner; name: string; go(): Promise<string> };
type Poller = { owner: Owner; kind: string; notBeforeMs: number; wake(): void };

export type Hooks = {
  /** Before a task is done and after it: the owner may die, or be held up, here. */
  before(owner: Owner, name: string): void;
  after(owner: Owner, name: string): void;
  /** After each step, once all has come to rest. */
  rested(): void;
  /** When nothing more happens at this moment. */
  momentOver(): Promise<void>;
  /** When the next work of each kind is due in the database. */
  nextDue(): Promise<ReadonlyMap<string, number>>;
  /** Of a hundred turns so many wake a worker that has nothing due. */
  spuriousPercent: number;
};

/** Workers look for work this often, and no more: what comes due meanwhile waits for so long. */
const POLL_MS = 500;
const NOTHING_DUE: ReadonlyMap<string, number> = new Map([]);

export type Scheduler = ReturnType<typeof createScheduler>;

export function createScheduler(seed: number, startMs: number, hooks: Hooks) {
  const random = seeded(seed);
  const tasks: Task[] = [];
  const sleepers = createSleepers();
  const pollers = new Set<Poller>();
  const history = createHistory();
  let nowMs = startMs;
  let steps = 0;
  let lookedAtMs = startMs;

  function note(owner: Owner, what: string): void {
    history.add(`${nowMs} ${owner.name} ${what}\n`);
  }

  function step<T>(owner: Owner, name: string, work: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      const go = async (): Promise<string> => {
        try {
          const value = await work();
          hooks.after(owner, name);
          if (owner.alive) resolve(value);
          return 'done';
        } catch (error) {
          if (owner.alive) reject(error);
          return `failed ${(error as Error).message}`;
        }
      };
      tasks.push({ owner, name, go });
    });
  }

  function sleep(owner: Owner, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const { over, cancel } = timer(owner, ms);
    if (signal === undefined) return over;
    signal.addEventListener('abort', cancel);
    return over.finally(() => signal.removeEventListener('abort', cancel));
  }

  /** A sleep that can be ended: it is over then. */
  function timer(owner: Owner, ms: number): { over: Promise<void>; cancel(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = sleepers.add(owner, nowMs + Math.max(0, ms), resolve);
    const cancel = () => {
      sleeper.over = true;
      if (owner.alive) resolve();
    };
    return { over: promise, cancel };
  }

  /** Resolves when work of the kind is due, and not before the time; now and then for nothing. */
  function poll(owner: Owner, kind: string, notBeforeMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        pollers.delete(poller);
        resolve();
      };
      const poller = { owner, kind, notBeforeMs, wake };
      pollers.add(poller);
    });
  }

  async function run(until: () => boolean): Promise<void> {
    for (;;) {
      await rest();
      hooks.rested();
      if (until()) return hooks.momentOver();
      bury();
      if (outOfTurn()) continue;
      const task = draw();
      if (task !== null) await perform(task);
      else if (!wakeOne()) await advance();
    }
  }

  function bury(): void {
    for (const poller of pollers) if (!poller.owner.alive) pollers.delete(poller);
    for (let i = tasks.length - 1; i >= 0; i -= 1) if (!tasks[i]?.owner.alive) tasks.splice(i, 1);
  }

  function draw(): Task | null {
    const isHeldUp = tasks.some(({ owner }) => owner.pausedUntilMs > nowMs);
    const ready = isHeldUp ? tasks.filter(({ owner }) => owner.pausedUntilMs <= nowMs) : tasks;
    if (ready.length === 0) return null;
    const task = random.pick(ready);
    tasks.splice(tasks.indexOf(task), 1);
    return task;
  }

  /** Sleepers that are due, and workers that look for work where there is none, get between the tasks. */
  function outOfTurn(): boolean {
    if (random.between(1, 100) > hooks.spuriousPercent) return false;
    if (pollers.size === 0 || random.chance(0.5)) return wakeOne();
    const awake = [...pollers].filter(({ owner }) => owner.alive && owner.pausedUntilMs <= nowMs);
    if (awake.length > 0) random.pick(awake).wake();
    return awake.length > 0;
  }

  /** A sleeper that is due, one at a time: what it leads to may come before the next one wakes. */
  function wakeOne(): boolean {
    const sleeper = sleepers.take(nowMs);
    sleeper?.wake();
    return sleeper !== null;
  }

  async function perform(task: Task): Promise<void> {
    steps += 1;
    hooks.before(task.owner, task.name);
    if (!task.owner.alive) return;
    if (task.owner.pausedUntilMs > nowMs) return void tasks.push(task);
    const ending = await task.go();
    note(task.owner, `${task.name} ${ending}`);
  }

  /** Of several workers that could do what is due mostly one is there first, and sometimes all at once. */
  async function advance(): Promise<void> {
    await hooks.momentOver();
    const soonest = soonestOf(NOTHING_DUE);
    if (soonest <= lookedAtMs + POLL_MS) {
      nowMs = Math.max(nowMs, Math.ceil(soonest));
      return;
    }
    const due = await hooks.nextDue();
    const next = soonestOf(due);
    if (!Number.isFinite(next)) throw new Error('nothing will ever happen again: a promise was lost');
    nowMs = Math.max(nowMs, Math.ceil(next));
    lookedAtMs = nowMs;
    const awake = new Set<string>();
    for (const poller of [...pollers]) {
      if (dueOf(poller, due) > nowMs || (awake.has(poller.kind) && random.chance(0.9))) continue;
      awake.add(poller.kind);
      poller.wake();
    }
  }

  function soonestOf(due: ReadonlyMap<string, number>): number {
    let soonest = sleepers.nextMs();
    for (const { owner } of tasks) soonest = Math.min(soonest, owner.pausedUntilMs);
    for (const poller of pollers) soonest = Math.min(soonest, dueOf(poller, due));
    return soonest;
  }

  function dueOf({ kind, notBeforeMs, owner }: Poller, due: ReadonlyMap<string, number>): number {
    return Math.max(due.get(kind) ?? Number.POSITIVE_INFINITY, notBeforeMs, owner.pausedUntilMs);
  }

  return {
    now: () => nowMs,
    step,
    sleep,
    timer,
    poll,
    run,
    note,
    steps: () => steps,
    /** Of all that happened until now. */
    hash: history.hash,
  };
}

/** All that follows from what has happened, up to where everybody waits for a task again. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function randomOf(...parts: (string | number)[]): Random {
  return seeded(createHash('sha256').update(parts.join('/')).digest().readInt32BE());
}
