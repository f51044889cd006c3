/** Who sleeps, in the order in which they wake: a heap, since a seed has hundreds of them and looks at each step. */

import type { Owner } from './owner.ts';

export type Sleeper = {
  owner: Owner;
  dueMs: number;
  /** Of two that are due at once the one that lay down first wakes first. */
  number: number;
  wake(): void;
  /** No longer waits. */
  over: boolean;
};

export type Sleepers = ReturnType<typeof createSleepers>;

export function createSleepers() {
  const heap: Sleeper[] = [];
  let count = 0;

  function add(owner: Owner, dueMs: number, wake: () => void): Sleeper {
    const sleeper = { owner, dueMs, number: count, wake, over: false };
    count += 1;
    push(sleeper);
    return sleeper;
  }

  /** The next that will wake: those who are over or dead go, and who is held up is put back for later. */
  function first(): Sleeper | undefined {
    for (let top = heap[0]; top !== undefined; top = heap[0]) {
      const { over, owner, dueMs } = top;
      if (!over && owner.alive && owner.pausedUntilMs <= dueMs) return top;
      pop();
      if (over || !owner.alive) continue;
      top.dueMs = owner.pausedUntilMs;
      push(top);
    }
    return undefined;
  }

  function push(sleeper: Sleeper): void {
    let at = heap.push(sleeper) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[above])) return;
      swap(at, above);
      at = above;
    }
  }

  function pop(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const below = isBefore(heap[right], heap[left]) ? right : left;
      if (!isBefore(heap[below], heap[at])) return;
      swap(at, below);
      at = below;
    }
  }

  function swap(a: number, b: number): void {
    [heap[a], heap[b]] = [heap[b] as Sleeper, heap[a] as Sleeper];
  }

  return {
    add,
    /** When the next of them wakes; never where nobody sleeps. */
    nextMs: () => first()?.dueMs ?? Number.POSITIVE_INFINITY,
    /** One that is due by then, and sleeps no more. */
    take(nowMs: number): Sleeper | null {
      const sleeper = first();
      if (sleeper === undefined || sleeper.dueMs > nowMs) return null;
      pop();
      return sleeper;
    },
  };
}

function isBefore(a: Sleeper | undefined, b: Sleeper | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.number < b.number);
}
