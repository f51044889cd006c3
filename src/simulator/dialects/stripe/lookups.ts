/** PaymentIntents and charges looked up: by id, in lists that are up to date, and by a search that lags behind. */

import type { Charge } from '../../books.ts';
import { fresh } from '../../keeping.ts';
import type { Question, Said } from '../../simulator.ts';
import { chargeView } from './charge-view.ts';
import { invalid, missing } from './errors.ts';
import { textOf } from './form.ts';
import { isCharged, statusOf } from './intent-view.ts';
import { type Listed, listOfViews } from './lists.ts';
import { ok, question, STRIPE, type StripeRequest } from './request.ts';
import { matcherOf } from './search.ts';
import { shownIntent } from './shown.ts';
import { all, chargeOf, find, wireOf } from './things.ts';

export function retrieveIntent(request: StripeRequest, id: string): Question | Said {
  const { sim } = request;
  const intent = find(sim.books, 'payment_intent', id);
  if (intent === undefined) return missing('payment_intent', id, 'intent');
  return question(id, chargeOf(sim.books, intent), () =>
    ok(shownIntent(request, intent, chargeOf(sim.books, intent))),
  );
}

export function listIntents(request: StripeRequest): Question | Said {
  const { sim, params } = request;
  const customer = textOf(params, 'customer');
  const matching = all(sim.books, 'payment_intent').filter(
    ({ data }) => customer === null || data.customer === customer,
  );
  return listOfViews(
    request,
    matching.map((intent) => () => shownIntent(request, intent, chargeOf(sim.books, intent))),
  );
}

/** What is too new for the search is not found yet. */
export function searchIntents(request: StripeRequest): Question | Said {
  const { sim, params, path } = request;
  const query = textOf(params, 'query') ?? '';
  const matches = matcherOf(query);
  if (matches === null)
    return invalid('query', `The simulator cannot read this query: ${query.slice(0, 200)}`);
  return question(path, null, () => {
    const until = sim.moment().now - sim.settings.search_lag_ms;
    const found = all(sim.books, 'payment_intent').filter((intent) => {
      const { at, data } = intent;
      const status = statusOf(intent, chargeOf(sim.books, intent));
      return at <= until && matches({ ...data, currency: data.currency.toLowerCase(), status });
    });
    const data = found
      .slice(-100)
      .map((intent) => shownIntent(request, intent, chargeOf(sim.books, intent)))
      .reverse();
    return ok({ object: 'search_result', data, has_more: found.length > 100, next_page: null, url: path });
  });
}

export function retrieveCharge({ sim }: StripeRequest, id: string): Question | Said {
  const charge = fresh(sim, sim.books.charges.get(id));
  if (charge?.dialect !== STRIPE || !isCharged(charge)) return missing('charge', id);
  return question(id, charge, () => ok(chargeView(charge, sim)));
}

export function listCharges(request: StripeRequest): Question | Said {
  const { sim, params } = request;
  const intent = textOf(params, 'payment_intent');
  const views = chargesOf(request, intent).map(
    (charge) => (): Listed | null => (isCharged(charge) ? chargeView(charge, sim) : null),
  );
  return listOfViews(request, views);
}

/** All, or those of one payment; the oldest first. */
export function chargesOf({ sim }: StripeRequest, intent: string | null): Charge[] {
  const all = intent === null ? sim.books.charges.values() : ofIntent(sim.books, intent);
  return [...all].filter(
    (charge) =>
      charge.dialect === STRIPE && (intent === null || (charge.wire && wireOf(charge).intent === intent)),
  );
}

/** Every attempt of a payment has its reference. */
function ofIntent(books: StripeRequest['sim']['books'], id: string): readonly Charge[] {
  const intent = find(books, 'payment_intent', id);
  const last = intent === undefined ? null : chargeOf(books, intent);
  return last === null ? [] : (books.byReference.get(last.reference) ?? []);
}
