/** Braintree's addresses: which of them the simulator knows, and who may come in. */

import type { Job, Question, Said, Simulator, WireRequest } from '../../simulator.ts';
import { refundTransaction, submit, submitPart, voidTransaction } from './changes.ts';
import { findDispute } from './disputes.ts';
import { bare, said } from './errors.ts';
import { findTransaction } from './find.ts';
import { merchantAccount, merchantAccounts } from './merchant.ts';
import { type BraintreeRequest, ok, question, readRequest } from './request.ts';
import { sell } from './sales.ts';
import { searchIds, searchPage } from './search.ts';
import { settleBy } from './settling.ts';
import { createCustomer, createMethod, findMethod } from './vault.ts';
import { transactionView } from './view.ts';

type Handler = (request: BraintreeRequest) => Job | Question | Said;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/transactions$/, sell],
  ['POST', /^\/transactions\/advanced_search_ids$/, searchIds],
  ['POST', /^\/transactions\/advanced_search$/, searchPage],
  ['GET', /^\/transactions\/([a-zA-Z0-9_-]+)$/, show],
  ['PUT', /^\/transactions\/([a-zA-Z0-9_-]+)\/submit_for_settlement$/, submit],
  ['POST', /^\/transactions\/([a-zA-Z0-9_-]+)\/submit_for_partial_settlement$/, submitPart],
  ['PUT', /^\/transactions\/([a-zA-Z0-9_-]+)\/void$/, voidTransaction],
  ['POST', /^\/transactions\/([a-zA-Z0-9_-]+)\/refund$/, refundTransaction],
  ['PUT', /^\/transactions\/([a-zA-Z0-9_-]+)\/settle$/, settleBy(false)],
  ['PUT', /^\/transactions\/([a-zA-Z0-9_-]+)\/settlement_decline$/, settleBy(true)],
  ['POST', /^\/customers$/, createCustomer],
  ['POST', /^\/payment_methods$/, createMethod],
  ['GET', /^\/payment_methods\/any\/([a-zA-Z0-9_-]+)$/, findMethod],
  ['GET', /^\/disputes\/([a-zA-Z0-9_-]+)$/, findDispute],
  ['GET', /^\/merchant_accounts$/, merchantAccounts],
  ['GET', /^\/merchant_accounts\/([a-zA-Z0-9_-]+)$/, merchantAccount],
];

export function read(sim: Simulator, request: WireRequest): Job | Question | Said {
  const [, path = ''] = /^\/merchants\/[a-zA-Z0-9_-]+(\/.*)$/.exec(request.path) ?? [];
  if (!isAuthentic(request)) return said(bare(401));
  const route = ROUTES.find(([method, pattern]) => method === request.method && pattern.test(path));
  if (route === undefined) return said(bare(404));
  const [, pattern, handler] = route;
  const asked = readRequest(sim, request, pattern.exec(path)?.[1] ?? '');
  return asked === null ? said(bare(400)) : handler(asked);
}

function show({ sim, id, now }: BraintreeRequest): Question | Said {
  const found = findTransaction(sim, id);
  if (found === null) return said(bare(404));
  return question(id, found.charge, () => ok(200, 'transaction', transactionView(found, now)));
}

/** Any public key that is not said to be a live one: the simulator has one merchant. */
function isAuthentic({ headers }: WireRequest): boolean {
  const [, value = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return /^\w+:\w+$/.test(Buffer.from(value, 'base64').toString());
}
