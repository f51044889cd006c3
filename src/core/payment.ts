/**
 * The payment: what may be asked of it, what then happens, what is known of it.
 *
 * Pure. Time, ids and evidence are arguments; the answer is events, or the code of a rejection. Like every
 * domain file it exports six names.
 */

import type { ErrorCode } from './errors.ts';
import type { Command } from './payment/commands.ts';
import {
  type Context,
  type Draft,
  draftOf,
  emit,
  raise,
  UNTOLD,
  type Unsupported,
  withdraw,
} from './payment/draft.ts';
import type { Event, Times } from './payment/events.ts';
import { evolve } from './payment/evolve.ts';
import { recordFact, resumeWaiting } from './payment/facts.ts';
import { recordOutcome } from './payment/outcomes.ts';
import * as requests from './payment/requests.ts';
import { findOperation, initial, isUnresolved, lacksOutcome, type State } from './payment/state.ts';
import { reportWaiting } from './payment/waiting.ts';

export type { Command, Event, State };
export { evolve, initial };

export type Decision =
  | { ok: true; events: Event[]; state: State }
  /** `about`: what the provider does not offer. */
  | { ok: false; code: ErrorCode; about?: Unsupported };

/** Judges a command. An empty list of events means: true already, nothing to add. */
export function decide(command: Command, state: State | null, context: Context): Decision {
  if (command.type === 'create') return create(command, state, context);
  if (state === null) return { ok: false, code: 'payment_not_found' };
  const draft = draftOf(state, context, timesOf(command));
  const code = judge(draft, command);
  if (code === null) return { ok: true, events: draft.events, state: draft.state };
  return { ok: false, code, ...(draft.unsupported && { about: draft.unsupported }) };
}

function create(
  command: Extract<Command, { type: 'create' }>,
  state: State | null,
  context: Context,
): Decision {
  if (state !== null) return { ok: false, code: 'payment_exists' };
  const created: Event = { type: 'payment_created', data: command.payment, ...UNTOLD };
  const draft = draftOf(evolve(null, created), context);
  if (command.confirm) requests.startAttempt(draft, command.confirm);
  return { ok: true, events: [created, ...draft.events], state: draft.state };
}

function judge(draft: Draft, command: Exclude<Command, { type: 'create' }>): requests.Verdict {
  switch (command.type) {
    case 'confirm':
      return requests.confirm(draft, command);
    case 'complete':
      return requests.complete(draft, command);
    case 'capture':
      return requests.capture(draft, command);
    case 'void':
      return requests.voidPayment(draft, command);
    case 'refund':
      return requests.refund(draft, command);
    case 'expire':
      return requests.expire(draft, command);
    case 'record_outcome':
      recordAnswer(draft, command);
      resumeWaiting(draft);
      withdrawResolved(draft);
      return null;
    case 'record_fact':
      recordFact(draft, command.fact);
      resumeWaiting(draft);
      withdrawResolved(draft);
      return null;
    case 'report_unresolved':
      if (lacksOutcome(draft.state, findOperation(draft.state, command.operation))) {
        raise(draft, 'unresolved_too_long', command.operation, null, null);
      }
      return null;
    case 'report_waiting':
      reportWaiting(draft, command.receivedBy);
      return null;
    case 'cancel_unresolved':
      return requests.cancelUnresolved(draft, command);
    case 'end_canceled':
      requests.endCanceled(draft, command);
      withdrawResolved(draft);
      return null;
    default:
      return command satisfies never;
  }
}

/** A call stays in the history also where a webhook, or whoever took over, had told its outcome before. */
function recordAnswer(draft: Draft, command: Extract<Command, { type: 'record_outcome' }>): void {
  const { operation, outcome, call, asked = false, before = [] } = command;
  const { received_at } = draft.times;
  for (const one of before) emit(draft, 'call_recorded', one, { provider_at: null, received_at });
  const known = !isUnresolved(findOperation(draft.state, operation));
  recordOutcome(draft, operation, outcome, call);
  const told = draft.events.some(({ data }) => 'call' in data && data.call === call);
  if (known && call !== null && !told && !asked)
    emit(draft, 'call_recorded', { operation, outcome: outcome.kind, call });
}

/** What was unresolved for so long that a person was told, and has ended after all, is nobody's question any more. */
function withdrawResolved(draft: Draft): void {
  for (const { type, subject } of draft.state.exceptions) {
    const late =
      type === 'unresolved_too_long' && !lacksOutcome(draft.state, findOperation(draft.state, subject));
    if (late) withdraw(draft, type, subject);
  }
}

function timesOf(command: Command): Times {
  if (command.type === 'record_fact')
    return { provider_at: command.fact.provider_at, received_at: command.fact.received_at };
  if (command.type !== 'record_outcome') return UNTOLD;
  const provider_at = 'provider_at' in command.outcome ? command.outcome.provider_at : null;
  return { provider_at, received_at: command.received_at };
}
