/** Trace context as of W3C Trace Context, level 1: the same trace id in logs, events and at the provider. */

import type { World } from './world.ts';

export type Trace = {
  /** The trace id, 32 hexadecimal digits: the same in logs, events and answers. */
  correlation: string;
  /** The whole header to pass on, with a span id of our own. */
  traceparent: string;
};

/** A later version may carry more after the flags; what is before them means the same. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:$|-)/;

/** Goes on with the caller's trace where the header is valid, else starts a new one. */
export function continueTrace(header: string | undefined, world: World): Trace {
  if (header === undefined) return newTrace(world);
  const [, traceId, flags] = TRACEPARENT.exec(header) ?? [];
  return traceId && flags ? trace(traceId, hex(world.randomBytes(8)), flags) : newTrace(world);
}

/** A trace of a name of our own, 32 hexadecimal digits: work that is taken up again is found under the same. */
export function namedTrace(correlation: string, world: World): Trace {
  return trace(correlation, hex(world.randomBytes(8)), '01');
}

export function newTrace(world: World): Trace {
  const random = hex(world.randomBytes(24));
  return trace(random.slice(0, 32), random.slice(32), '01');
}

function trace(correlation: string, spanId: string, flags: string): Trace {
  const sampled = Number.parseInt(flags, 16) & 1;
  return { correlation, traceparent: `00-${correlation}-${spanId}-0${sampled}` };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
