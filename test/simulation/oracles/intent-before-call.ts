/** `intent-before-call`: when the provider hears of an operation, it is written down. Looked at when it arrives. */

import type { Finding, Stored } from '../evidence.ts';
import type { WireRequest } from '../provider.ts';

/** The operations that stored events ask for. */
export function intentsIn({ stored }: Stored): string[] {
  return stored.events.flatMap(({ type, data }) => {
    const asks = type === 'attempt_started' || type.endsWith('_requested');
    return asks ? [(JSON.parse(data) as { operation: string }).operation] : [];
  });
}

/** `written`: all that stored events have asked for until now. Null where all is well. */
export function unwritten(
  written: ReadonlySet<string>,
  { method, headers, body }: WireRequest,
): Finding | null {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || (key !== undefined && written.has(key))) return null;
  const { reference = null } = JSON.parse(body || '{}') as { reference?: string };
  const what = `the provider was asked for ${key}, which is written down nowhere`;
  return { invariant: 'intent-before-call', payment: reference, what };
}
