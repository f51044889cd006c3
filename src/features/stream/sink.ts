/** Where events go: the port, and what passes through it. */

import type { Mode } from '../../core/payment/events.ts';

/**
 * CloudEvents 1.0, in its JSON format, with the extensions `sequence`, `partitionkey` and `traceparent` of that
 * project and two of our own.
 */
export type StreamEvent = {
  specversion: '1.0';
  /** Of the event (`evt_…`): the same however often it is sent. Skip what you know. */
  id: string;
  /** The installation that tells it. */
  source: string;
  /** `truepenny.capture.succeeded.v1`: the name that merchants' webhooks use, and the version of `data`. */
  type: string;
  /** The payment (`pay_…`). */
  subject: string;
  /** When it was recorded: RFC 3339, UTC. */
  time: string;
  datacontenttype: 'application/json';
  /** Where the JSON Schema of `data` is. */
  dataschema: string;
  /** The place of the event in its payment, from 1, without gaps; ten digits, so that text sorts like numbers. */
  sequence: string;
  /** The payment again: what must stay in order has the same key. */
  partitionkey: string;
  /** Of the request, job or delivery that the event comes from: W3C Trace Context. */
  traceparent: string;
  /** The merchant (`mer_…`). */
  merchantid: string;
  mode: Mode;
  /** As its schema says; amounts are minor units of the payment's currency. */
  data: object;
};

/**
 * Somebody who takes events. Called with one batch at a time, in order, at most `LIMITS.consumers.batch` events;
 * the next one comes when this one is done: a slow receiver slows the stream, and nothing is kept in memory for it.
 */
export type EventSink = {
  /** The name of its place in the event table. */
  name: string;
  /**
   * Resolves once the receiver has all events for good, those of one payment in the order given; rejects when that
   * is not known, within `LIMITS.consumers.handOnMs` in either case. What was rejected comes again as it was, so
   * the receiver may see an event twice.
   */
  publish(events: readonly StreamEvent[]): Promise<void>;
  close(): Promise<void>;
};
