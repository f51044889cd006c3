/** The list of all that happened, in order, so that an account can be synchronised: what webhooks tell, complete. */

import { type Charge, endOfMoves, type Move } from './books.ts';
import { integer, isRefusal, read } from './input.ts';
import { settleDue } from './keeping.ts';
import { refuse } from './problems.ts';
import type { Delivery, Simulator } from './simulator.ts';
import { moveView, problem } from './view.ts';

const PAGE = 100;
const PAGE_MAX = 1_000;

/** `after` is the `next_cursor` of the page before; it stays good over a restart and when books are cleared. */
export function listTransactions(sim: Simulator, query: URLSearchParams): Delivery {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  const page = read(
    { after: Number(query.get('after') ?? 0), limit: Number(query.get('limit') ?? PAGE) },
    { after: integer(0), limit: integer(1, PAGE_MAX) },
  );
  if (isRefusal(page)) return problem(page);
  settleDue(sim);
  const { books } = sim;
  if (page.after > endOfMoves(books)) {
    return problem(refuse('invalid_request', 'after is no position in these books: begin without it.'));
  }
  const start = Math.max(page.after, books.firstMove);
  const end = Math.min(start + page.limit, endOfMoves(books));
  const moves = books.moves.slice(start - books.firstMove, end - books.firstMove);
  const view = (move: Move, i: number) => {
    const charge = books.charges.get(move.charge) as Charge;
    return charge.dialect === undefined ? [moveView(move, charge, start + i)] : [];
  };
  return {
    status: 200,
    body: {
      transactions: moves.flatMap(view),
      next_cursor: String(end),
      has_more: end < endOfMoves(books),
    },
  };
}
