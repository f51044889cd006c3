/**
 * What others are told of an event: merchants by webhook, the company's own programs by the event stream. One name,
 * one set of data and one version for both.
 */

import type { EventData, EventType } from './events.ts';

/**
 * Never told: tokens of payment methods, the talk with the provider, and the address of a customer's challenge,
 * which is as good as a key to it, as is what the customer came back from it with. Who needs them asks the API, and is
 * asked for a key.
 */
const HIDDEN = ['token', 'call', 'url', 'returned'] as const;

type Hidden = (typeof HIDDEN)[number];

export type Published<Data> = Data extends readonly (infer Item)[]
  ? Published<Item>[]
  : Data extends object
    ? { [Name in keyof Data as Name extends Hidden ? never : Name]: Published<Data[Name]> }
    : Data;

export type PublishedData = { [Type in keyof EventData]: Published<EventData[Type]> };

/**
 * The version of what is told of each kind of event. A higher one only where the old schema does not hold any more:
 * `npm run generate` says so (docs/decisions/0011-event-stream.md).
 */
export const PUBLISHED_VERSIONS: Readonly<Record<EventType, number>> = {
  payment_created: 1,
  attempt_started: 1,
  attempt_abandoned: 1,
  attempt_adopted: 1,
  action_required: 1,
  completion_requested: 1,
  authorization_approved: 1,
  authorization_failed: 1,
  authorization_voided: 1,
  authorization_expired: 1,
  capture_requested: 1,
  capture_succeeded: 1,
  capture_failed: 1,
  capture_reversed: 1,
  void_requested: 1,
  void_failed: 1,
  refund_requested: 1,
  refund_succeeded: 1,
  refund_failed: 1,
  refund_returned: 1,
  dispute_opened: 1,
  dispute_won: 1,
  dispute_lost: 1,
  fact_waiting: 1,
  fact_resumed: 1,
  operation_pending: 1,
  operation_unknown: 1,
  call_recorded: 1,
  operation_canceled: 1,
  payment_voided: 1,
  payment_failed: 1,
  exception_raised: 1,
  exception_withdrawn: 1,
};

const OWN_GROUP = /^(payment|capture|refund|dispute|exception)_/;

/** `refund_succeeded` is `refund.succeeded`; what has no resource of its own is the payment's. */
export function publishedType(type: string): string {
  return OWN_GROUP.test(type) ? type.replace('_', '.') : `payment.${type}`;
}

/** The data as it is told, from the JSON that is stored. */
export function publishedData(json: string): object {
  return JSON.parse(json, (key, value) => ((HIDDEN as readonly string[]).includes(key) ? undefined : value));
}
