/** Lists as Stripe gives them: the newest first, in pages, strongly consistent. */

import type { Question, Said } from '../../simulator.ts';
import { invalid } from './errors.ts';
import { groupOf, type Params, textOf } from './form.ts';
import { ok, question, type StripeRequest } from './request.ts';

const MAX_LIMIT = 100;
const LIMIT = 10;

export type Listed = { id: string; created: number };

/** `views` are all that match, the oldest first; they are walked only as far as the page goes. */
export function listOfViews(
  request: StripeRequest,
  oldestFirst: readonly (() => Listed | null)[],
): Question | Said {
  const { params, path } = request;
  const limit = Number(textOf(params, 'limit') ?? LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return invalid('limit', `limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  return question(path, null, () => {
    const backwards = textOf(params, 'ending_before') !== null;
    const found = page(backwards ? oldestFirst.toReversed() : oldestFirst, params, limit + 1);
    const data = backwards ? found.slice(0, limit).reverse() : found.slice(0, limit);
    return ok({ object: 'list', data, has_more: found.length > limit, url: path });
  });
}

/** What comes after the cursor, seen from the end: so `ending_before` gives the page that is next to it. */
function page(oldestFirst: readonly (() => Listed | null)[], params: Params, most: number): Listed[] {
  const after = textOf(params, 'ending_before') ?? textOf(params, 'starting_after');
  const found: Listed[] = [];
  let begun = after === null;
  for (let i = oldestFirst.length - 1; i >= 0 && found.length < most; i -= 1) {
    const view = oldestFirst[i]?.() ?? null;
    if (view === null) continue;
    if (begun && isWithin(view.created, params)) found.push(view);
    if (view.id === after) begun = true;
  }
  return found;
}

/** `created` is a second, or bounds of one. */
function isWithin(created: number, params: Params): boolean {
  const exact = textOf(params, 'created');
  if (exact !== null) return created === Number(exact);
  const bounds = groupOf(params, 'created');
  const holds = (name: string, test: (bound: number) => boolean) => {
    const bound = textOf(bounds, name);
    return bound === null || test(Number(bound));
  };
  return (
    holds('gt', (bound) => created > bound) &&
    holds('gte', (bound) => created >= bound) &&
    holds('lt', (bound) => created < bound) &&
    holds('lte', (bound) => created <= bound)
  );
}
