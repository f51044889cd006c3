/** A topic, and all that is in it. */

import { Admin, Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka';

export type TopicRecord = { partition: number; key: string; value: string; contentType: string };

export async function createTopic(broker: string, topic: string, partitions: number): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker], retries: 20, retryDelay: 250 });
  try {
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 });
  } finally {
    await admin.close();
  }
}

/** All records up to the present end of each partition, those of a partition in its order. */
export async function readTopic(broker: string, topic: string): Promise<TopicRecord[]> {
  const consumer = new Consumer({
    clientId: 'test',
    bootstrapBrokers: [broker],
    groupId: `reader-of-${topic}`,
    deserializers: stringDeserializers,
    maxWaitTime: 200,
  });
  const records: TopicRecord[] = [];
  try {
    const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic) ?? [];
    const wanted = Number(ends.reduce((sum, end) => sum + end, 0n));
    if (wanted === 0) return records;
    const { EARLIEST } = MessagesStreamModes;
    for await (const message of await consumer.consume({
      topics: [topic],
      mode: EARLIEST,
      autocommit: false,
    })) {
      const { partition, key, value, headers } = message;
      records.push({ partition, key, value, contentType: headers.get('content-type') ?? '' });
      if (records.length >= wanted) break;
    }
    return records;
  } finally {
    await consumer.close(true);
  }
}
