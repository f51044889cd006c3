/**
 * The invariants of one payment, checked over its history: pure, so that the simulation, `explain` and `verify`
 * judge by the same code. Hashes are checked where keys are (`flow/audit.ts`).
 */

import { type Journal, post } from '../postings.ts';
import type { Event } from './events.ts';
import { evolve } from './evolve.ts';
import { type Attempt, findAttempt, isUnresolved, type State } from './state.ts';
import { capturable, isLive, refundable } from './summary.ts';
import { timers } from './timers.ts';

export type InvariantName =
  | 'capture-within-authorization'
  | 'refund-within-capture'
  | 'one-reference-one-attempt'
  | 'intent-before-call'
  | 'one-live-attempt'
  | 'unknown-needs-evidence'
  | 'journals-balance'
  | 'ledger-follows-events'
  | 'nothing-vanishes';

export type Finding = { name: InvariantName; holds: boolean; detail: string | null };

export type History = {
  events: Event[];
  /** The journals as stored, in the order of their events; null where an event posted none. */
  journals: (Journal | null)[];
  /** The stored snapshot, as text. */
  snapshot: string;
  /** Stored timers, as `kind subject`. */
  timers: string[];
};

export function auditPayment(history: History): Finding[] {
  const states = fold(history.events);
  const last = states.at(-1) ?? null;
  return [
    check(
      'capture-within-authorization',
      breach(states, (s) => s.attempts.every((a) => a.captured <= a.authorized + a.capturedBeyond)) ??
        askedBeyond(history.events, states, 'capture_requested', capturable),
    ),
    check(
      'refund-within-capture',
      breach(states, (s) =>
        s.attempts.every((a) => a.refunded + a.reversed <= a.captured + a.refundedBeyond),
      ) ?? askedBeyond(history.events, states, 'refund_requested', refundable),
    ),
    check(
      'one-live-attempt',
      breach(states, (s) => s.attempts.filter((a) => isLive(a) && a.unwanted === null).length <= 1) ??
        startedBeside(history.events, states),
    ),
    check('one-reference-one-attempt', doubledReference(last)),
    check('intent-before-call', callWithoutIntent(history.events)),
    check('unknown-needs-evidence', endWithoutEvidence(history.events)),
    check('journals-balance', unbalanced(history.journals)),
    check('ledger-follows-events', differs(history, last)),
    check('nothing-vanishes', withoutTimer(history, last)),
  ];
}

function fold(events: Event[]): State[] {
  const states: State[] = [];
  for (const event of events) states.push(evolve(states.at(-1) ?? null, event));
  return states;
}

/** One that is wanted no more counts until its end is confirmed: the next waits for that. */
function startedBeside(events: Event[], states: State[]): string | null {
  const broken = events.findIndex(
    ({ type }, i) => type === 'attempt_started' && states[i - 1]?.attempts.some(isLive),
  );
  return broken === -1 ? null : `event ${broken + 1} starts an attempt while another is live`;
}

function breach(states: State[], holds: (state: State) => boolean): string | null {
  const broken = states.findIndex((state) => !holds(state));
  return broken === -1 ? null : `broken by event ${broken + 1}`;
}

/** What a provider does is a fact; what we ask of it stays within what was left when we asked. */
function askedBeyond(
  events: Event[],
  states: State[],
  type: 'capture_requested' | 'refund_requested',
  left: (state: State, attempt: Attempt) => number,
): string | null {
  const broken = events.findIndex((event, index) => {
    const before = states[index - 1];
    if (event.type !== type || !before) return false;
    return event.data.amount > left(before, findAttempt(before, event.data.attempt));
  });
  return broken === -1 ? null : `event ${broken + 1} asked for more than was left`;
}

function check(name: InvariantName, detail: string | null): Finding {
  return { name, holds: detail === null, detail };
}

function doubledReference(state: State | null): string | null {
  const references = (state?.attempts ?? []).flatMap((a) =>
    a.providerReference === null ? [] : [`${a.provider} ${a.providerReference}`],
  );
  const doubled = references.find((r, i) => references.indexOf(r) !== i);
  return doubled ? `two attempts share ${doubled}` : null;
}

/** Every outcome is of an operation that had been written down before. */
function callWithoutIntent(events: Event[]): string | null {
  const written = new Set<string>();
  for (const [index, { type, data }] of events.entries()) {
    const operation = 'operation' in data ? data.operation : null;
    const asks = type.endsWith('_requested') || type === 'attempt_started';
    if (operation !== null && asks) written.add(operation);
    else if (operation !== null && !written.has(operation))
      return `event ${index + 1} tells of ${operation}, which nobody asked for`;
  }
  return null;
}

/** An operation that was unknown ends with a call or a provider's fact, never by itself. */
function endWithoutEvidence(events: Event[]): string | null {
  const unknown = new Set<string>();
  const voided = new Set<string>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'operation_unknown') unknown.add(event.data.operation);
    if (event.type === 'authorization_voided') voided.add(event.data.attempt);
    if (event.type === 'operation_canceled' && !voided.has(event.data.attempt))
      return `event ${index + 1} ends ${event.data.operation}, which nobody is known to have cancelled`;
    const ends =
      /_(approved|failed|succeeded|voided)$/.test(event.type) &&
      'operation' in event.data &&
      event.data.operation !== null;
    if (!ends || !('call' in event.data) || !unknown.has(event.data.operation ?? '')) continue;
    const evidence =
      event.data.call !== null ||
      event.provider_at !== null ||
      ('evidence' in event.data && event.data.evidence === 'lookup');
    if (!evidence && event.received_at === null)
      return `event ${index + 1} ends ${event.data.operation} without evidence`;
  }
  return null;
}

function unbalanced(journals: (Journal | null)[]): string | null {
  const bad = journals.findIndex(
    (j) => j !== null && j.lines.reduce((sum, line) => sum + line.amount, 0) !== 0,
  );
  return bad === -1 ? null : `the journal of event ${bad + 1} does not balance`;
}

/** Snapshot and journals rebuilt from the events, byte for byte. */
function differs({ events, journals, snapshot }: History, last: State | null): string | null {
  for (const [index, event] of events.entries()) {
    const expected = last === null ? null : post(event, last);
    if (JSON.stringify(expected) !== JSON.stringify(journals[index] ?? null))
      return `the journal of event ${index + 1} is not what its event posts`;
  }
  return JSON.stringify(last) === snapshot ? null : 'the snapshot is not what its events make';
}

function withoutTimer(history: History, last: State | null): string | null {
  const stored = new Set(history.timers);
  const missing = last === null ? undefined : timers(last).find((t) => !stored.has(`${t.kind} ${t.subject}`));
  if (missing) return `no timer for ${missing.kind} ${missing.subject}`;
  const open = last?.operations.filter(isUnresolved).length ?? 0;
  return open > stored.size ? 'an unresolved operation has no timer' : null;
}
