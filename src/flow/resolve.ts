/**
 * Ends what is unresolved, with the provider's evidence only: look up; where the provider has no trace, or offers
 * no look-up, and guarantees its key, send once more; else wait. Runs in the worker, and for a caller who retries.
 */

import type { Capabilities } from '../connectors/port.ts';
import { toUuid } from '../core/ids.ts';
import { findAttempt, findOperation, isUnresolved, type Operation } from '../core/payment/state.ts';
import { query } from '../db/pool.ts';
import { CLAIM_ONE, type DueRow } from '../db/statements/schedule.ts';
import { LIMITS } from '../ops/limits.ts';
import { ask } from './ask.ts';
import { AccountMissing, connectorOf, type FlowDeps, iso, newId } from './deps.ts';
import type { Position } from './item.ts';
import { execute, type On, recordOutcome, sendAgain } from './perform.ts';
import { type Loaded, loadPayment } from './stream.ts';

export type Resolving = On & { loaded: Loaded; operation: string };

/**
 * Null when it is resolved; else when to try again, and why it is not. `unlessWoken`: sooner if an event has made it due
 * sooner meanwhile.
 */
export type Unresolved = { retryInMs: number; why: string; unlessWoken?: true } | null;

/** A caller repeats a request whose process died: if the lease has run out, resolve it now rather than later. */
export async function takeOver(deps: FlowDeps, resolving: Resolving): Promise<boolean> {
  const now = deps.world.now();
  const values = [iso(now), iso(now + LIMITS.resolve.leaseMs), toUuid(resolving.operation)];
  const [row] = await query<DueRow>(deps.pool, CLAIM_ONE, values);
  if (!row) return false;
  await resolveOperation(deps, resolving, row).catch((error: unknown) => {
    // Nobody can be asked: it stays unknown, and that is what the caller is told.
    if (!(error instanceof AccountMissing)) throw error;
  });
  return true;
}

export async function resolveOperation(
  deps: FlowDeps,
  resolving: Resolving,
  due: DueRow,
): Promise<Unresolved> {
  const { state } = resolving.loaded.position;
  const operation = state.operations.find((o) => o.id === resolving.operation);
  if (!operation || !isUnresolved(operation)) return null;
  let at: Position | undefined = resolving.loaded.position;
  if (operation.status === 'sending') {
    const outcome = { kind: 'unknown' as const, reason: 'lease_expired' as const };
    await recordOutcome(deps, resolving, { operation: operation.id, outcome, call: null }, at);
    at = undefined;
  }
  const found = await ask(deps, resolving, state, operation.id);
  switch (found.kind) {
    case 'found': {
      const call = found.outcome.kind === 'unknown' ? null : found.call;
      const told = { operation: operation.id, outcome: found.outcome, call, asked: true as const };
      const after = await recordOutcome(deps, resolving, told, at);
      return isUnresolved(findOperation(after, operation.id))
        ? later(deps, resolving, due, `the provider says: ${found.outcome.kind}`)
        : null;
    }
    case 'unavailable':
      return later(deps, resolving, due, `the look-up failed: ${found.reason}`);
    case 'not_found':
      return notFound(deps, resolving, operation, due);
    case 'undecided':
    case 'not_offered':
      return notOffered(deps, resolving, operation, due, found.awaits);
    default:
      return found satisfies never;
  }
}

/** No trace at the provider is evidence only after its consistency window; then its key makes a repetition safe. */
async function notFound(
  deps: FlowDeps,
  resolving: Resolving,
  operation: Operation,
  due: DueRow,
): Promise<Unresolved> {
  const attempt = findAttempt(resolving.loaded.position.state, operation.attempt);
  const { capabilities } = connectorOf(deps, attempt);
  const lookUp = capabilities.lookUp[operation.kind];
  const ageMs = deps.world.now() - Date.parse(due.created_at);
  if (lookUp.kind === 'none') return later(deps, resolving, due, 'the provider has no trace of it yet');
  if (ageMs < lookUp.consistencyMs) {
    const next = await later(deps, resolving, due, noTraceYet(lookUp, due));
    // Asked at the end of the window at the latest: from then on the answer counts.
    return next && { ...next, retryInMs: Math.min(next.retryInMs, lookUp.consistencyMs - ageMs) };
  }
  const replay = ageMs < replayWindowMs(operation, attempt.unwanted !== null, capabilities);
  const ended = () => neverProcessed(deps, resolving, operation, due);
  return replay ? again(deps, resolving, due, ended) : ended();
}

/** For people who ask what is waited for: until then that nothing is found proves nothing. */
function noTraceYet(lookUp: { by: string; consistencyMs: number }, { created_at }: DueRow): string {
  const until = iso(Date.parse(created_at) + lookUp.consistencyMs);
  return `the provider has no trace of it yet, and its look-up (${lookUp.by}) may be behind until ${until}`;
}

/** Nobody to ask. What was accepted already is not sent again: its result is on its way. */
async function notOffered(
  deps: FlowDeps,
  resolving: Resolving,
  operation: Operation,
  due: DueRow,
  awaits: string,
): Promise<Unresolved> {
  const attempt = findAttempt(resolving.loaded.position.state, operation.attempt);
  const { capabilities } = connectorOf(deps, attempt);
  const ageMs = deps.world.now() - Date.parse(due.created_at);
  const accepted = operation.status === 'pending';
  const replay = !accepted && ageMs < replayWindowMs(operation, attempt.unwanted !== null, capabilities);
  const wait = () => toBeTold(deps, resolving, due, awaits);
  if (attempt.result === 'canceled' && operation.kind !== 'void')
    return endCanceled(deps, resolving, operation, due);
  const held = attempt.unwanted === null ? null : await cancelUnseen(deps, resolving, operation, due);
  if (held !== null) return held;
  return replay ? again(deps, resolving, due, wait) : wait();
}

/** Nothing to ask and nothing to send. What the provider tells ends it, and what changes the matter makes it due. */
async function toBeTold(
  deps: FlowDeps,
  resolving: Resolving,
  due: DueRow,
  awaits: string,
): Promise<Unresolved> {
  const next = await later(deps, resolving, due, `waits for ${awaits}`);
  const leftMs = patienceMs(resolving) - (deps.world.now() - Date.parse(due.created_at));
  return next && { ...next, retryInMs: leftMs > 0 ? leftMs : LIMITS.resolve.untoldMs, unlessWoken: true };
}

/** Cancelled before anybody decided, or before that was told. A decision that is told yet counts as any late one. */
async function endCanceled(
  deps: FlowDeps,
  resolving: Resolving,
  operation: Operation,
  due: DueRow,
): Promise<Unresolved> {
  return onceNoneIsOnItsWay(deps, resolving, operation, due, () =>
    execute(deps, resolving, { type: 'end_canceled', operation: operation.id }),
  );
}

/** A cancel that overtakes the payment cancels nothing, and nobody tells: so only when that has arrived, if ever. */
async function cancelUnseen(
  deps: FlowDeps,
  resolving: Resolving,
  operation: Operation,
  due: DueRow,
): Promise<Unresolved> {
  const attempt = findAttempt(resolving.loaded.position.state, operation.attempt);
  const { capabilities } = connectorOf(deps, attempt);
  if (operation.kind !== 'authorize' || !('cancel' in capabilities.lookUp.authorize)) return null;
  return onceNoneIsOnItsWay(deps, resolving, operation, due, () => {
    const cancel = newId(deps, 'operation');
    return execute(deps, resolving, { type: 'cancel_unresolved', operation: operation.id, cancel });
  });
}

/** A repetition can itself create the charge: an authorisation is sent again only while somebody waits for it. */
function replayWindowMs(operation: Operation, unwanted: boolean, { idempotency }: Capabilities): number {
  const windowMs = idempotency?.windowMs[operation.kind] ?? 0;
  if (operation.kind !== 'authorize' && operation.kind !== 'complete') return windowMs;
  return unwanted ? 0 : Math.min(windowMs, LIMITS.payment.authorizeReplayMs);
}

/** What was given up may arrive yet, and do its work: until nothing can, that there is no trace is no evidence. */
async function neverProcessed(
  deps: FlowDeps,
  resolving: Resolving,
  operation: Operation,
  due: DueRow,
): Promise<Unresolved> {
  const reason = 'the provider has no trace of it after its consistency window';
  const outcome = { kind: 'not_sent' as const, evidence: 'lookup' as const, reason };
  return onceNoneIsOnItsWay(deps, resolving, operation, due, () =>
    recordOutcome(deps, resolving, { operation: resolving.operation, outcome, call: null }),
  );
}

/** Ends it once no call that was made for the operation, and given up, can come to the provider any more. */
async function onceNoneIsOnItsWay(
  deps: FlowDeps,
  resolving: Resolving,
  operation: Operation,
  due: DueRow,
  end: () => Promise<unknown>,
): Promise<Unresolved> {
  const attempt = findAttempt(resolving.loaded.position.state, operation.attempt);
  const { capabilities } = connectorOf(deps, attempt);
  const retryInMs = onItsWayMs(operation, capabilities);
  const sinceMs = deps.world.now() - lastSentMs(operation, capabilities, due);
  if (sinceMs < retryInMs) return { retryInMs, why: 'a call that was given up may still arrive' };
  await end();
  return null;
}

/** How long after the last call for an operation the provider may still come to hear of it, or its look-up to tell. */
function onItsWayMs({ kind }: Operation, { lookUp, timeoutMs }: Capabilities): number {
  const { consistencyMs } = { consistencyMs: 0, ...lookUp[kind] };
  return Math.max(consistencyMs, timeoutMs[kind] * LIMITS.resolve.onItsWayDeadlines);
}

/** With a key each try may have sent it again, also one that died: only the first call's time is known for sure. */
function lastSentMs({ kind }: Operation, { idempotency }: Capabilities, due: DueRow): number {
  const sentAgain = (idempotency?.windowMs[kind] ?? 0) > 0 ? due.tried_before : null;
  return Date.parse(sentAgain ?? due.created_at);
}

/** The state may have moved while the provider was asked: a void, say, which ends all repetition. */
async function again(
  deps: FlowDeps,
  resolving: Resolving,
  due: DueRow,
  unwanted: () => Promise<Unresolved>,
): Promise<Unresolved> {
  const fresh = await loadPayment(deps.pool, resolving.payment);
  if (!fresh) return null;
  const operation = findOperation(fresh.position.state, resolving.operation);
  if (!isUnresolved(operation)) return null;
  const attempt = findAttempt(fresh.position.state, operation.attempt);
  const authorizes = operation.kind === 'authorize' || operation.kind === 'complete';
  if (attempt.unwanted !== null && authorizes) return unwanted();
  // Somebody else may be at it by now, and end it for want of a trace before this call arrives.
  if (deps.world.now() >= Date.parse(due.leased_until))
    return later(deps, resolving, due, 'the claim was over before it could be sent again');
  const after = findOperation(await sendAgain(deps, resolving, operation.id, fresh.position), operation.id);
  return isUnresolved(after)
    ? later(deps, resolving, due, `sent again with the same key: ${after.status}`)
    : null;
}

/** Seconds at first, a day in the end, never given up; after a while a person is told as well. */
async function later(deps: FlowDeps, resolving: Resolving, due: DueRow, why: string): Promise<Unresolved> {
  if (deps.world.now() - Date.parse(due.created_at) >= patienceMs(resolving)) {
    const { operation, loaded } = resolving;
    await execute(deps, resolving, { type: 'report_unresolved', operation }, loaded.position);
  }
  const { backoffMs } = LIMITS.resolve;
  return { retryInMs: backoffMs[Math.min(due.tries, backoffMs.length - 1)] ?? 1_000, why };
}

/** How long an operation may be unresolved before a person is told. */
function patienceMs({ loaded, operation }: Resolving): number {
  const { exceptionMs, acceptedExceptionMs } = LIMITS.resolve;
  const { status } = findOperation(loaded.position.state, operation);
  return status === 'pending' ? acceptedExceptionMs : exceptionMs;
}
