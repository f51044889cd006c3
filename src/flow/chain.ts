/**
 * The hash chain of a payment's events: each hash covers the one before it in its stream.
 *
 * Keyed (HMAC-SHA-256), since who can write the database could write new plain hashes as well; the key is kept
 * outside of it. Streams that are cut short or deleted whole are found by the digest (`digest.ts`).
 */

import { createHmac } from 'node:crypto';

export type Chained = {
  payment: string;
  version: number;
  id: string;
  type: string;
  /** The stored bytes, as they stand. */
  data: string;
  provider_at: string | null;
  received_at: string | null;
  recorded_at: string;
  correlation: string;
  commitment: Buffer | null;
};

export const GENESIS: Buffer = Buffer.alloc(32);

export function chainHash(key: Buffer, previous: Buffer, event: Chained): Buffer {
  const head = [
    event.payment,
    event.version,
    event.id,
    event.type,
    event.provider_at ?? '',
    event.received_at ?? '',
    event.recorded_at,
    event.correlation,
    event.commitment?.toString('hex') ?? '',
  ].join('\n');
  // No field before the data can hold a line feed, so no two events give the same bytes.
  return createHmac('sha256', key).update(previous).update(`${head}\n${event.data}`).digest();
}

/** Binds an event to its private part without telling anything of it; erasing salt and data leaves the chain whole. */
export function commitmentOf(salt: Uint8Array, data: string): Buffer {
  return createHmac('sha256', salt).update(data).digest();
}
