/**
 * The one performer: calls a provider to move money, for one leased operation, with no transaction and no
 * pooled connection held. What comes back, whatever it is, ends in `record_outcome`.
 */

import type { Answer, ProviderRequest } from '../connectors/port.ts';
import type { Outcome, ProviderCall } from '../core/outcome.ts';
import type { EventData } from '../core/payment/events.ts';
import { findAttempt } from '../core/payment/state.ts';
import type { Command, Event, State } from '../core/payment.ts';
import { LIMITS } from '../ops/limits.ts';
import { connectorOf, type FlowDeps, iso } from './deps.ts';
import { ConstraintRefused, type Handled, handle } from './handle.ts';
import type { KeyChange, Position } from './item.ts';
import { withPayload } from './payloads.ts';
import { requestOf } from './provider-request.ts';

/** The payment that work is done on, and what ties its calls, events and log lines together. */
export type On = { payment: string; mode: 'test' | 'live'; correlation: string; traceparent: string };

/** Where a stream stands after a commit, and what that commit wrote. */
export type Done = {
  events: Event[];
  position: Position & { state: State };
  /** When its commit began, on the monotonic clock: the leases of its operations run from there. */
  leasedAtMs: number;
};

/** The answer of a caller's key, written with the outcome; null while more is to be performed. */
export type Answering = (after: State, events: Event[]) => KeyChange | null;

/** Performs what the events ask for, and whatever those outcomes ask for next: a release, the attempt that waited. */
export async function performAll(deps: FlowDeps, on: On, done: Done, key?: Answering): Promise<State> {
  let { position } = done;
  for (const operation of requested(done.events)) {
    const told = await callInTime(deps, on, operation, { ...done, position });
    const recorded = await record(deps, on, told, position, key);
    const state = await performAll(deps, on, recorded, key);
    position = { ...recorded.position, state };
  }
  return position.state;
}

/** The operations that events ask for, in order. */
export function requested(events: Event[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'attempt_started':
      case 'completion_requested':
      case 'capture_requested':
      case 'void_requested':
      case 'refund_requested':
        return [event.data.operation];
      default:
        return [];
    }
  });
}

/**
 * Brings a command into the stream and performs what it asks for. A rejection is the caller's to read. `at`, here and
 * below: where the stream was found to stand; if it has moved since, it is read anew.
 */
export async function execute(deps: FlowDeps, on: On, command: Command, at?: Position): Promise<Handled> {
  const handled = await handle(deps, { ...on, command, ...(at && { at }) });
  if (handled.kind === 'done') await performAll(deps, on, handled);
  return handled;
}

/** Records what became of an operation and performs what that asks for. */
export async function recordOutcome(deps: FlowDeps, on: On, told: Told, at?: Position): Promise<State> {
  return performAll(deps, on, await record(deps, on, told, at));
}

/** Sends an operation once more, with its own key: only where `resolve` has found that this is safe. */
export async function sendAgain(
  deps: FlowDeps,
  on: On,
  operation: string,
  at: Done['position'],
): Promise<State> {
  const told = await callProvider(deps, on, operation, at.state);
  return performAll(deps, on, await record(deps, on, told, at));
}

/** `asked`: the call was a question about the operation. `before`: those that did not arrive before it. */
type Told = {
  operation: string;
  outcome: Outcome;
  call: ProviderCall | null;
  asked?: true;
  before?: EventData['call_recorded'][];
};

async function record(deps: FlowDeps, on: On, told: Told, at?: Position, key?: Answering): Promise<Done> {
  const command = { type: 'record_outcome' as const, ...told, received_at: iso(deps.world.now()) };
  const handling = { ...on, command, ...(at ? { at } : {}), ...(key ? { key } : {}) };
  const handled = await handle(deps, handling).catch((error: unknown) => {
    if (!isReferenceConflict(error)) throw error;
    deps.log.error(
      { payment: on.payment, operation: told.operation, trace_id: on.correlation },
      'a provider used one reference twice',
    );
    const outcome = { kind: 'unknown' as const, reason: 'reference_conflict' as const };
    return handle(deps, { ...on, command: { ...command, outcome }, ...(key ? { key } : {}) });
  });
  if (handled.kind !== 'done') throw new Error(`an outcome is never refused, but was: ${handled.kind}`);
  return handled;
}

/** Whose money it is cannot be told: it stays unknown, and a person looks at it. */
function isReferenceConflict(error: unknown): boolean {
  return error instanceof ConstraintRefused && error.constraint === 'provider_references_pkey';
}

/**
 * A commit that took so long that its lease may be over: somebody else may be at work on the operation, so it
 * is not sent from here. What was not sent is found out by look-up, like all else.
 */
async function callInTime(deps: FlowDeps, on: On, operation: string, done: Done): Promise<Told> {
  const late = deps.world.monotonic() - done.leasedAtMs > LIMITS.provider.leaseMarginMs / 2;
  if (late) return { operation, outcome: { kind: 'unknown', reason: 'lease_expired' }, call: null };
  return callProvider(deps, on, operation, done.position.state);
}

async function callProvider(deps: FlowDeps, on: On, operation: string, state: State): Promise<Told> {
  const request = await withPayload(deps, requestOf(state, operation, deps.publicUrl));
  if (request === null) return payloadGone(operation);
  const attempt = findAttempt(state, request.attempt);
  const { provider } = attempt;
  const connector = connectorOf(deps, attempt);
  // With what a connector has to ask before the call and after it: all of it is over before the lease.
  const wholeMs = connector.capabilities.timeoutMs[request.kind] + LIMITS.provider.leaseMarginMs / 2;
  const untilMs = deps.world.monotonic() + wholeMs;
  const call = async () => {
    const answer = await connector.perform(request, { traceparent: on.traceparent, untilMs });
    observe(deps, on, { provider, operation, kind: request.kind }, answer);
    return { operation, ...answer };
  };
  return request.kind === 'complete' ? persistently(deps, call, untilMs) : call();
}

/**
 * Of a customer who has passed a challenge, and waits. What provably did not arrive is sent again while there is time:
 * an attempt that ended here would ask the customer for all of it once more.
 */
async function persistently(deps: FlowDeps, call: () => Promise<Made>, untilMs: number): Promise<Told> {
  const before: EventData['call_recorded'][] = [];
  let made = await call();
  for (const pauseMs of LIMITS.provider.completeAgainMs) {
    if (made.outcome.kind !== 'not_sent' || deps.world.monotonic() + pauseMs >= untilMs) break;
    before.push({ ...made, outcome: made.outcome.kind });
    await deps.world.sleep(pauseMs);
    made = await call();
  }
  return { ...made, before };
}

type Made = Answer & { operation: string };
type Called = { provider: string; operation: string; kind: ProviderRequest['kind'] };

function observe(
  { metrics, log }: FlowDeps,
  on: On,
  { provider, operation, kind }: Called,
  { outcome, call }: Answer,
): void {
  metrics.providerCalls.inc({ provider, operation: kind, outcome: outcome.kind });
  metrics.providerSeconds.observe({ provider, operation: kind }, call.duration_ms / 1000);
  if (outcome.kind === 'declined' && outcome.decline.category === 'unmapped')
    metrics.unmappedDeclines.inc({ provider });
  const trace_id = on.correlation;
  log.debug({ payment: on.payment, operation, outcome: outcome.kind, trace_id }, 'provider called');
}

/** It waited for longer than payloads are kept: what was encrypted for it would not be taken any more. */
function payloadGone(operation: string): Told {
  const reason = 'the encrypted payment details have been erased';
  return { operation, outcome: { kind: 'not_sent', evidence: 'not_begun', reason }, call: null };
}
