/** What endpoints of merchants and deliveries to them look like in answers. */

import { Type } from 'typebox';
import { oneOf, ref, shared, text, textOrNull, time, timeOrNull } from './schema-parts.ts';

const endpoint = {
  id: text('whe_…'),
  object: Type.Literal('webhook_endpoint'),
  mode: oneOf(['test', 'live'], 'Of the key that made it: it hears of payments of this mode.'),
  url: text('Where events go.'),
  events: Type.Array(text('A filter.', { examples: ['payment.*'] })),
  ordered: Type.Boolean({ description: 'Whether the events of a payment arrive in their order.' }),
  description: textOrNull('For people.'),
  status: oneOf(['enabled', 'disabled'], 'While it is disabled, events wait.'),
  disabled_reason: textOrNull('requested: by you. failing: nothing had arrived for three days.'),
  failing_since: timeOrNull('The first failure since something arrived; null while all is well.'),
  previous_secret_until: timeOrNull('Until then the secret of before signs as well.'),
  created_at: time('When it was made.'),
  updated_at: time('When it was last changed.'),
};

const webhookEndpoint = shared('WebhookEndpoint', 'Where events of payments are sent.', endpoint);

const webhookEndpointWithSecret = shared('WebhookEndpointWithSecret', 'An endpoint with its new secret.', {
  ...endpoint,
  secret: text('whsec_…: to verify signatures with (Standard Webhooks). Shown this once.'),
});

const attempt = shared('DeliveryAttempt', 'One try to deliver an event.', {
  number: Type.Integer({ description: '1 for the first.' }),
  url: text('Where it went.'),
  attempted_at: time('When.'),
  duration_ms: Type.Integer({ description: 'How long it took.' }),
  http_status: Type.Unsafe<number | null>({
    type: ['integer', 'null'],
    description: 'What was answered; null when nothing was.',
  }),
  response: textOrNull('The beginning of the answer.'),
  error: textOrNull('Why there was no answer: timeout, address_refused, ECONNREFUSED, …'),
});

const delivery = shared('Delivery', 'One event on its way to one endpoint.', {
  id: text('dlv_…'),
  object: Type.Literal('delivery'),
  endpoint: text('whe_…'),
  event: text('evt_…: the webhook-id of every attempt.'),
  type: text('What happened.', { examples: ['refund.succeeded'] }),
  payment: textOrNull('pay_…; null for a test event.'),
  sequence: Type.Integer({ description: "The event's place in its payment." }),
  status: oneOf(['pending', 'succeeded', 'failed'], 'failed: given up after three days.'),
  next_attempt_at: timeOrNull('When it is tried next.'),
  attempt_count: Type.Integer({ description: 'Attempts so far.' }),
  attempts: Type.Array(ref('DeliveryAttempt'), { description: 'The latest ones, newest first.' }),
  created_at: time('When the event was handed on.'),
});

const redelivery = shared('Redelivery', 'What is sent again.', {
  object: Type.Literal('redelivery'),
  count: Type.Integer({ description: 'How many deliveries are due now.' }),
  has_more: Type.Boolean(),
  next_cursor: textOrNull('Send it as cursor, with the same range, for the rest.'),
});

export const NOTIFICATION_SCHEMAS = [
  webhookEndpoint,
  webhookEndpointWithSecret,
  attempt,
  delivery,
  redelivery,
];
