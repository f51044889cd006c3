/**
 * `truepenny facts fold FILE [--json]`: what a payment comes to when a provider's events are told in the order
 * of the file, whatever that order is. Needs no database.
 */

import { readFile, stat } from 'node:fs/promises';
import { formatMoney } from '../core/money.ts';
import { auditPayment, type Finding } from '../core/payment/audit.ts';
import type { Fact } from '../core/payment/fact.ts';
import { type Amounts, amounts, status } from '../core/payment/summary.ts';
import { timers } from '../core/payment/timers.ts';
import { type Command, decide, type Event, type State } from '../core/payment.ts';
import { post } from '../core/postings.ts';
import { narrate } from '../features/payments/narrate.ts';
import { readArguments, refuseMore } from './arguments.ts';
import { Problem, WrongUse } from './context.ts';
import { type FoldedPayment, MOST_BYTES, readFacts } from './facts-input.ts';

const USAGE = 'Usage: truepenny facts fold FILE [--json]';

export type Folded = {
  status: string;
  amount: number;
  currency: string;
  amounts: Amounts;
  /** Balances that are not zero; debits are positive. */
  ledger: { account: string; balance: number }[];
  movements: { movement: string; kind: string; amount: number }[];
  disputes: { dispute: string; status: string; amount: number }[];
  /** Facts whose subject was never told. */
  waiting: string[];
  exceptions: { type: string; subject: string }[];
  invariants: Finding[];
  /** The only part that tells the order in which the file has it. */
  events: { type: string; what: string; provider_at: string | null }[];
};

export async function run(args: string[]): Promise<number> {
  const asked = read(args);
  const folded = fold(await textOf(asked.file));
  console.log(asked.json ? JSON.stringify(folded, null, 2) : textLines(folded).join('\n'));
  return folded.invariants.every((i) => i.holds) ? 0 : 1;
}

/** The text of a file, folded. Throws a Problem that names the line for what cannot be used. */
export function fold(text: string): Folded {
  const { payment, facts } = readFacts(text);
  const { events, state } = play(payment, facts);
  const { id: _, ...rest } = summary(state, events);
  return {
    ...rest,
    invariants: invariants(events, state),
    events: events.map((e) => told(e, state.currency)),
  };
}

function read(args: string[]): { file: string; json: boolean } {
  const { values, positionals } = readArguments(args, USAGE, { json: { type: 'boolean' } });
  const [verb, file, ...more] = positionals;
  if (verb !== 'fold' || file === undefined) throw new WrongUse('Which file?', USAGE);
  refuseMore(more, USAGE);
  return { file, json: values.json ?? false };
}

async function textOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Problem(`There is no file ${file}.`, USAGE);
  if (found.size > MOST_BYTES)
    throw new Problem(`The file has ${found.size} bytes.`, `Give ${MOST_BYTES} at most.`);
  return readFile(file, 'utf8');
}

function play(payment: FoldedPayment, facts: Fact[]): { events: Event[]; state: State } {
  const context = { id: counting() };
  const created = decide(createOf(payment), null, context);
  if (!created.ok) throw new Error(created.code);
  let { state } = created;
  const events = [...created.events];
  for (const fact of facts) {
    const decision = decide({ type: 'record_fact', fact }, state, context);
    if (!decision.ok) throw new Error(decision.code);
    state = decision.state;
    events.push(...decision.events);
  }
  return { events, state };
}

function createOf({ amount, currency, capture, funds }: FoldedPayment): Command {
  const payment_method = { type: 'card' as const, token: 'tok_folded' };
  const taken = { provider: 'provider', taken: true, reason: 'the file tells of one provider' };
  return {
    type: 'create',
    payment: {
      payment: 'pay_1',
      merchant: 'mer_1',
      mode: 'test',
      amount,
      currency,
      capture_method: capture,
      funds,
      allow_partial_authorization: true,
      payment_method,
      reference: null,
    },
    confirm: {
      attempt: 'att_1',
      operation: 'op_1',
      capture: capture === 'automatic' ? 'cap_1' : null,
      payment_method,
      routing: { provider: 'provider', candidates: [taken] },
    },
  };
}

function counting(): (kind: string) => string {
  let count = 0;
  return (kind) => {
    count += 1;
    return `${kind}_${count}`;
  };
}

function summary(state: State, events: Event[]): Omit<Folded, 'events' | 'invariants'> & { id: string } {
  return {
    id: state.id,
    status: status(state),
    amount: state.amount,
    currency: state.currency,
    amounts: amounts(state),
    ledger: balances(events, state),
    movements: sorted(
      Object.entries(state.movements).map(([movement, m]) => ({ movement, ...m })),
      (m) => m.movement,
    ),
    disputes: sorted(
      (state.disputes ?? []).map((d) => ({ dispute: d.id, status: d.status, amount: d.amount })),
      (d) => d.dispute,
    ),
    waiting: (state.waiting ?? []).map((w) => `${w.fact.kind} ${w.key}`).sort(),
    exceptions: sorted(
      state.exceptions.map(({ type, subject }) => ({ type, subject })),
      (x) => `${x.type} ${x.subject}`,
    ),
  };
}

function balances(events: Event[], state: State): Folded['ledger'] {
  const lines = events.flatMap((event) => post(event, state)?.lines ?? []);
  const accounts = [...new Set(lines.map((l) => l.account))].sort();
  const balanceOf = (account: string) =>
    lines.filter((l) => l.account === account).reduce((sum, l) => sum + l.amount, 0);
  return accounts
    .map((account) => ({ account, balance: balanceOf(account) }))
    .filter((line) => line.balance !== 0);
}

/** Nothing is stored here: journals, snapshot and timers are checked as they would be written. */
function invariants(events: Event[], state: State): Finding[] {
  return auditPayment({
    events,
    journals: events.map((event) => post(event, state)),
    snapshot: JSON.stringify(state),
    timers: timers(state).map((t) => `${t.kind} ${t.subject}`),
  });
}

function told(event: Event, currency: string): Folded['events'][number] {
  return { type: event.type, what: narrate(event, currency), provider_at: event.provider_at };
}

function sorted<T>(list: T[], by: (item: T) => string): T[] {
  return list.toSorted((a, b) => (by(a) < by(b) ? -1 : 1));
}

function textLines(f: Folded): string[] {
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency: f.currency });
  const side = (balance: number) => (balance < 0 ? 'credit' : 'debit ');
  return [
    `${f.status}  ${money(f.amount)}`,
    ...section(
      'Amounts',
      Object.entries(f.amounts).map(([name, n]) => `${name.padEnd(12)} ${money(n)}`),
    ),
    ...section(
      'Ledger',
      f.ledger.map((l) => `${l.account.padEnd(32)} ${side(l.balance)} ${money(Math.abs(l.balance))}`),
    ),
    ...section(
      'Movements',
      f.movements.map((m) => `${m.movement.padEnd(24)} ${m.kind.padEnd(9)} ${money(m.amount)}`),
    ),
    ...section(
      'Disputes',
      f.disputes.map((d) => `${d.dispute.padEnd(24)} ${d.status.padEnd(9)} ${money(d.amount)}`),
    ),
    ...section('What happened, in the order of the file', f.events.map(eventLine)),
    ...section('Told, but what it belongs to never was', f.waiting),
    ...section('For a person', [
      ...f.exceptions.map((x) => `${x.type.padEnd(24)} ${x.subject}`),
      ...(f.exceptions.some((x) => x.type.startsWith('unrequested_')) ? [UNREQUESTED] : []),
    ]),
    ...section(
      'Invariants',
      f.invariants.map((i) => `${i.holds ? 'holds ' : 'BROKEN'} ${i.name}${i.detail ? `: ${i.detail}` : ''}`),
    ),
  ];
}

const UNREQUESTED =
  '(The file holds no request of ours: each capture, refund and void in it counts as made at the provider.)';

function eventLine({ what, provider_at }: Folded['events'][number], index: number): string {
  return `${String(index + 1).padStart(3)}  ${(provider_at ?? '').padEnd(24)}  ${what}`;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
