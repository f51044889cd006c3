/** In one process, one command per stream at a time: what would only conflict in the database waits here. */

import { LIMITS } from '../ops/limits.ts';

/** The queue of a stream is full: the caller is told to come again. */
export class StreamBusy extends Error {}

export type Streams = { alone<T>(stream: string, work: () => Promise<T>): Promise<T> };

export function createStreams(): Streams {
  const tails = new Map<string, { last: Promise<unknown>; waiting: number }>();
  return {
    async alone(stream, work) {
      const tail = tails.get(stream) ?? { last: Promise.resolve(), waiting: 0 };
      if (tail.waiting >= LIMITS.commit.queuePerStream) throw new StreamBusy();
      tail.waiting += 1;
      tails.set(stream, tail);
      const mine = tail.last.then(work);
      tail.last = mine.catch(() => undefined);
      try {
        return await mine;
      } finally {
        tail.waiting -= 1;
        if (tail.waiting === 0) tails.delete(stream);
      }
    },
  };
}
