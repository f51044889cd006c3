/** From a row of the event table to what the stream says of it. */

import { fromUuid } from '../../core/ids.ts';
import type { EventType } from '../../core/payment/events.ts';
import { PUBLISHED_VERSIONS, publishedData, publishedType } from '../../core/payment/published.ts';
import type { ConsumedRow } from '../../db/statements/consumers.ts';
import type { StreamEvent } from './sink.ts';

export function streamEvent(row: ConsumedRow, publicUrl: string): StreamEvent {
  const type = publishedType(row.type);
  const version = `v${versionOf(row.type)}`;
  const payment = fromUuid('payment', row.payment_id);
  return {
    specversion: '1.0',
    id: fromUuid('event', row.id),
    source: `${publicUrl}/v1/payments`,
    type: `truepenny.${type}.${version}`,
    subject: payment,
    time: row.recorded_at,
    datacontenttype: 'application/json',
    dataschema: `${publicUrl}/schemas/events/${type}.${version}.json`,
    sequence: String(row.version).padStart(10, '0'),
    partitionkey: payment,
    traceparent: traceparent(row),
    merchantid: fromUuid('merchant', row.merchant_id),
    mode: row.mode,
    data: publishedData(row.data),
  };
}

/** Written by a later release than this: it waits for a worker of that one, since what may be told is not known here. */
function versionOf(type: string): number {
  if (!Object.hasOwn(PUBLISHED_VERSIONS, type))
    throw new Error(
      `this worker does not know events of the type ${type}: update it to the release of the API`,
    );
  return PUBLISHED_VERSIONS[type as EventType];
}

/** The trace that the event is part of; as the span, for want of another, the random end of the event's own id. */
function traceparent({ correlation, id }: ConsumedRow): string {
  return `00-${correlation}-${id.replaceAll('-', '').slice(16)}-01`;
}
