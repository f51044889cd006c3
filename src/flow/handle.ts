/** One command on one stream: decide, write, and again when somebody else was first. */

import type { ErrorCode } from '../core/errors.ts';
import { mintUuid } from '../core/ids.ts';
import type { Context, Unsupported } from '../core/payment/draft.ts';
import type { Payload } from '../core/payment/payload.ts';
import { findAttempt, findOperation } from '../core/payment/state.ts';
import { mainAttempt } from '../core/payment/summary.ts';
import type { Timer } from '../core/payment/timers.ts';
import { type Command, decide, type Event, type State } from '../core/payment.ts';
import { LIMITS } from '../ops/limits.ts';
import { connectorOf, type FlowDeps, newId } from './deps.ts';
import { type Answer, type ItemContext, itemOf, type KeyChange, NOWHERE, type Position } from './item.ts';
import { eraseSpent, keepPayload } from './payloads.ts';
import { loadPayment } from './stream.ts';
import { StreamBusy } from './streams.ts';

export type Handled =
  | { kind: 'done'; events: Event[]; position: Position & { state: State }; leasedAtMs: number }
  | { kind: 'rejected'; code: ErrorCode; position: Position; about?: Unsupported }
  /** Another writer was first, in the stream or with the key. */
  | { kind: 'conflict' };

export type Handling = {
  payment: string;
  mode: 'test' | 'live';
  command: Command;
  at: Position;
  correlation: string;
  secret?: { index: number; data: object } | null;
  /** Of the attempt that the command may start. */
  payload?: Payload | null;
  /** The key to reserve or to answer with this commit, given the state after the decision. */
  key?: (after: State, events: Event[]) => KeyChange | null;
};

/** Decides on the position given and writes once. A decision without events writes nothing but the key. */
export async function handleOnce(deps: FlowDeps, handling: Handling): Promise<Handled> {
  const { payment, mode, command, at, correlation } = handling;
  const leasedAtMs = deps.world.monotonic();
  const decision = decide(command, at.state, coreContext(deps));
  if (!decision.ok) {
    const { code, about } = decision;
    return { kind: 'rejected', code, position: at, ...(about && { about }) };
  }
  const { events, state } = decision;
  const key = handling.key?.(state, events) ?? null;
  const stream = {
    payment,
    mode,
    before: at,
    events,
    after: state,
    secret: handling.secret ?? null,
    correlation,
  };
  if (events.length === 0 && key === null)
    return { kind: 'done', events, position: { ...at, state }, leasedAtMs };
  if (handling.payload) await keepPayload(deps, handling.payload);
  const item = itemOf({ stream: events.length > 0 ? stream : null, key }, itemContext(deps, state));
  const result = await deps.committer.commit(item);
  if (result.kind === 'refused') throw new ConstraintRefused(result.constraint);
  if (result.kind === 'conflict') {
    deps.metrics.commitConflicts.inc();
    return { kind: 'conflict' };
  }
  count(deps, events);
  await eraseSpent(deps, at.state, state);
  const position = item.position ? { ...item.position, state } : { ...at, state };
  return { kind: 'done', events, position, leasedAtMs };
}

/** What the core needs of the world: new ids, and what providers can do. */
export function coreContext(deps: FlowDeps): Context {
  return {
    id: (kind) => newId(deps, kind),
    can: (attempt) => {
      const can = connectorOf(deps, attempt).capabilities;
      return {
        partial_capture: can.partialCapture,
        multiple_captures: can.multipleCaptures,
        void: can.void,
        void_remainder: can.voidRemainder,
        partial_refund: can.partialRefund,
        multiple_refunds: can.multipleRefunds,
        refund_across_captures: can.refundAcrossCaptures,
      };
    },
  };
}

/** The database refused what the core decided: a bug here, or a provider that used one reference twice. */
export class ConstraintRefused extends Error {
  readonly constraint: string;
  constructor(constraint: string) {
    super(`the database refused the commit: ${constraint}`);
    this.constraint = constraint;
  }
}

/** Brings a command into the stream however often others are first: for what must not be lost. */
export async function handle(
  deps: FlowDeps,
  handling: Omit<Handling, 'at' | 'mode'> & { at?: Position; mode?: 'test' | 'live' },
): Promise<Handled> {
  return deps.streams.alone(handling.payment, async () => {
    let at = handling.at;
    let mode = handling.mode;
    for (let tries = 0; tries < LIMITS.commit.conflictRetries * 4; tries++) {
      if (!at || !mode) {
        const loaded = await loadPayment(deps.pool, handling.payment);
        at = loaded?.position ?? NOWHERE;
        mode = loaded?.mode ?? 'test';
      }
      const handled = await handleOnce(deps, { ...handling, at, mode });
      if (handled.kind !== 'conflict') return handled;
      at = undefined;
      await deps.world.sleep(Math.min(50, 2 ** tries));
    }
    throw new StreamBusy();
  });
}

/** Writes only the answer of a key: a rejection, or what a resumed request ends with. */
export async function writeKey(deps: FlowDeps, key: KeyChange): Promise<'committed' | 'conflict'> {
  const item = itemOf({ stream: null, key }, { ...contextBase(deps), dueAt: never });
  const result = await deps.committer.commit(item);
  if (result.kind === 'refused') throw new ConstraintRefused(result.constraint);
  return result.kind;
}

export type { Answer };

function contextBase(deps: FlowDeps): Omit<ItemContext, 'dueAt'> {
  const { chainKey, world } = deps;
  return {
    chainKey,
    now: world.now(),
    mintEvent: () => mintUuid(deps.world.now(), deps.world.randomBytes(10)),
    randomBytes: world.randomBytes,
  };
}

function itemContext(deps: FlowDeps, state: State): ItemContext {
  const base = contextBase(deps);
  return { ...base, dueAt: (timer, anew) => base.now + delayOf(deps, state, timer, anew) };
}

/** A new operation is leased to who wrote it, for the provider's deadline and a margin; then a worker takes over. */
function delayOf(deps: FlowDeps, state: State, timer: Timer, anew: boolean): number {
  switch (timer.kind) {
    case 'operation':
      return anew ? LIMITS.resolve.backoffMs[0] : leaseMs(deps, state, timer.subject);
    case 'action':
      return LIMITS.resolve.actionPollMs;
    case 'unpaid':
      return LIMITS.payment.unpaidMs;
    case 'authorization':
      return validityMs(deps, state);
    case 'waiting':
      return LIMITS.resolve.waitingMs;
    default:
      return timer.kind satisfies never;
  }
}

function leaseMs(deps: FlowDeps, state: State, operation: string): number {
  const { attempt, kind } = findOperation(state, operation);
  const { timeoutMs } = connectorOf(deps, findAttempt(state, attempt)).capabilities;
  return timeoutMs[kind] + LIMITS.provider.leaseMarginMs;
}

function validityMs(deps: FlowDeps, state: State): number {
  const main = mainAttempt(state);
  if (!main) throw new Error('only an attempt can be authorised');
  return connectorOf(deps, main).capabilities.authorizationValidityMs;
}

function never(): number {
  throw new Error('an item without a stream has no timers');
}

function count(deps: FlowDeps, events: Event[]): void {
  for (const event of events) {
    if (event.type === 'exception_raised') deps.metrics.exceptionsRaised.inc({ type: event.data.type });
  }
}
