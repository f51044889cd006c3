/** The plain dialect: problem documents, the present state for every repetition, look-ups by operation. */

import { hash } from 'node:crypto';
import { isRefusal } from './input.ts';
import { fresh } from './keeping.ts';
import { readOrder } from './orders.ts';
import { refuse } from './problems.ts';
import { carryOut, lookUp, type Manners } from './provider.ts';
import type { Delivery, Simulator } from './simulator.ts';
import { chargeView, operationReply, operationView, problem } from './view.ts';

export type MoneyRequest = { path: string; key: string | null; body: string };

const KEY = /^[\x21-\x7e]{1,255}$/;

const PLAIN: Manners = {
  name: 'plain',
  idempotency: { replays: 'present', keepsServerErrors: false, replayedHeaders: {} },
  refuse: problem,
  /** Breaks off in the middle of a word. */
  garbled: { status: 200, body: '{"operation":"op_01","status":"appr' },
};

export async function handleMoney(sim: Simulator, { path, key, body }: MoneyRequest): Promise<Delivery> {
  if (sim.outage !== 'up') return sim.outage === 'down' ? 'reset' : 'hold';
  const order = readOrder(sim.books, path, parse(body));
  if (order === null) return problem(refuse('no_such_route'));
  if (isRefusal(order)) return problem(order);
  if (key === null || !KEY.test(key)) return problem(refuse('idempotency_key_missing'));
  return carryOut(sim, PLAIN, {
    is: 'job',
    order,
    key: { text: key, keptMs: null },
    fingerprint: hash('sha256', path + body, 'base64url').slice(0, 12),
    answer: (operation, charge) => operationReply(operation, charge, sim.url),
  });
}

export function lookUpOperation(sim: Simulator, id: string, reference: string | null): Promise<Delivery> {
  const operation = sim.books.operations.get(id);
  const charge = operation?.charge ? fresh(sim, sim.books.charges.get(operation.charge)) : null;
  const answer = () => {
    if (sim.inFlight.has(id)) return problem(refuse('in_flight'));
    if (operation === undefined) return problem(refuse('not_found', 'No such operation arrived.'));
    return { status: 200, body: operationView(operation, charge, sim.url) };
  };
  return lookUp(sim, PLAIN, {
    is: 'question',
    id,
    reference: charge?.reference ?? reference,
    charge,
    answer,
  });
}

export function lookUpCharge(sim: Simulator, id: string): Promise<Delivery> {
  const charge = fresh(sim, sim.books.charges.get(id));
  const answer = () =>
    charge === null
      ? problem(refuse('not_found', 'No such charge.'))
      : { status: 200, body: chargeView(charge, sim.url) };
  return lookUp(sim, PLAIN, { is: 'question', id, reference: charge?.reference ?? null, charge, answer });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
