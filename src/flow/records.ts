/** Rows for the lists of a commit, event by event. */

import type { Covers } from '../core/payment/events.ts';
import { accountOf, findAttempt, nameOfTotal } from '../core/payment/state.ts';
import type { Event, State } from '../core/payment.ts';
import { post } from '../core/postings.ts';
import type { Lists, Named, Referenced } from '../db/commit-rows.ts';

export function emptyLists(): Lists {
  return {
    created: [],
    changed: [],
    reserved: [],
    answered: [],
    happened: [],
    keptApart: [],
    posted: [],
    timed: [],
    untimed: [],
    named: [],
    referenced: [],
    raised: [],
    withdrawn: [],
  };
}

/** `state` is the payment's after the whole commit, `at` its time. */
export type Around = { state: State; mode: string; at: string };

/** What an event writes beside itself: its journal, the resource or reference it names, an exception. */
export function sideRows(event: Event, eventId: string, { state, mode, at }: Around, lists: Lists): void {
  const { id: payment, merchant } = state;
  const journal = post(event, state);
  if (journal)
    lists.posted.push({
      payment,
      event: eventId,
      currency: state.currency,
      merchant,
      mode,
      rule: journal.rule,
      ruleVersion: journal.version,
      accounts: journal.lines.map((line) => line.account),
      amounts: journal.lines.map((line) => line.amount),
      at,
    });
  const resource = resourceOf(event, state);
  if (resource) lists.named.push({ ...resource, merchant, payment });
  const reference = referenceOf(event, state);
  if (reference) lists.referenced.push({ ...reference, merchant, payment });
  if (event.type === 'exception_raised') {
    const { exception: id, type, subject, expected, actual } = event.data;
    lists.raised.push({ id, merchant, payment, type, status: 'open', subject, expected, actual, at });
  }
  if (event.type === 'exception_withdrawn') close(event.data.exception, lists);
}

/** What the same commit raised goes in closed. */
function close(id: string, lists: Lists): void {
  const raised = lists.raised.find((x) => x.id === id);
  if (raised) raised.status = 'closed';
  else lists.withdrawn.push({ id });
}

type Resource = Omit<Named, 'merchant' | 'payment'>;
type Reference = Omit<Referenced, 'merchant' | 'payment'>;

/** A capture or refund becomes known with its request, or with its success where nobody here asked for it. */
function resourceOf(event: Event, state: State): Resource | null {
  switch (event.type) {
    case 'action_required':
      return event.data.round === 1 ? { id: event.data.attempt, kind: 'attempt' } : null;
    case 'capture_requested':
      return { id: event.data.capture, kind: 'capture' };
    case 'refund_requested':
      return { id: event.data.refund, kind: 'refund' };
    case 'capture_succeeded': {
      if (event.data.covers?.resource === event.data.capture) return null;
      const asked = state.operations.some((o) => o.subject === event.data.capture && o.kind === 'capture');
      return asked ? null : { id: event.data.capture, kind: 'capture' };
    }
    case 'refund_succeeded':
      if (event.data.covers?.resource === event.data.refund) return null;
      return event.data.from === 'unrequested' ? { id: event.data.refund, kind: 'refund' } : null;
    default:
      return null;
  }
}

function referenceOf(event: Event, state: State): Reference | null {
  switch (event.type) {
    case 'authorization_approved':
      return {
        provider: event.data.provider,
        account: accountIn(state, event.data.attempt),
        reference: event.data.provider_reference,
        subject: event.data.attempt,
      };
    case 'capture_succeeded':
      return movementReference(event.data, event.data.capture, state);
    case 'refund_succeeded':
      return movementReference(event.data, event.data.refund, state);
    default:
      return null;
  }
}

type Moved = { attempt: string; provider: string; movement: string; covers?: Covers };

/** What is told as a total only has no reference of the provider's; what was known under it has one already. */
function movementReference(
  { attempt, provider, movement, covers }: Moved,
  subject: string,
  state: State,
): Reference | null {
  const total =
    movement === nameOfTotal(attempt, 'captured') || movement === nameOfTotal(attempt, 'refunded');
  if (total || covers?.movement === movement) return null;
  return { provider, account: accountIn(state, attempt), reference: movement, subject };
}

function accountIn(state: State, attempt: string): string {
  return accountOf(findAttempt(state, attempt));
}
