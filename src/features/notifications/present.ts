/** Endpoints and deliveries as the API shows them. */

import { fromUuid } from '../../core/ids.ts';
import type { DeliveryRow, EndpointRow } from '../../db/statements/endpoints.ts';

type Shown = { id: string; object: string; [field: string]: unknown };

export function presentEndpoint(row: EndpointRow): Shown {
  return {
    id: fromUuid('endpoint', row.id),
    object: 'webhook_endpoint',
    mode: row.mode,
    url: row.url,
    events: row.events,
    ordered: row.ordered,
    description: row.description,
    status: row.status,
    disabled_reason: row.disabled_reason,
    failing_since: row.failing_since,
    previous_secret_until: row.previous_until,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

export function presentDelivery(row: DeliveryRow): Shown {
  return {
    id: fromUuid('delivery', row.id),
    object: 'delivery',
    endpoint: fromUuid('endpoint', row.endpoint_id),
    event: fromUuid('event', row.event_id),
    type: row.type,
    payment: row.payment_id === null ? null : fromUuid('payment', row.payment_id),
    sequence: row.sequence,
    status: row.status,
    next_attempt_at: row.status === 'pending' ? row.due_at : null,
    attempt_count: row.attempts,
    attempts: (JSON.parse(row.log) as { attempted_at: string }[]).map((attempt) => ({
      ...attempt,
      attempted_at: new Date(attempt.attempted_at).toISOString(),
    })),
    created_at: row.created_at,
  };
}

/** `rows` has one more than the page where there is more. */
export function presentPage<Row>(rows: Row[], limit: number, present: (row: Row) => Shown): object {
  const data = rows.slice(0, limit).map(present);
  const more = rows.length > limit;
  return { object: 'list', data, has_more: more, next_cursor: more ? (data.at(-1)?.id ?? null) : null };
}
