/** Waits until nothing is under way, at the provider and here. */

import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../../src/db/pool.ts';
import type { Deployment } from '../support/deployment.ts';

const CONVERGE_MS = 180_000;

/** Until nothing is under way any more; what waits for customers, merchants and persons may wait on. */
export async function converge(deployment: Deployment): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const operations = await count(
      deployment,
      `select count(*)::int as n from schedule where kind = 'operation'`,
    );
    const deliveries = await count(
      deployment,
      `select count(*)::int as n from inbox_due where state in ('received', 'parked')`,
    );
    const unsent = await deployment.provider.webhooksPending();
    const unlisted = await unknownRefunds(deployment);
    const took = Math.round(performance.now() - begin);
    if (operations + deliveries + unsent + unlisted === 0) return took;
    if (took > CONVERGE_MS)
      throw new Error(
        `still open: ${operations} operations, ${deliveries} deliveries, ${unsent} webhooks, ${unlisted} refunds that are not known here`,
      );
    await delay(250);
  }
}

/** Where the webhook was lost, the list of what moved tells: it is read once a minute. */
async function unknownRefunds(deployment: Deployment): Promise<number> {
  const charges = await deployment.provider.charges();
  const theirs = charges.reduce((sum, { refunded }) => sum + refunded, 0);
  const ours = await count(deployment, 'select coalesce(sum(amount_refunded), 0)::int as n from payments');
  return theirs === ours ? 0 : 1;
}

export async function count({ databaseUrl }: Deployment, sql: string): Promise<number> {
  const pool = createPool(databaseUrl, { name: 'chaos', max: 1 });
  try {
    const { rows } = await pool.query<{ n: number }>(sql);
    return rows[0]?.n ?? 0;
  } finally {
    await pool.end();
  }
}
