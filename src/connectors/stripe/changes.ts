/** What moved on the account, as Stripe's list of events has it: each entry is the event that its webhook carried. */

import type Stripe from 'stripe';
import type { Changes } from '../port.ts';
import type { Call } from './client.ts';
import { type Ask, readList } from './find.ts';
import { MONEY_EVENTS } from './webhooks.ts';
import { textOf, within } from './wire.ts';

const PAGE = 100;
/** Without a cursor the list is walked back this far; Stripe keeps events for 30 days. */
const PAGES_BACK = 10;

type Event = { id: string; object: unknown };

/** The newest come first: what is newer than the cursor is given in pages that begin at the cursor. */
export async function listChanges(after: string | null, ask: Ask): Promise<Changes> {
  if (after === null || after === '') return fromTheBeginning(ask);
  const list = readList(await ask(eventList({ ending_before: after })));
  // A cursor older than what Stripe keeps: the oldest that is left comes next.
  if (list === 'http_400' || list === 'http_404') return fromTheBeginning(ask);
  if (typeof list === 'string') return { kind: 'unavailable', reason: list };
  return page(eventsOf(list.data), after, list.more);
}

async function fromTheBeginning(ask: Ask): Promise<Changes> {
  const events: Event[] = [];
  for (let n = 0; n < PAGES_BACK; n += 1) {
    const last = events.at(-1)?.id;
    const list = readList(await ask(eventList(last === undefined ? {} : { starting_after: last })));
    if (typeof list === 'string') return { kind: 'unavailable', reason: list };
    events.push(...eventsOf(list.data));
    if (!list.more) break;
  }
  return page(events, '', false);
}

function eventList(place: Stripe.PaginationParams): Call {
  const params = { limit: PAGE, types: [...MONEY_EVENTS], ...place } satisfies Stripe.EventListParams;
  return { method: 'GET', path: '/v1/events', route: '/v1/events', params };
}

function eventsOf(data: readonly unknown[]): Event[] {
  return data.flatMap((object) => {
    const id = textOf(within<Stripe.EventBase>(object), 'id');
    return id === null ? [] : [{ id, object }];
  });
}

/** An account on which nothing has happened yet keeps an empty cursor. */
function page(newestFirst: Event[], before: string, more: boolean): Changes {
  const entries = newestFirst
    .toReversed()
    .map(({ id, object }) => ({ eventId: id, body: Buffer.from(JSON.stringify(object)) }));
  return { kind: 'page', entries, next: newestFirst[0]?.id ?? before, more };
}
