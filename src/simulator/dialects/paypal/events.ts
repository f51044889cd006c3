/** The events as PayPal shows and lists them, whether they were delivered or not: for thirty days. */

import { type Charge, endOfMoves } from '../../books.ts';
import { refuse } from '../../problems.ts';
import type { Question, Said } from '../../simulator.ts';
import { refuseInWords } from './errors.ts';
import { toldEvent } from './letters.ts';
import { HOURS_MS, type PayPalRequest, question } from './request.ts';

const KEPT_MS = 30 * 24 * HOURS_MS;
const PAGE = 10;
const PAGE_MAX = 300;

export function getEvent({ sim }: PayPalRequest, id: string): Question | Said {
  const { books } = sim;
  const number = Number.parseInt(/^WH-[0-9A-Z]{17}-([0-9A-Z]{17})$/.exec(id)?.[1] ?? '', 36);
  const letter = Number.isNaN(number) ? null : toldEvent(books, number);
  const move = books.moves[number - books.firstMove];
  if (letter?.id !== id || move === undefined || sim.moment().now - move.at >= KEPT_MS)
    return { is: 'said', reply: refuseInWords(refuse('not_found')) };
  const charge = books.charges.get(move.charge) as Charge;
  return question(id, charge, () => ({ status: 200, body: letter.body }));
}

/** The newest first. The link to the next page has the number to go on from. */
export function listEvents({ sim, query, url, path }: PayPalRequest): Said {
  const { books } = sim;
  const from = Math.max(timeOf(query, 'start_time') ?? 0, sim.moment().now - KEPT_MS);
  const to = timeOf(query, 'end_time') ?? Number.POSITIVE_INFINITY;
  const size = Math.min(Number(query.get('page_size')) || PAGE, PAGE_MAX);
  const events: string[] = [];
  let number = Math.min(Number(query.get(TOKEN) ?? endOfMoves(books)), endOfMoves(books));
  while (number > books.firstMove && events.length < size) {
    number -= 1;
    const at = books.moves[number - books.firstMove]?.at ?? 0;
    const letter = at >= from && at <= to ? toldEvent(books, number) : null;
    if (letter !== null) events.push(letter.body);
  }
  const next = new URLSearchParams(query);
  next.set(TOKEN, String(number));
  const more = number > books.firstMove;
  const links = more ? [{ href: `${url}${path}?${next}`, rel: 'next', method: 'GET' }] : [];
  const body = `{"events":[${events.join(',')}],"links":${JSON.stringify(links)}}`;
  return { is: 'said', reply: { status: 200, body } };
}

const TOKEN = 'next_page_token';

function timeOf(query: URLSearchParams, name: string): number | null {
  const ms = Date.parse(query.get(name) ?? '');
  return Number.isNaN(ms) ? null : ms;
}
