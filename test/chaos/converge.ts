/** Waits until nothing is under way, at the provider and here. */

import { setTimeout as delay } from 'node:timers/promises';
import { createPool } from '../../src/db/pool.ts';
import type { Deployment } from '../support/deployment.ts';

const CONVERGE_MS = 180_000;

/** How long it took, and what was still open when nobody would wait any longer: nothing, if all is well. */
export type Converged = { tookMs: number; open: string[] };

/** Until nothing is under way any more; what waits for customers, merchants and persons may wait on. */
export async function converge(deployment: Deployment): Promise<Converged> {
  const begin = performance.now();
  const asked = new Map((await challenges(deployment)).map(({ subject, tries }) => [subject, tries]));
  for (;;) {
    const open = [...(await stillOpen(deployment)), ...(await unasked(deployment, asked))];
    const tookMs = Math.round(performance.now() - begin);
    if (open.length === 0 || tookMs > CONVERGE_MS) return { tookMs, open };
    await delay(250);
  }
}

async function stillOpen(deployment: Deployment): Promise<string[]> {
  const operations = await rowsOf(
    deployment,
    `select subject, tries, last_result from schedule where kind = 'operation' limit 20`,
  );
  const deliveries = await rowsOf(
    deployment,
    `select inbox_id, state, tries, why from inbox_due where state in ('received', 'parked') limit 20`,
  );
  const unsent = await deployment.provider.webhooksPending();
  return [
    ...operations.map((row) => `an operation is unresolved: ${JSON.stringify(row)}`),
    ...deliveries.map((row) => `a webhook is not applied: ${JSON.stringify(row)}`),
    ...(unsent > 0 ? [`${unsent} webhooks were not taken`] : []),
    ...(await unknownRefunds(deployment)),
  ];
}

type Challenge = { subject: string; tries: number };

async function challenges(deployment: Deployment): Promise<Challenge[]> {
  const rows = await rowsOf(deployment, `select subject, tries from schedule where kind = 'action'`);
  return rows as Challenge[];
}

/** A customer may have answered, and their way back been cut off: each challenge is asked about once more. */
async function unasked(deployment: Deployment, before: ReadonlyMap<string, number>): Promise<string[]> {
  const waiting = (await challenges(deployment)).filter((c) => c.tries <= (before.get(c.subject) ?? 0));
  return waiting.map(({ subject }) => `nobody has asked about the challenge of ${subject}`);
}

/** Where the webhook was lost, the list of what moved tells: it is read once a minute. */
async function unknownRefunds(deployment: Deployment): Promise<string[]> {
  const charges = await deployment.provider.charges();
  const theirs = charges.reduce((sum, { refunded }) => sum + refunded, 0);
  const ours = await count(deployment, 'select coalesce(sum(amount_refunded), 0)::int as n from payments');
  return theirs === ours ? [] : [`refunds of ${theirs} at the provider, of ${ours} here`];
}

export async function count(deployment: Deployment, sql: string): Promise<number> {
  const [row] = await rowsOf(deployment, sql);
  return Number(row?.['n'] ?? 0);
}

async function rowsOf({ databaseUrl }: Deployment, sql: string): Promise<Record<string, unknown>[]> {
  const pool = createPool(databaseUrl, { name: 'chaos', max: 1 });
  try {
    return (await pool.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await pool.end();
  }
}
