/** `acknowledged-is-durable`: what was once answered is still so, whatever died since. */

import { toUuid } from '../../../src/core/ids.ts';
import type { Evidence, Finding, Oracle } from '../evidence.ts';
import type { Step } from '../steps.ts';

export const ACKNOWLEDGED_IS_DURABLE: Oracle = { name: 'acknowledged-is-durable', atEnd: forgotten };

type Told = { id: string; object: string; payment?: string; amount: number; status: string };
type Row = { id: string; status: string; state: string };

async function forgotten({ pool, history, disturbed }: Evidence): Promise<Finding[]> {
  const told = history.flatMap((step) => toldIn(step));
  const payments = [...new Set(told.map(paymentOf))].map(toUuid);
  const { rows } = await pool.query<Row>('select id, status, state from payments where id = any ($1)', [
    payments,
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return told.flatMap((one) => {
    const payment = paymentOf(one);
    // What a bank sends back days later was true when it was told.
    const what = disturbed.has(payment) ? null : lost(one, byId.get(toUuid(payment)));
    return what === null ? [] : [{ invariant: 'acknowledged-is-durable', payment, what }];
  });
}

function toldIn({ answers }: Step): Told[] {
  const [answer] = answers;
  return answer === undefined || answer.status >= 300 ? [] : [JSON.parse(answer.text) as Told];
}

function paymentOf({ id, payment }: Told): string {
  return payment ?? id;
}

type Refunds = { refunds: { id: string; amount: number; status: string }[] };

function lost(told: Told, row: Row | undefined): string | null {
  if (row === undefined) return `${told.id} was acknowledged, and is gone`;
  if (told.object !== 'refund') {
    const ended = told.status === 'voided' || told.status === 'failed' || told.status === 'expired';
    return ended && row.status !== told.status ? `was ${told.status}, and is ${row.status}` : null;
  }
  const refund = (JSON.parse(row.state) as Refunds).refunds.find(({ id }) => id === told.id);
  if (refund === undefined) return `the refund ${told.id} was acknowledged, and is gone`;
  const kept = told.status === 'pending' ? refund.status !== 'pending' : refund.status === told.status;
  return kept && refund.amount === told.amount
    ? null
    : `the refund ${told.id} was ${told.status} of ${told.amount}, and is ${refund.status} of ${refund.amount}`;
}
