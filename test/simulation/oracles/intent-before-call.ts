/** `intent-before-call`: when the provider hears of an operation, it is written down. Looked at when it arrives. */

import type { Finding } from '../evidence.ts';
import type { WireRequest } from '../provider.ts';
import type { SimulatedProvider } from '../providers.ts';
import type { Stored } from '../stored.ts';

/** The operations that new events ask for. */
export function intentsIn({ fresh }: Stored): string[] {
  return fresh.flatMap(({ type, data }) => {
    const asks = type === 'attempt_started' || type.endsWith('_requested');
    return asks ? [(JSON.parse(data) as { operation: string }).operation] : [];
  });
}

/** `written`: all that stored events have asked for until now. Null where all is well. */
export function unwritten(
  written: ReadonlySet<string>,
  { method, headers, body }: WireRequest,
  { keyIsOperation }: SimulatedProvider,
): Finding | null {
  const key = headers['idempotency-key'];
  const named = keyIsOperation ? [key ?? 'what has no key'] : [...new Set(body.match(OPERATION) ?? [])];
  const strange = method === 'POST' ? named.find((operation) => !written.has(operation)) : undefined;
  if (strange === undefined) return null;
  const what = `the provider was asked for ${strange}, which is written down nowhere`;
  return { invariant: 'intent-before-call', payment: null, what };
}

const OPERATION = /\bop_[0-9a-z]{26}\b/g;
