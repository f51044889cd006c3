/** `intent-before-call`: when the provider hears of an operation, it has been written down. Looked at on its arrival. */

import { isId, toUuid } from '../../../src/core/ids.ts';
import type { Pool } from '../../../src/db/pool.ts';
import type { Finding } from '../evidence.ts';
import type { WireRequest } from '../provider.ts';

const WRITTEN = {
  name: 'simulation_intent',
  text: `select 1 from payments where state::text like $1 limit 1`,
};

/** An operation is kept in its payment's state for ever. */
export async function unwritten(pool: Pool, { method, headers, body }: WireRequest): Promise<Finding | null> {
  const key = headers['idempotency-key'];
  if (method !== 'POST') return null;
  const { reference = null } = JSON.parse(body || '{}') as { reference?: string };
  const payment = reference !== null && isId('payment', reference) ? reference : null;
  const { rows } =
    payment === null
      ? await pool.query({ ...WRITTEN, values: [`%${key}%`] })
      : await pool.query({ ...OF_PAYMENT, values: [toUuid(payment), `%${key}%`] });
  if (key !== undefined && rows.length > 0) return null;
  const what = `the provider was asked for ${key}, which is written down nowhere`;
  return { invariant: 'intent-before-call', payment, what };
}

const OF_PAYMENT = {
  name: 'simulation_intent_of_payment',
  text: 'select 1 from payments where id = $1 and state::text like $2',
};
