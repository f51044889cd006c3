/** What an endpoint is sent: the event as the API shows it, the same bytes at every attempt. */

import { fromUuid } from '../../core/ids.ts';
import { publishedData } from '../../core/payment/published.ts';
import type { ClaimedRow } from '../../db/statements/notifications.ts';

export type Message = { id: string; body: string };

/** Made from the event itself, whose private part is kept elsewhere and stays there. */
export function messageOf(row: ClaimedRow): Message {
  const id = fromUuid('event', row.event_id);
  const body = {
    id,
    type: row.type,
    created_at: row.created_at,
    mode: row.mode,
    payment: row.payment_id === null ? null : fromUuid('payment', row.payment_id),
    sequence: row.sequence,
    data: row.data === null ? {} : publishedData(row.data),
  };
  return { id, body: JSON.stringify(body) };
}
