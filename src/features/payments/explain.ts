/**
 * One document that answers for a payment: what to tell the customer, what happened here and why, what the
 * provider was asked and said, where the money is, and which invariants were checked for it.
 */

import { fromUuid, toUuid } from '../../core/ids.ts';
import type { ProviderCall } from '../../core/outcome.ts';
import { isUnresolved } from '../../core/payment/state.ts';
import { amounts, mainAttempt } from '../../core/payment/summary.ts';
import type { Event, State } from '../../core/payment.ts';
import { query } from '../../db/pool.ts';
import { DELIVERIES_OF_PAYMENT, type ToldRow } from '../../db/statements/inbox.ts';
import { type EventRow, JOURNALS_OF_PAYMENT, type JournalRow } from '../../db/statements/payments.ts';
import { auditStored, eventOf, linesOf } from '../../flow/audit.ts';
import type { Loaded } from '../../flow/stream.ts';
import { LIMITS } from '../../ops/limits.ts';
import { customerView } from './customer.ts';
import { narrate } from './narrate.ts';
import { presentPayment } from './present.ts';
import { allEvents, besideOf, findPayment } from './reads.ts';
import type { RequestDeps } from './requests.ts';
import type { Principal, Reply } from './types.ts';

export async function explain(deps: RequestDeps, principal: Principal, payment: string): Promise<Reply> {
  const loaded = await findPayment(deps, principal, payment);
  if (!loaded) return deps.problem('payment_not_found');
  const id = toUuid(payment);
  const [rows, journals, told] = await Promise.all([
    allEvents(deps, payment),
    query<JournalRow>(deps.pool, JOURNALS_OF_PAYMENT, [id]),
    query<ToldRow>(deps.pool, DELIVERIES_OF_PAYMENT, [id, LIMITS.http.explainedDeliveries]),
  ]);
  return { status: 200, body: document(loaded, { rows, journals, told }, deps.chainKey) };
}

type Found = { rows: EventRow[]; journals: JournalRow[]; told: ToldRow[] };

function document(loaded: Loaded, { rows, journals, told }: Found, chainKey: Buffer): object {
  const { state, version, head } = loaded.position;
  // What was committed after the snapshot was read is left to the next look.
  const seen = rows.slice(0, version);
  const ids = new Set(seen.map((row) => row.id));
  const posted = journals.filter((j) => ids.has(j.event_id));
  const snapshot = { state: JSON.stringify(state), version, head, id: toUuid(loaded.payment) };
  return {
    object: 'explanation',
    payment: presentPayment(state, besideOf(loaded)),
    customer: customerView(state),
    internal: seen.map((row) => internalView(row, state, told)),
    provider: seen.flatMap(providerView),
    webhooks: told.map(webhookView),
    money: moneyView(state, posted),
    waiting: waitingView(loaded),
    invariants: auditStored(
      { events: seen, journals: posted, snapshot, currency: state.currency, timers: loaded.timers },
      chainKey,
    ),
  };
}

function internalView(row: EventRow, state: State, told: ToldRow[]): object {
  return {
    version: row.version,
    event: fromUuid('event', row.id),
    type: row.type,
    what: narrate(eventOf(row), state.currency),
    provider_at: row.provider_at,
    received_at: row.received_at,
    recorded_at: row.recorded_at,
    correlation: row.correlation,
    told_by: toldBy(row, told),
  };
}

/** The provider's webhook that an event came of; null also where that is not kept any more. */
function toldBy({ received_at, ...row }: EventRow, told: ToldRow[]): string | null {
  const { data } = eventOf({ received_at, ...row });
  if (received_at === null || ('call' in data && data.call !== null)) return null;
  const webhook = told.find((one) => Date.parse(one.received_at) === Date.parse(received_at));
  return webhook ? fromUuid('webhook', webhook.id) : null;
}

function webhookView({ id, provider, account, event_id, received_at, state }: ToldRow): object {
  return { id: fromUuid('webhook', id), provider, account, event_id, received_at, state };
}

function providerView(row: EventRow): object[] {
  const event: Event = eventOf(row);
  const call: ProviderCall | null = 'call' in event.data ? event.data.call : null;
  if (call === null) return [];
  const operation = 'operation' in event.data ? event.data.operation : null;
  const outcome = event.type === 'call_recorded' ? event.data.outcome : event.type;
  return [{ operation, ...call, outcome, told_by_event: row.version }];
}

function moneyView(state: State, journals: JournalRow[]): object {
  const lines = journals.flatMap(linesOf);
  const accounts = [...new Set(lines.map((line) => line.account))].sort();
  const balances = accounts.map((account) => ({
    account,
    balance: lines.filter((l) => l.account === account).reduce((sum, l) => sum + l.amount, 0),
  }));
  return {
    currency: state.currency,
    amounts: amounts(state),
    journals: journals.map((j) => ({
      id: fromUuid('event', j.event_id),
      rule: j.rule,
      rule_version: j.rule_version,
      recorded_at: j.recorded_at,
      entries: linesOf(j),
    })),
    balances,
    /** Accounts that should return to zero and have not yet. */
    open: balances.filter((b) => b.balance !== 0 && OPEN_ACCOUNTS.test(b.account)),
  };
}

const OPEN_ACCOUNTS =
  /^(refund_in_flight|provider_receivable|dispute_receivable|merchant_dispute_hold|memo_authorized)(:|$)/;

function waitingView({ position, timers }: Loaded): object[] {
  const { state } = position;
  return timers.map((timer) => {
    const operation = state.operations.find((o) => toUuid(o.id) === timer.subject && isUnresolved(o));
    return {
      for: operation ? `the outcome of ${operation.kind} ${operation.id}` : WAITING[timer.kind],
      since: new Date(timer.created_at).toISOString(),
      next_at: new Date(timer.due_at).toISOString(),
      tries: timer.tries,
      last_result: timer.last_result,
      ...(mainAttempt(state)?.provider ? { provider: mainAttempt(state)?.provider } : {}),
    };
  });
}

const WAITING: Readonly<Record<string, string>> = {
  action: 'the customer to finish the challenge',
  unpaid: 'somebody to pay; then the payment is given up',
  authorization: 'a capture or void; then the provider is asked whether the authorisation still stands',
  waiting: 'what a fact of the provider belongs to; then a person is told',
};
