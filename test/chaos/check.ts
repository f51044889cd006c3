/** Once all is quiet: what the clients were told, what we say now, and what the provider's books say. */

import type { Client, Payment, Refund } from '../support/client.ts';
import { disagreements, held, ledgerDisagreements } from '../support/oracle.ts';
import type { Charge, Provider } from '../support/provider.ts';
import type { History, Step } from './history.ts';

export async function check(api: Client, provider: Provider, history: History): Promise<string[]> {
  const payments = await api.payments();
  const charges = await provider.charges();
  const byId = new Map(payments.map((payment) => [payment.id, payment]));
  return [
    ...history.steps.flatMap(oneAnswer),
    ...history.steps.flatMap(refusedWrongly),
    ...onePaymentForEachKey(history, payments),
    ...orphans(charges, byId),
    ...movementsMadeTwice(charges),
    ...forgotten(history, byId),
    ...history.steps.flatMap((step) => voidsThatHold(step, byId)),
    ...(await lostRefunds(api, history)),
    ...(await sums(api, history, payments)),
    ...unexplained(history, byId),
    ...(await disagreements(api, provider, payments)),
    ...(await ledgerDisagreements(api, charges)),
  ];
}

/** `one-key-one-effect`: whoever asks again hears the very same. */
function oneAnswer({ kind, key, answers }: Step): string[] {
  if (answers.length === 0) return [`${kind} ${key} never got an answer`];
  return new Set(answers.map((a) => `${a.status} ${a.text}`)).size === 1
    ? []
    : [`${kind} ${key} got different answers: ${answers.map((a) => `${a.status} ${a.text}`).join(' | ')}`];
}

/** Every request was well-formed and about a payment that exists. */
function refusedWrongly({ kind, key, answers }: Step): string[] {
  const [answer] = answers;
  return answer &&
    ([400, 401, 403, 404].includes(answer.status) || answer.text.includes('idempotency_key_reused'))
    ? [`${kind} ${key} was refused: ${answer.text}`]
    : [];
}

function onePaymentForEachKey({ steps }: History, payments: Payment[]): string[] {
  const made = steps
    .filter((step) => step.kind === 'sale' || step.kind === 'reserve')
    .map((step) => step.payment);
  const found = [];
  if (new Set(made).size !== made.length) found.push('two keys made one payment');
  const known = new Set(made);
  for (const { id } of payments)
    if (!known.has(id)) found.push(`nobody was told of ${id}: its key made two payments`);
  return found;
}

function orphans(charges: Charge[], payments: Map<string, Payment>): string[] {
  return charges
    .filter(
      (charge) => !payments.has(charge.reference) && (held(charge) > 0 || charge.captured > charge.refunded),
    )
    .map((charge) => `charge ${charge.provider_reference} holds money and is of no payment`);
}

function movementsMadeTwice(charges: Charge[]): string[] {
  const operations = charges
    .flatMap((c) => [...c.captures, ...c.refunds])
    .map((movement) => movement.operation)
    .filter((operation) => operation !== null);
  const doubled = operations.filter((operation, n) => operations.indexOf(operation) !== n);
  return doubled.map((operation) => `operation ${operation} moved money twice`);
}

/** `acknowledged-is-durable`: what was once told to be captured or given back still is. */
function forgotten({ seen }: History, payments: Map<string, Payment>): string[] {
  return seen.flatMap(({ payment, captured, refunded }) => {
    const now = payments.get(payment);
    if (!now) return [`${payment} was acknowledged and is gone`];
    return now.amount_captured < captured || now.amount_refunded < refunded
      ? [`${payment} was captured ${captured}, refunded ${refunded}, and is no more`]
      : [];
  });
}

function voidsThatHold({ kind, payment, answers }: Step, payments: Map<string, Payment>): string[] {
  if (kind !== 'void' || (answers[0]?.status ?? 500) >= 300 || payment === null) return [];
  const now = payments.get(payment);
  const holds = now && (now.amount_capturable > 0 || now.amount_captured > now.amount_refunded);
  return holds ? [`${payment} was voided and holds money: ${now.status}`] : [];
}

/** A refund that was acknowledged as made is made; one that was pending has come to an end. */
async function lostRefunds(api: Client, { steps }: History): Promise<string[]> {
  const found: string[] = [];
  for (const { kind, amount, answers } of steps) {
    const [answer] = answers;
    if (kind !== 'refund' || !answer || answer.status >= 300) continue;
    const told = JSON.parse(answer.text) as Refund;
    const { body: now } = await api.get<Refund>(`/v1/refunds/${told.id}`);
    const kept = told.status === 'pending' ? now.status !== 'pending' : now.status === told.status;
    if (!kept || now.amount !== amount)
      found.push(`refund ${told.id} was ${told.status}, is ${now.status} of ${now.amount}`);
  }
  return found;
}

/**
 * Captures and refunds, added up, are what the payment says. Refunds that no client was told of are those of the
 * dashboard: others would be somebody's effect twice.
 */
async function sums(api: Client, { steps, dashboard }: History, payments: Payment[]): Promise<string[]> {
  const told = new Set(
    steps.flatMap(({ kind, answers }) => {
      const [answer] = answers;
      return kind === 'refund' && answer && answer.status < 300
        ? [(JSON.parse(answer.text) as Refund).id]
        : [];
    }),
  );
  const found: string[] = [];
  for (const payment of payments) {
    const refunds = await Promise.all(payment.refunds.map((id) => api.get<Refund>(`/v1/refunds/${id}`)));
    const captures = await Promise.all(payment.captures.map((id) => api.get<Refund>(`/v1/captures/${id}`)));
    const made = succeeded(refunds.map(({ body }) => body));
    if (total(made) !== payment.amount_refunded)
      found.push(`${payment.id}: refunds of ${total(made)} make amount_refunded ${payment.amount_refunded}`);
    const strangers = amountsOf(made.filter(({ id }) => !told.has(id)));
    const elsewhere = amountsOf(dashboard.filter((one) => one.payment === payment.id));
    if (strangers !== elsewhere)
      found.push(
        `${payment.id}: refunds [${strangers}] that nobody was told of; the dashboard made [${elsewhere}]`,
      );
    const captured = total(succeeded(captures.map(({ body }) => body)));
    if (captured !== payment.amount_captured)
      found.push(`${payment.id}: captures of ${captured} make amount_captured ${payment.amount_captured}`);
  }
  return found;
}

function succeeded(movements: Refund[]): Refund[] {
  return movements.filter(({ status }) => status === 'succeeded');
}

function amountsOf(movements: { amount: number }[]): string {
  const amounts = movements.map(({ amount }) => amount);
  return amounts.toSorted((a, b) => a - b).join(', ');
}

function total(movements: { amount: number }[]): number {
  return movements.reduce((sum, { amount }) => sum + amount, 0);
}

/** `unknown-needs-evidence`: what was answered with "not known yet" has come to an end, and the payment tells which. */
function unexplained({ steps }: History, payments: Map<string, Payment>): string[] {
  return steps.flatMap(({ kind, key, payment, answers }) => {
    if (answers[0]?.status !== 202 || payment === null) return [];
    const now = payments.get(payment);
    const open = now?.status === 'processing' || (now?.pending_operations.length ?? 1) > 0;
    return open ? [`${kind} ${key} was not known yet and still is not: ${payment} is ${now?.status}`] : [];
  });
}
