/**
 * Stripe's events, from its webhooks and from its list: each carries the whole object as it stood. What money did is
 * told by the events below; each kind of fact is taken from one family of them, so that no two tell it differently.
 */

import type Stripe from 'stripe';
import type { Parsed, Webhooks } from '../port.ts';
import { verifyStripe } from '../signatures/stripe.ts';
import { chargeFacts } from './charge-facts.ts';
import { disputeFacts } from './dispute-facts.ts';
import { intentFacts } from './intent-facts.ts';
import type { Read } from './notices.ts';
import { refundFacts } from './refund-facts.ts';
import { isObject, textOf, timeOf, within } from './wire.ts';

const READERS: ReadonlyMap<string, Read> = new Map([
  ['payment_intent.amount_capturable_updated', intentFacts],
  ['payment_intent.succeeded', intentFacts],
  ['payment_intent.canceled', intentFacts],
  ['payment_intent.payment_failed', intentFacts],
  ['charge.succeeded', chargeFacts],
  ['charge.captured', chargeFacts],
  ['charge.expired', chargeFacts],
  ['charge.failed', chargeFacts],
  ['refund.created', refundFacts],
  ['refund.updated', refundFacts],
  ['refund.failed', refundFacts],
  ['charge.refund.updated', refundFacts],
  ['charge.dispute.created', disputeFacts],
  ['charge.dispute.updated', disputeFacts],
  ['charge.dispute.funds_withdrawn', disputeFacts],
  ['charge.dispute.closed', disputeFacts],
]);

/** What a webhook endpoint at Stripe has to be subscribed to; the list of events is asked for the same. */
export const MONEY_EVENTS: readonly string[] = [...READERS.keys()];

export const stripeWebhooks: Webhooks = {
  verify: verifyStripe,
  parse(body) {
    const event = within<Stripe.EventBase>(readJson(body));
    const [type, id] = [textOf(event, 'type'), textOf(event, 'id')];
    if (event === null || type === null || id === null) return unreadable('type or id is missing');
    const data = isObject(event.data) ? event.data['object'] : undefined;
    const read = READERS.get(type);
    if (!read) return ignored(`${type.slice(0, 60)} says nothing about money that no other event says`);
    const told = read({ type, id, at: timeOf(event.created) }, data);
    if (told === null) return unreadable(`${type} lacks what it must have`);
    return typeof told === 'string' ? ignored(told) : { kind: 'notices', notices: told };
  },
};

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

function ignored(why: string): Parsed {
  return { kind: 'ignored', why };
}

function unreadable(why: string): Parsed {
  return { kind: 'unreadable', why };
}
