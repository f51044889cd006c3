/**
 * The way of one request to the provider: outage, key, fault, delay, work, journal, answer or its absence.
 */

import { type Call, type Charge, type Operation, recordCall } from './books.ts';
import { type Ending, endingAfter, endingBefore, type Fault, takeFault } from './faults.ts';
import { fresh, isFull, record, settleDue } from './keeping.ts';
import { refuse } from './problems.ts';
import type { Row } from './rows.ts';
import { answerTo, isForgotten, type KeptAnswer, putThing } from './shelf.ts';
import type {
  Context,
  Delivery,
  Dialect,
  Job,
  Order,
  Question,
  Said,
  Simulator,
  WireRequest,
} from './simulator.ts';
import type { Reply } from './view.ts';

/** One request in the words of a dialect. */
export async function serveDialect(
  sim: Simulator,
  dialect: Dialect,
  request: WireRequest,
): Promise<Delivery> {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  settleDue(sim);
  const delivery = await respond(sim, dialect, dialect.read(sim, request));
  return typeof delivery === 'string' ? delivery : dialect.dress(delivery, request, sim.moment(dialect.name));
}

function respond(
  sim: Simulator,
  dialect: Manners,
  asked: Job | Question | Said,
): Promise<Delivery> | Delivery {
  switch (asked.is) {
    case 'said':
      return asked.reply;
    case 'question':
      return lookUp(sim, dialect, asked);
    case 'job':
      return carryOut(sim, dialect, asked);
    default:
      return asked satisfies never;
  }
}

/** What of a dialect the way of a request depends on. */
export type Manners = Pick<Dialect, 'name' | 'idempotency' | 'refuse' | 'garbled'>;

/** Outage, key, fault, delay, work, journal, answer or its absence. */
export async function carryOut(sim: Simulator, manners: Manners, job: Job): Promise<Delivery> {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  const task = { ...job, manners, known: keyOf(manners, job) };
  if (sim.inFlight.has(task.known)) return noted(sim, task, null, manners.refuse(refuse('in_flight')));
  const fault = chooseFault(sim, task);
  const early = endingBefore(fault);
  if (early !== null) return endEarly(sim, task, fault, early);
  if (!(await delay(sim, task, fault))) return 'reset';
  return work(sim, task, fault);
}

/** `known`: the key as the books know it; the operation's id stands in for one that is missing. */
type Task = Job & { manners: Manners; known: string };

/** One key space a dialect: what two providers are told is two things. */
function keyOf({ name }: Manners, { key, order }: Job): string {
  const text = key?.text ?? order.operation;
  return name === 'plain' ? text : `${name}/${key === null ? `-/${order.kind}/` : ''}${text}`;
}

/** A question has no key and no effect. */
export async function lookUp(sim: Simulator, manners: Manners, question: Question): Promise<Delivery> {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  const { id, reference, charge } = question;
  const fault = takeFault(sim.armed, 'lookup', reference);
  if (fault === 'slow' && !(await sim.wait(sim.settings.slow_ms))) return 'reset';
  const ending = endingBefore(fault) ?? endingAfter(fault);
  const delivery = ending === null ? question.answer() : deliver(manners, ending);
  const call = callOf(sim, { kind: 'lookup', operation: id }, null, fault, delivery);
  recordCall(sim.books, charge, call, reference);
  if (charge !== null) record(sim, { charge });
  return delivery;
}

/** Armed faults hit every call, repetitions too; a token's fault hits the first call with its key only. */
function chooseFault(sim: Simulator, { order, known }: Task): Fault | null {
  const armed = takeFault(sim.armed, order.kind, order.reference);
  if (armed !== null || order.tokenFault === null || sim.books.fired.has(known) || isFull(sim)) return armed;
  record(sim, { fired: known });
  return order.tokenFault;
}

/** Nothing is done; where even a 500 is the answer for good, it is kept. */
function endEarly(sim: Simulator, task: Task, fault: Fault | null, ending: Ending): Delivery {
  const delivery = deliver(task.manners, ending);
  if (ending === 'error' && task.manners.idempotency.keepsServerErrors) {
    record(sim, firstAnswer(sim, task, delivery as Reply));
  }
  return noted(sim, task, fault, delivery);
}

/** The provider takes its time before it works; a repetition that comes meanwhile is in flight. */
async function delay(sim: Simulator, { order, known }: Task, fault: Fault | null): Promise<boolean> {
  const { min, max } = sim.settings.latency_ms;
  const ms =
    (fault === 'slow' ? sim.settings.slow_ms : 0) + (max === 0 ? 0 : min + sim.random(max - min + 1));
  if (ms === 0) return true;
  sim.inFlight.add(known).add(order.operation);
  const open = await sim.wait(ms);
  for (const id of [known, order.operation]) sim.inFlight.delete(id);
  return open;
}

function work(sim: Simulator, task: Task, fault: Fault | null): Delivery {
  const { order, manners } = task;
  const earlier = earlierOf(sim, task);
  if (earlier !== undefined && earlier.fingerprint !== task.fingerprint) {
    return noted(sim, task, fault, manners.refuse(refuse('idempotency_key_reused')));
  }
  if (earlier === undefined && isFull(sim)) return manners.refuse(refuse('books_full'));
  if (sim.journal.full()) return manners.refuse(refuse('books_not_written'));
  if (earlier !== undefined && 'body' in earlier) return noted(sim, task, fault, again(task, earlier, fault));
  const { operation, charge, row } = earlier
    ? { operation: earlier, charge: repeated(sim, order, earlier, manners, fault), row: {} }
    : perform(sim, task, fault);
  const reply = task.answer(operation, charge);
  const ending = endingAfter(fault);
  const delivery = ending === null ? reply : deliver(manners, ending);
  const kept = ending === 'error' && manners.idempotency.keepsServerErrors ? (delivery as Reply) : reply;
  recordCall(sim.books, charge, callOf(sim, order, task.key?.text ?? null, fault, delivery), order.reference);
  const free = manners.idempotency.keepsSuccessesOnly === true && isError(delivery);
  const whole = free ? row : { ...row, ...firstAnswer(sim, task, kept) };
  record(sim, charge === null ? whole : { charge, ...whole });
  return delivery;
}

function isError(delivery: Delivery): boolean {
  return typeof delivery === 'object' && delivery.status >= 300;
}

/** What the key was used for before, as far as this dialect remembers. */
function earlierOf(sim: Simulator, { key, known, manners }: Task): Operation | KeptAnswer | undefined {
  const { replays } = manners.idempotency;
  if (sim.settings.duplicate_keys === 'ignored' || key === null || replays === 'nothing') return undefined;
  const { now } = sim.moment();
  if (replays === 'first_answer') return answerTo(sim.books.shelf, known, now);
  const operation = sim.books.byKey.get(known);
  return operation && isForgotten({ at: operation.at, keptMs: key.keptMs }, now) ? undefined : operation;
}

/** The first answer once more, unless this call has a fault of its own. */
function again({ manners }: Task, { status, body, headers }: KeptAnswer, fault: Fault | null): Delivery {
  const ending = endingAfter(fault);
  if (ending !== null) return deliver(manners, ending);
  return { status, body, headers: { ...headers, ...manners.idempotency.replayedHeaders } };
}

/** The first answer to a key stays, whatever comes after it: nothing for another one. */
function firstAnswer(sim: Simulator, task: Task, { status, body, headers }: Reply): Row {
  const { known, key, fingerprint, manners } = task;
  if (key === null || manners.idempotency.replays !== 'first_answer' || earlierOf(sim, task)) return {};
  const text = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const { now: at } = sim.moment();
  const answer = { key: known, at, keptMs: key.keptMs, fingerprint, status, body: text };
  return { answer: headers === undefined ? answer : { ...answer, headers } };
}

function perform(sim: Simulator, { order, known, fingerprint, manners }: Task, fault: Fault | null) {
  const context = contextOf(sim, manners, fault);
  const { charge, verdict, cancelled, things } = order.execute(context);
  const id = order.operation === known ? known : order.operation;
  const operation: Operation = {
    id,
    key: known,
    kind: order.kind,
    charge: charge?.id ?? null,
    fingerprint,
    ...verdict,
    at: context.at.now,
    ...(sim.settings.duplicate_keys === 'honored' && sim.books.byKey.has(known) ? { renews: true } : {}),
  };
  for (const thing of things ?? []) putThing(sim.books.shelf, thing);
  const row: Row = {
    operations: [operation],
    ...(cancelled === undefined ? {} : { cancelled }),
    ...(things === undefined ? {} : { things }),
  };
  return { operation, charge, row };
}

/** A completion that came before the customer's answer is tried again: until then it has had no effect. */
function repeated(
  sim: Simulator,
  order: Order,
  earlier: Operation,
  manners: Manners,
  fault: Fault | null,
): Charge | null {
  if (earlier.kind === 'complete' && earlier.status === 'follows') {
    order.execute(contextOf(sim, manners, fault));
  }
  return chargeOf(sim, earlier);
}

function contextOf(sim: Simulator, { name }: Manners, fault: Fault | null): Context {
  const delays = { pendingMs: sim.settings.pending_ms, challengeMs: sim.settings.challenge_ms };
  const twist = { declined: fault === 'declined', excess: fault === 'wrong_amount' ? 1 : 0 };
  return { books: sim.books, delays, twist, at: sim.moment(name) };
}

/** A call that came to nothing: seen in the books, and nothing else. */
function noted(sim: Simulator, { order, key }: Task, fault: Fault | null, delivery: Delivery): Delivery {
  const charge = order.charge ?? chargeOf(sim, sim.books.operations.get(order.operation));
  recordCall(sim.books, charge, callOf(sim, order, key?.text ?? null, fault, delivery), order.reference);
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

function deliver({ refuse: inWords, garbled }: Manners, ending: Ending): Delivery {
  switch (ending) {
    case 'hold':
    case 'reset':
      return ending;
    case 'error':
      return inWords(refuse('server_error'));
    case 'rate_limited':
    case 'in_flight':
      return inWords(refuse(ending));
    case 'garbled':
      return garbled;
    default:
      return ending satisfies never;
  }
}

function chargeOf(sim: Simulator, operation: Operation | undefined): Charge | null {
  return operation?.charge ? fresh(sim, sim.books.charges.get(operation.charge)) : null;
}
