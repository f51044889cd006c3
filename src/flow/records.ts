/** Records for the lists of the commit statement, event by event. */

import { toUuid } from '../core/ids.ts';
import type { Covers } from '../core/payment/events.ts';
import { accountOf, findAttempt, nameOfTotal } from '../core/payment/state.ts';
import type { Event, State } from '../core/payment.ts';
import { post } from '../core/postings.ts';
import type { ListName } from '../db/statements/commit.ts';

/** Records by the list of the commit statement that they go into; columns that are left out are null. */
export type Lists = Record<ListName, object[]>;

export function emptyLists(): Lists {
  return {
    items: [],
    events: [],
    privates: [],
    journals: [],
    scheduled: [],
    unscheduled: [],
    resources: [],
    references: [],
    exceptions: [],
    withdrawn: [],
  };
}

/** What an event writes beside itself: its journal, the resource or reference it names, an exception. */
export function sideRecords(event: Event, eventId: string, state: State, lists: Lists): void {
  const journal = post(event, state);
  if (journal) {
    const accounts = journal.lines.map((line) => line.account);
    const lineAmounts = journal.lines.map((line) => line.amount);
    lists.journals.push({
      event: eventId,
      rule: journal.rule,
      rule_version: journal.version,
      accounts,
      amounts: lineAmounts,
    });
  }
  const resource = resourceOf(event, state);
  if (resource) lists.resources.push(resource);
  const reference = referenceOf(event, state);
  if (reference) lists.references.push(reference);
  if (event.type === 'exception_raised') {
    const { exception, ...rest } = event.data;
    lists.exceptions.push({ ...rest, id: toUuid(exception), status: 'open' });
  }
  if (event.type === 'exception_withdrawn') close(toUuid(event.data.exception), lists);
}

/** The statement sees the world as it was before it: what the same commit raised goes in closed. */
function close(id: string, lists: Lists): void {
  const raised = (lists.exceptions as { id: string; status: string }[]).find((x) => x.id === id);
  if (raised) raised.status = 'closed';
  else lists.withdrawn.push({ id });
}

/** A capture or refund becomes known with its request, or with its success where nobody here asked for it. */
function resourceOf(event: Event, state: State): object | null {
  switch (event.type) {
    case 'action_required':
      return event.data.round === 1 ? { id: toUuid(event.data.attempt), kind: 'attempt' } : null;
    case 'capture_requested':
      return { id: toUuid(event.data.capture), kind: 'capture' };
    case 'refund_requested':
      return { id: toUuid(event.data.refund), kind: 'refund' };
    case 'capture_succeeded': {
      if (event.data.covers?.resource === event.data.capture) return null;
      const asked = state.operations.some((o) => o.subject === event.data.capture && o.kind === 'capture');
      return asked ? null : { id: toUuid(event.data.capture), kind: 'capture' };
    }
    case 'refund_succeeded':
      if (event.data.covers?.resource === event.data.refund) return null;
      return event.data.from === 'unrequested' ? { id: toUuid(event.data.refund), kind: 'refund' } : null;
    default:
      return null;
  }
}

function referenceOf(event: Event, state: State): object | null {
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
): object | null {
  const total =
    movement === nameOfTotal(attempt, 'captured') || movement === nameOfTotal(attempt, 'refunded');
  if (total || covers?.movement === movement) return null;
  return { provider, account: accountIn(state, attempt), reference: movement, subject };
}

function accountIn(state: State, attempt: string): string {
  return accountOf(findAttempt(state, attempt));
}
