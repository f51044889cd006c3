/** The books as lines of the journal: what each does to them, and the fewest lines that make them again. */

import {
  type Books,
  type Charge,
  dueOf,
  type Endpoint,
  emptyBooks,
  endOfMoves,
  type Move,
  type Operation,
} from './books.ts';
import { pushDue } from './due.ts';
import { type KeptAnswer, keepAnswer, putThing, type Thing } from './shelf.ts';

/** One line of the journal. */
export type Row = {
  charge?: Charge;
  operations?: Operation[];
  cancelled?: string;
  fired?: string;
  things?: Thing[];
  answer?: KeptAnswer;
  moves?: Move[];
  first_move?: number;
  endpoint?: Endpoint;
  endpoint_removed?: string;
  delivered?: { endpoint: string; next: number };
};

/** Moves on one line of a journal that is written anew. */
export const MOVES_PER_ROW = 500;

/** Applies one row, when it happens and again at every start: a charge's last row counts, an operation's first. */
export function apply(books: Books, row: Row): void {
  if (row.charge !== undefined) putCharge(books, row.charge, row.moves ?? []);
  for (const operation of row.operations ?? []) {
    if (operation.renews || !books.byKey.has(operation.key)) books.byKey.set(operation.key, operation);
    if (!books.operations.has(operation.id)) books.operations.set(operation.id, operation);
  }
  if (row.cancelled !== undefined) books.cancelled.add(row.cancelled);
  if (row.fired !== undefined) books.fired.add(row.fired);
  for (const thing of row.things ?? []) putThing(books.shelf, thing);
  if (row.answer !== undefined) keepAnswer(books.shelf, row.answer);
  for (const move of row.moves ?? []) books.moves.push(move);
  if (row.first_move !== undefined) books.firstMove = row.first_move;
  applyEndpoint(books, row);
}

function applyEndpoint({ endpoints }: Books, row: Row): void {
  if (row.endpoint !== undefined) endpoints.set(row.endpoint.id, row.endpoint);
  if (row.endpoint_removed !== undefined) endpoints.delete(row.endpoint_removed);
  const told = row.delivered === undefined ? undefined : endpoints.get(row.delivered.endpoint);
  if (told !== undefined && row.delivered !== undefined) told.next = row.delivered.next;
}

/** The fewest rows that make these books again. */
export function* rowsOf(books: Books): Generator<Row> {
  for (const charge of books.charges.values()) yield { charge };
  for (const operation of books.operations.values()) yield { operations: [operation] };
  for (const operation of books.byKey.values()) {
    if (books.operations.get(operation.id) !== operation) yield { operations: [operation] };
  }
  for (const cancelled of books.cancelled) yield { cancelled };
  for (const fired of books.fired) yield { fired };
  for (const thing of books.shelf.things.values()) yield { things: [thing] };
  for (const answer of books.shelf.answers.values()) yield { answer };
  if (books.firstMove > 0) yield { first_move: books.firstMove };
  for (let i = 0; i < books.moves.length; i += MOVES_PER_ROW) {
    yield { moves: books.moves.slice(i, i + MOVES_PER_ROW) };
  }
  for (const endpoint of books.endpoints.values()) yield { endpoint };
}

/** Empty books that go on counting their moves: a position that somebody keeps stays behind what comes. */
export function clearedBooks(books: Books): Books {
  const firstMove = endOfMoves(books);
  const kept = [...books.endpoints].map(([id, endpoint]) => [id, { ...endpoint, next: firstMove }] as const);
  return { ...emptyBooks(), firstMove, endpoints: new Map(kept) };
}

function putCharge(books: Books, charge: Charge, moves: readonly Move[]): void {
  const before = books.charges.get(charge.id);
  // What happens to a charge is what sets a time for it: an authorisation lapses, a refund settles later.
  if (before === undefined || moves.length > 0) {
    const at = dueOf(charge);
    if (at !== null) pushDue(books.due, { at, charge: charge.id });
  }
  if (before === charge) return;
  books.charges.set(charge.id, charge);
  index(books.byReference, charge.reference, before, charge);
  if (charge.attempt !== null) index(books.byAttempt, charge.attempt, before, charge);
}

function index(map: Map<string, Charge[]>, key: string, before: Charge | undefined, charge: Charge): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [charge]);
  else if (before === undefined) list.push(charge);
  else list[list.indexOf(before)] = charge;
}
