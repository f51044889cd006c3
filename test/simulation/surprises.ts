/** The log of a simulated process: what it takes for a bug is one, unless the plan made the database fail. */

import { Overloaded } from '../../src/flow/commit.ts';
import { failureOf } from '../../src/flow/database-failure.ts';
import { StreamBusy } from '../../src/flow/streams.ts';
import type { Log } from '../../src/ops/log.ts';
import type { Finding } from './evidence.ts';

/** True for what a caller may be told to come again for. */
export function isExpected(error: unknown): boolean {
  if (error instanceof StreamBusy || error instanceof Overloaded) return true;
  const { kind } = failureOf(error);
  return kind === 'connection' || kind === 'again';
}

/** Keeps `log` as it is, and adds to `findings` the errors that nothing explains. */
export function watched(log: Log, findings: Finding[]): Log {
  const child = log.child({});
  const hear = (fields: { err?: unknown; payment?: string }, message: string) => {
    if (fields.err !== undefined && !isExpected(fields.err)) findings.push(surprise(fields.err, message));
  };
  const error = (fields: object, message: string) => {
    hear(fields, message);
    log.error(fields, message);
  };
  return Object.assign(child, { error });
}

export function surprise(error: unknown, where: string): Finding {
  const { message, stack = '' } = error as Error;
  const at = stack.split('\n').slice(1, 4).join(' ').replace(/\s+/g, ' ');
  return { invariant: 'no-surprises', payment: null, what: `${where}: ${message} ${at}` };
}
