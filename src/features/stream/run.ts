/** The worker's part: the event table, event by event, to a sink. */

import { type Consumer, type ConsumerDeps, runConsumer } from '../../flow/consumer.ts';
import { streamEvent } from './envelope.ts';
import type { EventSink } from './sink.ts';

export type StreamDeps = ConsumerDeps & { publicUrl: string };

/** Runs until the signal aborts, then closes the sink. */
export async function runStream(deps: StreamDeps, sink: EventSink, signal: AbortSignal): Promise<void> {
  try {
    await runConsumer(deps, consumerOf(deps, sink), signal);
  } finally {
    await sink.close();
  }
}

export function consumerOf({ publicUrl }: Pick<StreamDeps, 'publicUrl'>, sink: EventSink): Consumer {
  return {
    name: sink.name,
    handOn: async (rows) => sink.publish(rows.map((row) => streamEvent(row, publicUrl))),
  };
}
