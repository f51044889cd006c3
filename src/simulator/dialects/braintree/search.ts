/** Search as the SDK makes it: the ids first, then a page of transactions; behind by the setting's lag. */

import type { Books, Move } from '../../books.ts';
import { fresh } from '../../keeping.ts';
import type { Question, Simulator } from '../../simulator.ts';
import { allTransactions, findTransaction, transactionsOf } from './find.ts';
import {
  type BraintreeRequest,
  groupOf,
  isObject,
  type Json,
  namesIn,
  ok,
  question,
  textOf,
} from './request.ts';
import { isTakenBack, statusOf } from './status.ts';
import { idOf, madeAt, orderIdOf, transactionView } from './view.ts';
import { BRAINTREE, saleWire, type Told } from './wire.ts';
import { list, toXml } from './xml.ts';

const PAGE = 50;
const MOST = 20_000;

export function searchIds(request: BraintreeRequest): Question {
  const { sim, now } = request;
  const search = groupOf(request.body, 'search');
  const named = textOf(groupOf(search, 'order_id'), 'is');
  return question(named ?? 'search', null, () => {
    const moved = movedBy(sim, search);
    const ids = candidates(sim, named)
      .filter((told) => moved.every((sales) => told.kind === 'sale' && sales.has(told.charge.id)))
      .filter((told) => madeAt(told) + sim.settings.search_lag_ms <= now && matches(told, search, now))
      .map(idOf);
    return ok(200, 'search-results', { pageSize: PAGE, ids: list('item', ids.slice(0, MOST)) });
  });
}

/** The page that the SDK asks for next, by ids. */
export function searchPage({ sim, body, now }: BraintreeRequest): Question {
  const ids = groupOf(body, 'search')['ids'];
  const asked = (Array.isArray(ids) ? ids : []).filter((id) => typeof id === 'string').slice(0, PAGE);
  const found = asked.flatMap((id) => findTransaction(sim, id) ?? []);
  const head = { currentPageNumber: 1, pageSize: PAGE, totalItems: found.length };
  const pages = found.map((told) => ({ transaction: transactionView(told, now) }));
  const text = toXml('credit-card-transactions', head, 'collection');
  const items = pages
    .map((page) => toXml('transaction', page.transaction).split('\n').slice(1).join(''))
    .join('');
  const end = '</credit-card-transactions>';
  return question('search', null, () => ({ status: 200, body: text.replace(end, `${items}${end}`) }));
}

function candidates(sim: Simulator, orderId: string | null): Told[] {
  if (orderId === null) return allTransactions(sim.books);
  const charges = sim.books.byReference.get(namesIn(orderId).reference) ?? [];
  return charges
    .filter(({ dialect }) => dialect === BRAINTREE)
    .flatMap((charge) => transactionsOf(fresh(sim, charge) ?? charge));
}

function matches(told: Told, search: Json, now: number): boolean {
  const made = madeAt(told);
  return (
    isText(orderIdOf(told) ?? '', search['order_id']) &&
    isText(idOf(told), search['id']) &&
    isAmong(idOf(told), search['ids']) &&
    isAmong(told.kind === 'refund' ? 'credit' : 'sale', search['type']) &&
    isAmong(statusOf(told.charge, now), search['status']) &&
    isWithin(made, search['created_at'])
  );
}

/** Dates that the search knows, and what happened then. */
const MOVED: readonly (readonly [field: string, type: Move['type']])[] = [
  ['submitted_for_settlement_at', 'charge.captured'],
  ['settled_at', 'charge.captured'],
  ['voided_at', 'charge.voided'],
  ['authorization_expired_at', 'charge.expired'],
];

/** Of each date that is asked about, the sales that it is true of; parts and refunds are found by when they were made. */
function movedBy({ books }: Simulator, search: Json): ReadonlySet<string>[] {
  return MOVED.filter(([field]) => isObject(search[field])).map(([field, type]) => {
    const moves = books.moves.filter(
      (move) => move.type === type && isWithin(when(books, move, field), search[field]),
    );
    return new Set(moves.map(({ charge }) => charge));
  });
}

/** What was taken back before it settled never did. */
function when(books: Books, { at, charge: id }: Move, field: string): number {
  const charge = books.charges.get(id);
  if (field !== 'settled_at' || charge?.dialect !== BRAINTREE) return at;
  return isTakenBack(charge) ? Number.NaN : at + saleWire(charge).settlementMs;
}

function isText(value: string, criterion: unknown): boolean {
  if (!isObject(criterion)) return true;
  const { is, is_not: isNot, starts_with: start, ends_with: end, contains } = criterion;
  return (
    (typeof is !== 'string' || value === is) &&
    (typeof isNot !== 'string' || value !== isNot) &&
    (typeof start !== 'string' || value.startsWith(start)) &&
    (typeof end !== 'string' || value.endsWith(end)) &&
    (typeof contains !== 'string' || value.includes(contains))
  );
}

function isAmong(value: string, criterion: unknown): boolean {
  return !Array.isArray(criterion) || criterion.length === 0 || criterion.includes(value);
}

function isWithin(at: number, criterion: unknown): boolean {
  if (!isObject(criterion)) return true;
  const { min, max } = criterion;
  return (
    (typeof min !== 'string' || at >= Date.parse(min)) && (typeof max !== 'string' || at <= Date.parse(max))
  );
}
