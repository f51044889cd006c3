/** A payment as the flow holds it: the stream's position with what answers need beside it. */

import { fromUuid, toUuid } from '../core/ids.ts';
import type { State } from '../core/payment.ts';
import { type Pool, query } from '../db/pool.ts';
import { LOAD_PAYMENT, type PaymentRow } from '../db/statements/payments.ts';
import type { Position } from './item.ts';

export type TimerRow = {
  subject: string;
  kind: string;
  due_at: string;
  tries: number;
  last_result: string | null;
  created_at: string;
};

export type Loaded = {
  payment: string;
  mode: 'test' | 'live';
  position: Position & { state: State };
  reference: string | null;
  createdAt: string;
  /** Description, metadata, customer and the like, as given; null once erased. */
  details: Record<string, unknown> | null;
  timers: TimerRow[];
};

export async function loadPayment(pool: Pool, payment: string): Promise<Loaded | null> {
  const [row] = await query<PaymentRow>(pool, LOAD_PAYMENT, [toUuid(payment)]);
  return row ? loadedOf(row) : null;
}

export function loadedOf(row: PaymentRow): Loaded {
  return {
    payment: fromUuid('payment', row.id),
    mode: row.mode,
    position: { version: row.version, head: row.head, state: JSON.parse(row.state) as State },
    reference: row.reference,
    createdAt: row.created_at,
    details: row.details === null ? null : (JSON.parse(row.details) as Record<string, unknown>),
    timers: JSON.parse(row.timers) as TimerRow[],
  };
}
