/** What answers look like, for the reference page and for client generators. Answers are not cut to them. */

import { Type } from 'typebox';
import { DECLINE_REASONS } from '../core/declines.ts';
import { ERROR_CODES } from '../core/errors.ts';
import { PAYMENT_STATUSES } from '../core/payment/summary.ts';
import { LEDGER_SCHEMAS } from './ledger-schemas.ts';
import {
  anything,
  minor,
  oneOf,
  orNull,
  ref,
  shared,
  text,
  textOrNull,
  time,
  timeOrNull,
} from './schema-parts.ts';

const problem = shared(
  'Problem',
  'RFC 9457 problem document. Act on code, retry and outcome; the rest is for people.',
  {
    type: text('Address of the page about the error.', { format: 'uri' }),
    title: text('What is wrong.'),
    status: Type.Integer({ description: 'HTTP status.' }),
    detail: text('What to do.'),
    code: oneOf(ERROR_CODES, 'Stable code.'),
    retry: oneOf(
      ['same_key', 'new_key', 'no'],
      'Whether to send the request again, and with which Idempotency-Key.',
    ),
    customer_action_required: Type.Boolean({ description: 'The customer has to do something first.' }),
    outcome: oneOf(['none', 'unknown'], 'unknown: money may have moved; look at the payment first.'),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          field: text('JSON Pointer to the field.', { examples: ['/amount'] }),
          code: text('What is wrong with it.', { examples: ['amount_not_positive'] }),
          message: text('What to send instead.'),
        }),
      ),
    ),
  },
);

const decline = shared('Decline', 'Why the provider or the issuer said no.', {
  reason: oneOf(DECLINE_REASONS, 'Stable reason.'),
  category: oneOf(
    ['soft_decline', 'hard_decline', 'needs_authentication', 'unmapped'],
    'What kind of refusal.',
  ),
  raw_code: text("The provider's own code."),
  retry: oneOf(
    ['later', 'with_authentication', 'with_corrected_data', 'never'],
    'What may be tried with the same card.',
  ),
  customer_message: text('Fit to be shown to the customer.'),
});

const operation = shared('PendingOperation', 'What has no known result yet.', {
  id: text('op_…'),
  kind: oneOf(['authorize', 'complete', 'capture', 'void', 'refund'], 'What was asked of the provider.'),
  amount: minor('Amount asked for'),
  status: oneOf(['pending', 'unknown'], 'unknown: the money may have moved.'),
  next_step: text('What happens next.'),
  next_at: timeOrNull('When.'),
});

const failure = Type.Unsafe<object | null>({
  type: ['object', 'null'],
  description: 'Why it failed.',
  properties: {
    reason: { type: 'string', enum: ['declined', 'rejected', 'not_sent'] },
    raw_code: { type: ['string', 'null'] },
  },
});

const attempt = shared('Attempt', 'One try to authorise at one provider.', {
  id: text('att_…'),
  number: Type.Integer({ description: '1 for the first.' }),
  provider: text('Name of the provider.'),
  provider_account: text('Which of its accounts here.'),
  connector_version: textOrNull("Version of the provider's interface that all its operations use."),
  provider_reference: textOrNull("The provider's id of the charge."),
  outcome: oneOf(
    ['approved', 'declined', 'rejected', 'not_sent', 'requires_action', 'pending', 'unknown', 'canceled'],
    'What became of it.',
  ),
  decline: orNull(ref('Decline')),
  failure,
  routing: Type.Object(
    {
      provider: text('The one that was chosen.'),
      account: Type.Optional(text('Which of its accounts here.')),
      version: Type.Optional(text("Version of the provider's interface.")),
      candidates: Type.Array(
        Type.Object({
          provider: text('Name.'),
          account: Type.Optional(text('Which of its accounts here.')),
          taken: Type.Boolean(),
          reason: text('Why it was taken or left.'),
        }),
      ),
    },
    { description: 'Why this provider.' },
  ),
  authorization_code: textOrNull("The issuer's code."),
  bin: textOrNull('First digits of the card.'),
  last4: textOrNull('Last four digits of the card.'),
  avs_result: textOrNull('Address check.'),
  cvc_result: textOrNull('Security code check.'),
  eci: textOrNull('Electronic commerce indicator of a 3DS authentication.'),
  network_transaction_id: textOrNull("The scheme's id."),
  amount_authorized: minor('Authorised'),
  amount_captured: minor('Captured'),
  amount_refunded: minor('Refunded'),
});

const metadata = Type.Record(Type.String(), Type.String(), { description: "The merchant's own." });

const payment = shared('Payment', 'What the merchant wants to be paid, and how far that came.', {
  id: text('pay_…', { examples: ['pay_01k3h9v7w2e4r8t0y6n5m1q3za'] }),
  object: Type.Literal('payment'),
  mode: oneOf(['test', 'live'], 'Of the key that made it.'),
  status: oneOf(PAYMENT_STATUSES, 'Where it stands.'),
  amount: minor('Asked for'),
  currency: text('ISO 4217.', { examples: ['EUR'] }),
  amount_authorized: minor('Authorised'),
  amount_capturable: minor('Still capturable'),
  amount_captured: minor('Captured'),
  amount_refunded: minor('Refunded'),
  amount_refundable: minor('Still refundable'),
  amount_reversed: minor('Returned by the bank, or failed late'),
  amount_disputed: minor('Disputed'),
  capture_method: oneOf(['automatic', 'manual'], 'Whether the authorisation captures.'),
  allow_partial_authorization: Type.Boolean({ description: 'Whether an approval for less is kept.' }),
  payment_method: Type.Unsafe<object | null>({
    type: ['object', 'null'],
    description: 'What is charged; never its token.',
    properties: { type: { type: 'string' } },
  }),
  off_session: Type.Boolean({ description: 'The customer was away.' }),
  reference: textOrNull("The merchant's own name for it."),
  description: textOrNull('For people.'),
  metadata,
  return_url: textOrNull('Where the customer goes after a challenge.'),
  customer: Type.Unsafe<object | null>({
    type: ['object', 'null'],
    description: 'Who pays.',
    properties: Object.fromEntries(
      ['id', 'name', 'email'].map((name) => [name, { type: ['string', 'null'] }]),
    ),
  }),
  channel: textOrNull('How the customer ordered.'),
  billing_country: textOrNull('ISO 3166-1 alpha-2.'),
  latest_attempt: orNull(ref('Attempt')),
  next_action: Type.Unsafe<object | null>({
    type: ['object', 'null'],
    description: 'What the customer must do: send the browser there.',
    properties: { type: { type: 'string', enum: ['redirect'] }, url: { type: 'string', format: 'uri' } },
  }),
  pending_operations: Type.Array(ref('PendingOperation')),
  captures: Type.Array(text('cap_…')),
  refunds: Type.Array(text('ref_…')),
  exceptions: Type.Array(Type.Object({ id: text('exc_…'), type: text('What needs a person.') })),
  created_at: time('When it was made.'),
});

const movement = {
  id: text('cap_… or ref_…'),
  payment: text('pay_…'),
  amount: minor('Amount'),
  currency: text('ISO 4217.'),
  status: oneOf(['pending', 'succeeded', 'failed'], 'pending: not known yet; see pending_operation.'),
  provider_reference: textOrNull("The provider's id of the movement."),
  decline: orNull(ref('Decline')),
  failure,
  pending_operation: orNull(ref('PendingOperation')),
  created_at: time('When it was asked for.'),
};

const capture = shared('Capture', 'Money taken from an authorisation.', {
  ...movement,
  object: Type.Literal('capture'),
  final: Type.Boolean({ description: 'Whether the rest was released.' }),
});

const refund = shared('Refund', 'Money given back.', {
  ...movement,
  object: Type.Literal('refund'),
  reason: textOrNull('Why, for people.'),
  metadata,
  returned: Type.Boolean({ description: 'It came back after it had succeeded.' }),
});

const event = shared('Event', 'Something that happened to a payment; never changed.', {
  id: text('evt_…'),
  object: Type.Literal('event'),
  payment: text('pay_…'),
  version: Type.Integer({ description: 'Place in the history, from 1.' }),
  type: text('What happened.', { examples: ['payment_created'] }),
  data: anything('What the event says, by its type.'),
  provider_at: timeOrNull('When, by the provider.'),
  received_at: timeOrNull('When it was heard of.'),
  recorded_at: time('When it was written down.'),
  correlation: text('Trace id of the request or job.'),
  hash: text('Covers the event and the hash before it.'),
});

const exception = shared('Exception', 'Something that needs a person.', {
  id: text('exc_…'),
  object: Type.Literal('exception'),
  payment: textOrNull('pay_…; null where it is about a delivery of a provider.'),
  webhook: textOrNull("whk_…: the delivery, which is the platform's and told to its operators alone."),
  type: text('What kind.'),
  status: oneOf(['open', 'closed'], 'Whether somebody still has to look.'),
  subject: text('What it is about.'),
  expected: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'In minor units.' }),
  actual: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'In minor units.' }),
  opened_at: time('Since when.'),
});

const explanation = Type.Object(
  {
    object: Type.Literal('explanation'),
    payment: ref('Payment'),
    customer: anything('What to tell the customer.'),
    internal: Type.Array(
      anything(
        'An event, what was decided and why, with its three times; told_by is the webhook (whk_…) that it came of.',
      ),
    ),
    provider: Type.Array(anything('A call: key, outcome, raw code, duration.')),
    webhooks: Type.Array(
      anything('What the provider sent by itself: its id of the event, when it came, what became of it.'),
    ),
    money: anything('Each journal, and what is still open.'),
    waiting: Type.Unsafe<unknown>({ description: 'What is still to come, and when.' }),
    invariants: Type.Unsafe<unknown>({ description: 'The invariants that were checked for this payment.' }),
  },
  { $id: 'Explanation', description: 'What happened to a payment, and why.' },
);

export const SHARED_SCHEMAS = [
  problem,
  decline,
  operation,
  attempt,
  payment,
  capture,
  refund,
  event,
  exception,
  ...LEDGER_SCHEMAS,
  explanation,
];
