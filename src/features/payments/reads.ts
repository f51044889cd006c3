/** Looking at payments: one, many, their resources, their history. */

import { fromUuid, toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import {
  EVENTS_OF_PAYMENT,
  type EventRow,
  type ExceptionRow,
  LIST_PAYMENTS,
  LOAD_RESOURCE,
  OPEN_EXCEPTIONS,
  type PaymentRow,
} from '../../db/statements/payments.ts';
import { mayOperate } from '../../flow/caller.ts';
import { type Loaded, loadedOf, loadPayment } from '../../flow/stream.ts';
import {
  type Beside,
  nextAtFrom,
  presentCapture,
  presentPayment,
  presentRefund,
  type RefundDetails,
} from './present.ts';
import type { RequestDeps } from './requests.ts';
import type { Details, ListQuery, Principal, Reply } from './types.ts';

/** The payment if it is this merchant's, in this mode: another's is as unknown as none. */
export async function findPayment(
  deps: RequestDeps,
  principal: Principal,
  payment: string,
): Promise<Loaded | null> {
  const loaded = await loadPayment(deps.pool, payment);
  const own = loaded?.position.state.merchant === principal.merchant && loaded.mode === principal.mode;
  return own ? loaded : null;
}

export function besideOf(loaded: Loaded): Beside {
  const { mode, reference, timers } = loaded;
  return {
    mode,
    reference,
    details: loaded.details as Partial<Details> | null,
    nextAt: nextAtFrom(timers, toUuid),
  };
}

export async function retrieve(deps: RequestDeps, principal: Principal, payment: string): Promise<Reply> {
  const loaded = await findPayment(deps, principal, payment);
  if (!loaded) return deps.problem('payment_not_found');
  return { status: 200, body: presentPayment(loaded.position.state, besideOf(loaded)) };
}

export async function list(deps: RequestDeps, principal: Principal, q: ListQuery): Promise<Reply> {
  const rows = await query<PaymentRow>(deps.pool, LIST_PAYMENTS, [
    toUuid(principal.merchant),
    principal.mode,
    q.cursor === null ? null : toUuid(q.cursor),
    q.status,
    q.reference,
    q.currency,
    q.created_from,
    q.created_to,
    q.limit + 1,
  ]);
  const page = rows.slice(0, q.limit).map(loadedOf);
  const data = page.map((loaded) => presentPayment(loaded.position.state, besideOf(loaded)));
  const more = rows.length > q.limit;
  return {
    status: 200,
    body: { object: 'list', data, has_more: more, next_cursor: more ? (page.at(-1)?.payment ?? null) : null },
  };
}

export async function retrieveCapture(deps: RequestDeps, principal: Principal, id: string): Promise<Reply> {
  const loaded = await paymentOf(deps, principal, id, 'capture');
  const capture = loaded?.position.state.captures.find((c) => c.id === id);
  if (!loaded || !capture) return deps.problem('capture_not_found');
  return { status: 200, body: presentCapture(loaded.position.state, capture, besideOf(loaded)) };
}

export async function retrieveRefund(deps: RequestDeps, principal: Principal, id: string): Promise<Reply> {
  const loaded = await paymentOf(deps, principal, id, 'refund');
  const refund = loaded?.position.state.refunds.find((r) => r.id === id);
  if (!loaded || !refund) return deps.problem('refund_not_found');
  const rows = await allEvents(deps, loaded.payment);
  return {
    status: 200,
    body: presentRefund(loaded.position.state, refund, besideOf(loaded), detailsOf(rows, id)),
  };
}

/** Events in their order; `after` is the version of the last one seen. */
export async function events(
  deps: RequestDeps,
  principal: Principal,
  payment: string,
  page: { limit: number; after: number },
): Promise<Reply> {
  const loaded = await findPayment(deps, principal, payment);
  if (!loaded) return deps.problem('payment_not_found');
  const rows = await query<EventRow>(deps.pool, EVENTS_OF_PAYMENT, [
    toUuid(payment),
    page.after,
    page.limit + 1,
  ]);
  const data = rows.slice(0, page.limit).map(presentEvent);
  const more = rows.length > page.limit;
  return {
    status: 200,
    body: {
      object: 'list',
      data,
      has_more: more,
      next_cursor: more ? (rows[page.limit - 1]?.version ?? null) : null,
    },
  };
}

export async function exceptions(
  deps: RequestDeps,
  principal: Principal,
  page: { limit: number; cursor: string | null },
): Promise<Reply> {
  const after = page.cursor === null ? null : toUuid(page.cursor);
  const rows = await query<ExceptionRow>(deps.pool, OPEN_EXCEPTIONS, [
    toUuid(principal.merchant),
    principal.mode,
    after,
    page.limit + 1,
    mayOperate(principal),
  ]);
  const data = rows.slice(0, page.limit).map(presentException);
  const more = rows.length > page.limit;
  return {
    status: 200,
    body: { object: 'list', data, has_more: more, next_cursor: more ? (data.at(-1)?.id ?? null) : null },
  };
}

/** The whole history: bounded by what one payment may have. */
export function allEvents(deps: Pick<RequestDeps, 'pool'>, payment: string): Promise<EventRow[]> {
  return query<EventRow>(deps.pool, EVENTS_OF_PAYMENT, [toUuid(payment), 0, 100_000]);
}

export function presentEvent(row: EventRow): object {
  return {
    id: fromUuid('event', row.id),
    object: 'event',
    payment: fromUuid('payment', row.payment_id),
    version: row.version,
    type: row.type,
    data: JSON.parse(row.data, withoutToken) as object,
    provider_at: row.provider_at,
    received_at: row.received_at,
    recorded_at: row.recorded_at,
    correlation: row.correlation,
    hash: row.hash.toString('hex'),
  };
}

export function presentException(row: ExceptionRow): {
  id: string;
  object: string;
  [field: string]: unknown;
} {
  return {
    id: fromUuid('exception', row.id),
    object: 'exception',
    payment: row.payment_id === null ? null : fromUuid('payment', row.payment_id),
    webhook: row.inbox_id === null ? null : fromUuid('webhook', row.inbox_id),
    type: row.type,
    status: row.status,
    subject: row.subject,
    expected: row.expected,
    actual: row.actual,
    opened_at: row.opened_at,
  };
}

/** A token is a secret of the customer's: it is kept for calls to the provider, and never shown again. */
function withoutToken(key: string, value: unknown): unknown {
  return key === 'token' ? undefined : value;
}

async function paymentOf(
  deps: RequestDeps,
  principal: Principal,
  id: string,
  kind: 'capture' | 'refund',
): Promise<Loaded | null> {
  const values = [toUuid(id), toUuid(principal.merchant), kind];
  const [row] = await query<{ payment_id: string }>(deps.pool, LOAD_RESOURCE, values);
  return row ? findPayment(deps, principal, fromUuid('payment', row.payment_id)) : null;
}

/** Null once erased, or where nobody gave one. */
function detailsOf(rows: EventRow[], refund: string): RefundDetails {
  const row = rows.find(
    (r) => r.type === 'refund_requested' && (JSON.parse(r.data) as { refund: string }).refund === refund,
  );
  const { reason, metadata } = JSON.parse(row?.private ?? '{}') as Partial<RefundDetails>;
  return { reason: reason ?? null, metadata: metadata ?? {} };
}
