/** A look at the account: its merchant accounts, which anybody with good keys may see. */

import { clockDifferenceMs } from '../clock.ts';
import type { Probe } from '../port.ts';
import type { Account } from './account.ts';
import type { Call, Result } from './client.ts';
import { fieldsOf } from './transaction.ts';

const ROUTE = '/merchant_accounts';

const LIST: Call = { method: 'GET', path: ROUTE, route: ROUTE };

const find = (id: string): Call => ({
  method: 'GET',
  path: `${ROUTE}/${encodeURIComponent(id)}`,
  route: `${ROUTE}/{id}`,
});

/** Each merchant account settles in one currency: a payment that was sent to another one's is charged in that. */
export async function probe(
  ask: (call: Call) => Promise<Result>,
  { merchantAccounts }: Account,
  now: () => number,
): Promise<Probe> {
  const listed = readProbe(await ask(LIST), now());
  if (listed.credentials !== 'accepted') return listed;
  const contradictions: string[] = [];
  for (const [currency, id] of merchantAccounts) {
    const contradiction = contradictionOf(await ask(find(id)), currency);
    if (contradiction !== null) contradictions.push(`merchant_accounts, ${currency}=${id}: ${contradiction}`);
  }
  return { ...listed, contradictions };
}

function readProbe(result: Result, nowMs: number): Probe {
  if (result.kind === 'failed')
    return { credentials: 'not_known', clockDifferenceMs: null, detail: result.failure.reason };
  const { status, date } = result;
  const refused = status === 401 || status === 403;
  return {
    credentials: status === 200 ? 'accepted' : refused ? 'refused' : 'not_known',
    clockDifferenceMs: clockDifferenceMs(date, nowMs),
    detail: `GET ${ROUTE} answered ${status}`,
  };
}

function contradictionOf(result: Result, currency: string): string | null {
  if (result.kind === 'failed') return null;
  if (result.status === 404) return 'Braintree knows none of this name';
  const { currencyIsoCode: settles } = fieldsOf(result.root?.['merchantAccount']);
  return typeof settles === 'string' && settles !== currency ? `it settles in ${settles}` : null;
}
