/** The customer's browser comes back from a challenge: finish the round, then send the customer on. */

import { fromUuid, toUuid } from '../../core/ids.ts';
import { status } from '../../core/payment/summary.ts';
import { query } from '../../db/pool.ts';
import { PAYMENT_OF_ATTEMPT } from '../../db/statements/payments.ts';
import { connectorOf } from '../../flow/deps.ts';
import { loadPayment } from '../../flow/stream.ts';
import { completeAttempt } from '../../flow/timers.ts';
import type { RequestDeps } from './requests.ts';

export async function customerReturned(
  deps: RequestDeps,
  attempt: string,
  trace: { correlation: string; traceparent: string },
  returned: string | null,
): Promise<{ location: string | null; status: string } | null> {
  const [row] = await query<{ payment_id: string }>(deps.pool, PAYMENT_OF_ATTEMPT, [toUuid(attempt)]);
  const loaded = row ? await loadPayment(deps.pool, fromUuid('payment', row.payment_id)) : null;
  if (!loaded) return null;
  const { payment, mode } = loaded;
  const found = loaded.position.state.attempts.find((a) => a.id === attempt);
  if (found) {
    const { returnParameters = [] } = connectorOf(deps, found).capabilities;
    await completeAttempt(deps, { payment, mode, ...trace }, found, onlyRead(returned, returnParameters));
  }
  const after = (await loadPayment(deps.pool, payment)) ?? loaded;
  return {
    location: location(loaded.details?.['return_url'], payment),
    status: status(after.position.state),
  };
}

/** The rest of what a browser brings is of a stranger's making, and would be kept for ever. */
function onlyRead(returned: string | null, names: readonly string[]): string | null {
  const given = new URLSearchParams(returned ?? '');
  const read = names.flatMap((name) => {
    const value = given.get(name);
    return value === null || value === '' ? [] : [[name, value]];
  });
  return read.length === 0 ? null : new URLSearchParams(read).toString();
}

/** The merchant's own address with the payment's id; the page there asks its server how it went. */
function location(returnUrl: unknown, payment: string): string | null {
  if (typeof returnUrl !== 'string') return null;
  const url = new URL(returnUrl);
  url.searchParams.set('payment', payment);
  return url.href;
}
