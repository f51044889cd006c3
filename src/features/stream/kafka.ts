/** The Kafka sink: one record an event, keyed by its payment, acknowledged by all in-sync replicas. */

import type { MessageToProduce, Producer } from '@platformatic/kafka';
import type { KafkaConfig } from '../../ops/kafka-config.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import type { EventSink, StreamEvent } from './sink.ts';

/** CloudEvents' Kafka binding, structured mode. */
const HEADERS = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };

type TextProducer = Producer<string, string, string, string>;

/** Connects with the first batch. The topic must be there, unless the cluster makes it. */
export function kafkaSink(config: KafkaConfig, world: World): EventSink {
  const { handOnMs } = LIMITS.consumers;
  let producer: TextProducer | null = null;
  // After a failure nothing of that batch may arrive later, between those that follow: the connections go with it.
  const discard = async () => {
    const old = producer;
    producer = null;
    await old?.close(true).catch(() => undefined);
  };
  return {
    name: 'kafka',
    publish: async (events) => {
      producer ??= await newProducer(config);
      try {
        await within(
          world,
          handOnMs,
          producer.send({ messages: events.map((event) => record(config, event)) }),
        );
      } catch (error) {
        await discard();
        throw failure(error);
      }
    },
    close: discard,
  };
}

function record(
  { topic }: KafkaConfig,
  event: StreamEvent,
): MessageToProduce<string, string, string, string> {
  return { topic, key: event.partitionkey, value: JSON.stringify(event), headers: HEADERS };
}

/** Loaded when it is needed: its client is most of what a process would load at its start, and few have a Kafka. */
async function newProducer({ brokers, tls, sasl }: KafkaConfig): Promise<TextProducer> {
  const { compatibilityPartitioner, Producer, stringSerializers } = await import('@platformatic/kafka');
  const attemptMs = LIMITS.consumers.handOnMs / 2;
  return new Producer({
    clientId: 'truepenny',
    bootstrapBrokers: brokers,
    serializers: stringSerializers,
    // Acknowledged by all in-sync replicas, and a repetition by the client itself is recognised by the broker.
    idempotent: true,
    // As Java clients do it, so that others who write or join by payment meet the same partition.
    partitioner: compatibilityPartitioner,
    // A broker that restarts, or a new leader; what takes longer is the consumer's to wait for.
    retries: 3,
    retryDelay: 250,
    connectTimeout: attemptMs,
    requestTimeout: attemptMs,
    timeout: attemptMs,
    ...(tls && { tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== null)) }),
    ...(sasl && { sasl }),
  });
}

async function within<Result>(world: World, ms: number, work: Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const late = world.sleep(ms, stop.signal).then(() => {
    throw new Error(`Kafka did not answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}

/** The client wraps what went wrong several times; what helps is the innermost, with its code. */
function failure(error: unknown): unknown {
  const inner = error instanceof AggregateError ? error.errors.at(-1) : (error as { cause?: unknown })?.cause;
  return inner instanceof Error ? failure(inner) : error;
}
