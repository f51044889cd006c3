/** What is told of providers' webhooks and of replays. */

import { Type } from 'typebox';
import { anything, oneOf, orNull, ref, shared, text, textOrNull, time, timeOrNull } from './schema-parts.ts';

const STATES = ['received', 'parked', 'set_aside', 'applied', 'ignored'];
const count = (description: string) => Type.Integer({ description });
const counts = (description: string) => Type.Record(Type.String(), Type.Integer(), { description });

const webhook = shared('ProviderWebhook', 'A delivery of a provider. Its body is not told.', {
  id: text('whk_…'),
  object: Type.Literal('provider_webhook'),
  provider: text('Who sent it.'),
  account: text('For which account.'),
  event_id: text("The provider's id of the event, else the digest of the body."),
  received_at: time('When it came first.'),
  repeats: count('How often it came again.'),
  state: oneOf(STATES, 'Where it stands.'),
  why: textOrNull('Why it is not done.'),
  tries: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'How often it was tried.' }),
  next_try_at: timeOrNull('When it is tried next; null where a person has to look.'),
  processed_at: timeOrNull('When it was done.'),
  result: orNull(anything('How many facts it told, and which events they made.')),
  payments: Type.Optional(Type.Array(text('pay_…'), { description: 'Which payments it spoke of.' })),
  body: Type.Optional(anything('Its size, digest and shape: names of fields and kinds of values.')),
});

const summary = shared('WebhookDryRunSummary', 'What a replay would change, counted. Nothing was written.', {
  looked_at: count('Deliveries that were decided: of many only the first.'),
  of: count('Deliveries in all.'),
  would_change: count('Would write events.'),
  would_change_nothing: count('Applied already.'),
  ignored: count('Say nothing about money.'),
  parked: count('Their payment is not here.'),
  set_aside: count('Cannot be processed.'),
  events: counts('By type.'),
  exceptions: counts('By type.'),
});

const dryRun = shared('WebhookDryRun', 'What a replay would change. Nothing was written.', {
  object: Type.Literal('webhook_dry_run'),
  summary: ref('WebhookDryRunSummary'),
  data: Type.Array(anything('A delivery: its payments, and the events and exceptions that would come.')),
});

const decision = Type.Object({
  kind: oneOf(['approved', 'rejected', 'stopped'], 'What was decided.'),
  by: text('Who: an API key, or a name on the command line.'),
  reason: text('Why.'),
  at: time('When.'),
});

const replay = shared('WebhookReplay', 'Deliveries processed again: an act on record.', {
  id: text('rpl_…'),
  object: Type.Literal('webhook_replay'),
  status: oneOf(
    ['awaiting_approval', 'running', 'finished', 'rejected', 'expired', 'stopped'],
    'expired: nobody approved it in time.',
  ),
  requested_by: text('Who asked: an API key, or a name on the command line.'),
  reason: text('Why.'),
  selection: anything('What was asked for.'),
  override: Type.Boolean({ description: 'More than usual was meant.' }),
  requested_at: time('When.'),
  approve_before: timeOrNull('Until when another person can approve it; null where nobody has to.'),
  decisions: Type.Array(decision, { description: 'Oldest first.' }),
  deliveries: count('How many, fixed when it was asked for.'),
  finished: count('How many have a result.'),
  changed: count('How many of those wrote events.'),
  dry_run: orNull(ref('WebhookDryRunSummary')),
});

const result = shared('WebhookReplayResult', 'What came of one delivery in a replay.', {
  id: text('whk_…'),
  object: Type.Literal('webhook_replay_result'),
  result: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    enum: ['applied', 'ignored', 'parked', 'set_aside', 'failed', 'gone', null],
    description: 'null: not yet. failed: it is tried again by itself.',
  }),
  why: textOrNull('Why it is not applied.'),
  changed: Type.Boolean({ description: 'false: everything that it says was known already.' }),
  events: Type.Array(
    Type.Object({
      payment: text('pay_…'),
      version: count("The event's place in its payment."),
      type: text('What happened.'),
    }),
  ),
  finished_at: timeOrNull('When.'),
});

export const PLATFORM_SCHEMAS = [webhook, summary, dryRun, replay, result];
