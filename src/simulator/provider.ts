/**
 * The way of one request to the provider: outage, key, fault, delay, work, journal, answer or its absence.
 */

import { hash } from 'node:crypto';
import { type Books, type Call, type Charge, type Move, type Operation, recordCall } from './books.ts';
import { popDue } from './due.ts';
import { type ArmedFault, type Ending, endingAfter, endingBefore, type Fault, takeFault } from './faults.ts';
import { isRefusal } from './input.ts';
import { type Order, readOrder } from './orders.ts';
import { refuse } from './problems.ts';
import { apply, type Row } from './rows.ts';
import { catchUp, type Moment } from './rules.ts';
import type { Settings } from './settings.ts';
import type { Journal } from './store.ts';
import { chargeView, operationReply, operationView, problem, type Reply } from './view.ts';
import type { Outbox } from './webhooks/outbox.ts';

export type Outage = 'up' | 'down' | 'hanging';

export type Simulator = {
  books: Books;
  journal: Journal;
  settings: Settings;
  outage: Outage;
  armed: ArmedFault[];
  inFlight: Set<string>;
  maxCharges: number;
  url: string;
  /** What happened and is not recorded yet. */
  untold: Move[];
  outbox: Outbox;
  moment(): Moment;
  /** Waits on the simulator's clock; false when it is being closed. */
  wait(ms: number): Promise<boolean>;
  random(below: number): number;
};

/** An answer, or what is done to the connection in its place. */
export type Delivery = Reply | 'hold' | 'reset';

export type MoneyRequest = { path: string; key: string | null; body: string };

const MOST_SETTLED = 10_000;
const KEY = /^[\x21-\x7e]{1,255}$/;
/** An answer that breaks off in the middle of a word. */
const GARBLED = '{"operation":"op_01","status":"appr';

export async function handleMoney(sim: Simulator, request: MoneyRequest): Promise<Delivery> {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  const order = readOrder(sim.books, request.path, parse(request.body));
  if (order === null) return problem(refuse('no_such_route'));
  if (isRefusal(order)) return problem(order);
  const { key } = request;
  if (key === null || !KEY.test(key)) return problem(refuse('idempotency_key_missing'));
  if (sim.inFlight.has(key)) return noted(sim, order, key, null, problem(refuse('in_flight')));
  const fault = chooseFault(sim, order, key);
  const early = endingBefore(fault);
  if (early !== null) return noted(sim, order, key, fault, deliver(early));
  if (!(await delay(sim, order, key, fault))) return 'reset';
  return work(sim, order, key, fault, hash('sha256', request.path + request.body, 'base64url').slice(0, 12));
}

export function lookUpOperation(sim: Simulator, id: string, reference: string | null): Promise<Delivery> {
  const operation = sim.books.operations.get(id);
  const charge = chargeOf(sim, operation);
  return lookUp(sim, { id, reference: charge?.reference ?? reference, charge }, () => {
    if (sim.inFlight.has(id)) return problem(refuse('in_flight'));
    if (operation === undefined) return problem(refuse('not_found', 'No such operation arrived.'));
    return { status: 200, body: operationView(operation, charge, sim.url) };
  });
}

export function lookUpCharge(sim: Simulator, id: string): Promise<Delivery> {
  const charge = fresh(sim, sim.books.charges.get(id));
  return lookUp(sim, { id, reference: charge?.reference ?? null, charge }, () =>
    charge === null
      ? problem(refuse('not_found', 'No such charge.'))
      : { status: 200, body: chargeView(charge, sim.url) },
  );
}

/** The charge as time has left it, its change journalled. */
export function fresh(sim: Simulator, charge: Charge | undefined): Charge | null {
  if (charge === undefined) return null;
  if (catchUp(charge, sim.moment())) record(sim, { charge });
  return charge;
}

/** Every charge as time has left it, a bounded number at once: the rest is due still. */
export function settleDue(sim: Simulator): void {
  const { now } = sim.moment();
  for (let n = 0; n < MOST_SETTLED; n += 1) {
    const due = popDue(sim.books.due, now);
    if (due === null) return;
    fresh(sim, sim.books.charges.get(due));
  }
}

/** Into the books and the journal, with all that happened since the last row: one line, whole or not at all. */
export function record(sim: Simulator, row: Row): void {
  if (sim.untold.length === 0) return commit(sim, row);
  const moves = sim.untold;
  sim.untold = [];
  commit(sim, { ...row, moves });
  sim.outbox.wake();
}

type Subject = { id: string; reference: string | null; charge: Charge | null };

async function lookUp(sim: Simulator, subject: Subject, answer: () => Reply): Promise<Delivery> {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  const fault = takeFault(sim.armed, 'lookup', subject.reference);
  if (fault === 'slow' && !(await sim.wait(sim.settings.slow_ms))) return 'reset';
  const ending = endingBefore(fault) ?? endingAfter(fault);
  const delivery = ending === null ? answer() : deliver(ending);
  const call = callOf(sim, { kind: 'lookup', operation: subject.id }, null, fault, delivery);
  recordCall(sim.books, subject.charge, call, subject.reference);
  if (subject.charge !== null) record(sim, { charge: subject.charge });
  return delivery;
}

/** Armed faults hit every call, repetitions too; a token's fault hits the first call with its key only. */
function chooseFault(sim: Simulator, order: Order, key: string): Fault | null {
  const armed = takeFault(sim.armed, order.kind, order.reference);
  if (armed !== null || order.tokenFault === null || sim.books.fired.has(key) || isFull(sim)) return armed;
  record(sim, { fired: key });
  return order.tokenFault;
}

/** The provider takes its time before it works; a repetition that comes meanwhile is in flight. */
async function delay(sim: Simulator, order: Order, key: string, fault: Fault | null): Promise<boolean> {
  const { min, max } = sim.settings.latency_ms;
  const ms =
    (fault === 'slow' ? sim.settings.slow_ms : 0) + (max === 0 ? 0 : min + sim.random(max - min + 1));
  if (ms === 0) return true;
  sim.inFlight.add(key).add(order.operation);
  const open = await sim.wait(ms);
  for (const id of [key, order.operation]) sim.inFlight.delete(id);
  return open;
}

function work(sim: Simulator, order: Order, key: string, fault: Fault | null, fingerprint: string): Delivery {
  const earlier = sim.settings.duplicate_keys === 'honored' ? sim.books.byKey.get(key) : undefined;
  if (earlier !== undefined && earlier.fingerprint !== fingerprint) {
    return noted(sim, order, key, fault, problem(refuse('idempotency_key_reused')));
  }
  if (earlier === undefined && isFull(sim)) return problem(refuse('books_full'));
  if (sim.journal.full()) return problem(refuse('books_not_written'));
  const { operation, charge, row } = earlier
    ? { operation: earlier, charge: repeated(sim, order, earlier, fault), row: {} }
    : carryOut(sim, order, key, fault, fingerprint);
  const ending = endingAfter(fault);
  const delivery = ending === null ? operationReply(operation, charge, sim.url) : deliver(ending);
  recordCall(sim.books, charge, callOf(sim, order, key, fault, delivery), order.reference);
  record(sim, charge === null ? row : { charge, ...row });
  return delivery;
}

function carryOut(sim: Simulator, order: Order, key: string, fault: Fault | null, fingerprint: string) {
  const context = contextOf(sim, fault);
  const { charge, verdict, cancelled } = order.execute(context);
  const id = order.operation === key ? key : order.operation;
  const operation: Operation = {
    id,
    key,
    kind: order.kind,
    charge: charge?.id ?? null,
    fingerprint,
    ...verdict,
    at: context.at.now,
  };
  const row: Row = { operations: [operation], ...(cancelled === undefined ? {} : { cancelled }) };
  return { operation, charge, row };
}

/** A completion that came before the customer's answer is tried again: until then it has had no effect. */
function repeated(sim: Simulator, order: Order, earlier: Operation, fault: Fault | null): Charge | null {
  if (earlier.kind === 'complete' && earlier.status === 'follows') order.execute(contextOf(sim, fault));
  return chargeOf(sim, earlier);
}

function contextOf(sim: Simulator, fault: Fault | null) {
  const delays = { pendingMs: sim.settings.pending_ms, challengeMs: sim.settings.challenge_ms };
  const twist = { declined: fault === 'declined', excess: fault === 'wrong_amount' ? 1 : 0 };
  return { books: sim.books, delays, twist, at: sim.moment() };
}

/** A call that came to nothing: seen in the books, and nothing else. */
function noted(sim: Simulator, order: Order, key: string, fault: Fault | null, delivery: Delivery): Delivery {
  const charge = order.charge ?? chargeOf(sim, sim.books.operations.get(order.operation));
  recordCall(sim.books, charge, callOf(sim, order, key, fault, delivery), order.reference);
  if (charge !== null) record(sim, { charge });
  return delivery;
}

function callOf(
  sim: Simulator,
  order: { kind: Call['operation']; operation: string },
  key: string | null,
  fault: Fault | null,
  delivery: Delivery,
): Call {
  const http_status = typeof delivery === 'string' ? null : delivery.status;
  const operation_id = order.operation === key ? key : order.operation;
  return { at: sim.moment().now, operation: order.kind, key, operation_id, fault, http_status };
}

function deliver(ending: Ending): Delivery {
  switch (ending) {
    case 'hold':
    case 'reset':
      return ending;
    case 'error':
      return problem(refuse('server_error'));
    case 'rate_limited':
    case 'in_flight':
      return problem(refuse(ending));
    case 'garbled':
      return { status: 200, body: GARBLED };
    default:
      return ending satisfies never;
  }
}

function chargeOf(sim: Simulator, operation: Operation | undefined): Charge | null {
  return operation?.charge ? fresh(sim, sim.books.charges.get(operation.charge)) : null;
}

function commit(sim: Simulator, row: Row): void {
  apply(sim.books, row);
  sim.journal.append(row);
}

/** Refusals and fired faults are kept under their keys too, and moves: these are bounded beside the charges. */
export function isFull(sim: Simulator): boolean {
  const { charges, byKey, fired, moves } = sim.books;
  return (
    charges.size >= sim.maxCharges || Math.max(byKey.size, fired.size, moves.length / 2) >= 4 * sim.maxCharges
  );
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
