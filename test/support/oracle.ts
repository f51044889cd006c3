/** What must hold whatever happened: our books equal the provider's, and every invariant of every payment. */

import type { Client, Payment } from './client.ts';
import type { Charge, Provider } from './provider.ts';

/** What is wrong with these payments, in sentences; nothing when all is well. */
export async function disagreements(
  client: Client,
  provider: Provider,
  payments: Payment[],
): Promise<string[]> {
  const found: string[] = [];
  for (const payment of payments) {
    found.push(...comparePayment(payment, await provider.charges(payment.id)));
    found.push(...(await brokenInvariants(client, payment.id)));
  }
  return found;
}

/** Our amounts beside those of the provider's charges for the payment. `books-agree` */
export function comparePayment(payment: Payment, charges: Charge[]): string[] {
  const sum = (pick: (charge: Charge) => number) =>
    charges.reduce((total, charge) => total + pick(charge), 0);
  const rows: [string, number, number][] = [
    ['authorized', payment.amount_authorized, sum((c) => c.authorized)],
    ['captured', payment.amount_captured, sum((c) => c.captured)],
    ['refunded', payment.amount_refunded, sum((c) => c.refunded)],
    ['capturable', payment.amount_capturable, sum((c) => held(c))],
  ];
  const wrong = rows.filter(([, ours, theirs]) => ours !== theirs);
  const told = wrong.map(([what, ours, theirs]) => `${payment.id}: ${what} ${ours} here, ${theirs} there`);
  const open = payment.pending_operations.map((o) => `${payment.id}: ${o.kind} ${o.id} is ${o.status}`);
  return [...told, ...open, ...moreThanOneCharge(payment, charges)];
}

/** However often it was tried, one charge at most may hold the customer's money in the end. */
function moreThanOneCharge(payment: Payment, charges: Charge[]): string[] {
  const holding = charges.filter((charge) => held(charge) > 0 || charge.captured > charge.refunded);
  return holding.length > 1 ? [`${payment.id}: ${holding.length} charges hold money`] : [];
}

/** Reserved and neither captured nor released. */
export function held(charge: Charge): number {
  const open = charge.status === 'authorized' || charge.status === 'partially_captured';
  return open ? Math.max(0, charge.authorized - charge.captured - charge.voided) : 0;
}

type Explanation = { invariants: { name: string; holds: boolean; detail: string | null }[] };

async function brokenInvariants(client: Client, payment: string): Promise<string[]> {
  const { status, body } = await client.get<Explanation>(`/v1/payments/${payment}/explain`);
  if (status !== 200 || body.invariants.length === 0) return [`${payment}: explain answered ${status}`];
  return body.invariants.filter((i) => !i.holds).map((i) => `${payment}: ${i.name}: ${i.detail}`);
}

type Account = { account: string; currency: string; balance: number };

/** The ledger of the whole merchant beside the sum of all charges. */
export async function ledgerDisagreements(client: Client, charges: Charge[]): Promise<string[]> {
  const { body } = await client.get<{ balanced: boolean; accounts: Account[] }>('/v1/ledger/trial-balance');
  const found = body.balanced ? [] : ['the trial balance does not balance'];
  for (const currency of new Set(charges.map((charge) => charge.currency))) {
    const own = charges.filter((charge) => charge.currency === currency);
    const sum = (pick: (charge: Charge) => number) => own.reduce((total, charge) => total + pick(charge), 0);
    const balance = (name: string) =>
      body.accounts.find((a) => a.account === name && a.currency === currency)?.balance ?? 0;
    const expected: [string, number][] = [
      ['provider_receivable:simulator', sum((c) => c.captured - c.refunded)],
      ['memo_authorized', sum(held)],
      ['refund_in_flight:simulator', 0],
    ];
    for (const [account, amount] of expected) {
      if (balance(account) !== amount)
        found.push(`${account} in ${currency} is ${balance(account)}, the provider's books say ${amount}`);
    }
  }
  return found;
}
