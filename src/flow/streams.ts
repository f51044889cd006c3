/** In one process, one command per stream at a time: what would only conflict in the database waits here. */

import { LIMITS } from '../ops/limits.ts';

/** The queue of a stream is full: the caller is told to come again. */
export class StreamBusy extends Error {}

export type Streams = { alone<T>(stream: string, work: () => Promise<T>): Promise<T> };

const DONE = Promise.resolve();

type Tail = { last: Promise<unknown>; waiting: number };

export function createStreams(): Streams {
  const tails = new Map<string, Tail>();
  return {
    async alone(stream, work) {
      const tail: Tail = tails.get(stream) ?? { last: DONE, waiting: 0 };
      if (tail.waiting >= LIMITS.commit.queuePerStream) throw new StreamBusy();
      tail.waiting += 1;
      tails.set(stream, tail);
      const mine = tail.last.then(work);
      tail.last = mine.catch(() => undefined);
      try {
        return await mine;
      } finally {
        tail.waiting -= 1;
        if (tail.waiting === 0) forget(tails, stream, tail);
      }
    },
  };
}

/**
 * Lets go of the promise as well. A Map that has grown out of its table leaves that to the garbage with all that it
 * held, and each such table holds the next: where one has become old, what came of every payment outlived it, until
 * V8 marked the whole heap (docs/decisions/0021-messages-to-postgresql.md).
 */
function forget(tails: Map<string, Tail>, stream: string, tail: Tail): void {
  tails.delete(stream);
  tail.last = DONE;
}
