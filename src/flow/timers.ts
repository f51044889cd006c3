/** What is done when a payment's own timers come due: a challenge, an unpaid payment, an old authorisation. */

import type { LookUpResult } from '../connectors/port.ts';
import { fromUuid } from '../core/ids.ts';
import { type Attempt, unreported } from '../core/payment/state.ts';
import { status } from '../core/payment/summary.ts';
import type { DueRow } from '../db/statements/schedule.ts';
import { LIMITS } from '../ops/limits.ts';
import { type Asked, ask, inTime } from './ask.ts';
import { connectorOf, type FlowDeps, iso, newId } from './deps.ts';
import { execute, type On, recordOutcome } from './perform.ts';
import type { Unresolved } from './resolve.ts';
import type { Loaded } from './stream.ts';

type OnLoaded = On & { loaded: Loaded };

/** Has the customer answered the challenge? Then finish. Too late? Then give the attempt up. */
export async function askAboutAction(deps: FlowDeps, on: OnLoaded, row: DueRow): Promise<Unresolved> {
  const { state } = on.loaded.position;
  const attempt = state.attempts.find((a) => a.id === fromUuid('attempt', row.subject));
  if (attempt?.result !== 'requires_action') return null;
  const operation =
    state.operations.findLast((o) => o.attempt === attempt.id && o.kind !== 'void')?.id ?? attempt.operation;
  const found = await ask(deps, on, state, operation);
  if (found.kind === 'found' && endsAttempt(found)) {
    const told = { operation, outcome: found.outcome, call: found.call, asked: true as const };
    await recordOutcome(deps, on, told, on.loaded.position);
    return null;
  }
  if (isAnswered(found) && attempt.unwanted === null) return completeAttempt(deps, on, attempt);
  const ageMs = deps.world.now() - Date.parse(row.created_at);
  const tooLate = ageMs > LIMITS.payment.actionMs;
  if (tooLate && attempt.unwanted === null) return expire(deps, on);
  // Its cancel was refused, and no end of it was told: a person has to see to it at the provider.
  if (tooLate) await execute(deps, on, { type: 'report_unresolved', operation });
  const { actionPollMs, actionPollMaxMs, actionLateMs } = LIMITS.resolve;
  const growingMs = Math.min(Math.max(actionPollMs, Math.round(ageMs / 2)), actionPollMaxMs);
  const retryInMs = tooLate ? actionLateMs : growingMs;
  return { retryInMs, why: 'the customer has not answered' };
}

/** Finishes a round of a challenge; the customer's return and the provider's word both end here, once. */
export async function completeAttempt(
  deps: FlowDeps,
  on: On,
  attempt: Attempt,
  returned: string | null = null,
): Promise<null> {
  const round = attempt.action?.round ?? 1;
  await execute(deps, on, {
    type: 'complete',
    attempt: attempt.id,
    round,
    operation: newId(deps, 'operation'),
    ...(returned !== null && { returned }),
  });
  return null;
}

export async function expire(deps: FlowDeps, on: OnLoaded): Promise<null> {
  await execute(deps, on, { type: 'expire', operation: newId(deps, 'operation') }, on.loaded.position);
  return null;
}

/** Its time has come, but only the provider's word ends an authorisation. */
export async function askAboutAuthorization(deps: FlowDeps, on: OnLoaded): Promise<Unresolved> {
  const { state } = on.loaded.position;
  const now = status(state);
  const attempt = state.attempts.findLast((a) => a.authorized > 0 && a.closed === null);
  if (!attempt?.providerReference || (now !== 'authorized' && now !== 'partially_captured')) return null;
  const expired = await connectorOf(deps, attempt).hasExpired(attempt.providerReference, inTime(deps, on));
  const retryInMs = LIMITS.resolve.authorizationPollMs;
  if (expired !== true)
    return { retryInMs, why: expired === null ? 'the provider could not be asked' : 'still valid' };
  const told = { provider_at: null, received_at: iso(deps.world.now()) };
  const fact = { kind: 'expired' as const, attempt: attempt.id, ...told };
  await execute(deps, on, { type: 'record_fact', fact }, on.loaded.position);
  return null;
}

/** What a fact waits for may still come: it goes on waiting, but a person is told. Another may have come since. */
export async function reportWaiting(deps: FlowDeps, on: OnLoaded): Promise<Unresolved> {
  const { waitingMs } = LIMITS.resolve;
  const receivedBy = iso(deps.world.now() - waitingMs);
  const handled = await execute(deps, on, { type: 'report_waiting', receivedBy });
  if (handled.kind !== 'done') return null;
  const [oldest] = unreported(handled.position.state)
    .flatMap(({ fact }) => fact.received_at ?? [])
    .sort();
  if (oldest === undefined) return null;
  const dueInMs = Date.parse(oldest) + waitingMs - deps.world.now();
  return { retryInMs: Math.max(LIMITS.resolve.pollMs, dueInMs), why: 'the fact has not waited long enough' };
}

function endsAttempt({ outcome }: Extract<LookUpResult, { kind: 'found' }>): boolean {
  return outcome.kind === 'approved' || outcome.kind === 'declined' || outcome.kind === 'rejected';
}

function isAnswered(found: Asked): boolean {
  return found.kind === 'found' && found.outcome.kind === 'requires_action' && found.outcome.answered;
}
