/** Stripe's addresses: which of them the simulator knows, and who may come in. */

import { refuse } from '../../problems.ts';
import type { Job, Question, Said, Simulator, WireRequest } from '../../simulator.ts';
import { createCustomer, retrieveCustomer } from './customers.ts';
import { errorReply, refuseInWords, said } from './errors.ts';
import {
  listEvents,
  listTransactions,
  retrieveBalance,
  retrieveEvent,
  retrieveTransaction,
} from './history.ts';
import { cancelIntent, captureIntent } from './intent-actions.ts';
import { confirmIntent, createIntent, updateIntent } from './intents.ts';
import { listCharges, listIntents, retrieveCharge, retrieveIntent, searchIntents } from './lookups.ts';
import { attachMethod, createMethod, detachMethod, listMethods, retrieveMethod } from './methods-api.ts';
import { createRefund, listDisputes, listRefunds, retrieveDispute, retrieveRefund } from './refunds.ts';
import { readRequest, type StripeRequest } from './request.ts';

type Handler = (request: StripeRequest, id: string) => Job | Question | Said;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/v1\/customers$/, createCustomer],
  ['GET', /^\/v1\/customers\/([^/]+)$/, retrieveCustomer],
  ['GET', /^\/v1\/customers\/([^/]+)\/payment_methods$/, listMethods],
  ['POST', /^\/v1\/payment_methods$/, createMethod],
  ['GET', /^\/v1\/payment_methods$/, (request) => listMethods(request, '')],
  ['GET', /^\/v1\/payment_methods\/([^/]+)$/, retrieveMethod],
  ['POST', /^\/v1\/payment_methods\/([^/]+)\/attach$/, attachMethod],
  ['POST', /^\/v1\/payment_methods\/([^/]+)\/detach$/, detachMethod],
  ['POST', /^\/v1\/payment_intents$/, createIntent],
  ['GET', /^\/v1\/payment_intents$/, listIntents],
  ['GET', /^\/v1\/payment_intents\/search$/, searchIntents],
  ['GET', /^\/v1\/payment_intents\/([^/]+)$/, retrieveIntent],
  ['POST', /^\/v1\/payment_intents\/([^/]+)$/, updateIntent],
  ['POST', /^\/v1\/payment_intents\/([^/]+)\/confirm$/, confirmIntent],
  ['POST', /^\/v1\/payment_intents\/([^/]+)\/capture$/, captureIntent],
  ['POST', /^\/v1\/payment_intents\/([^/]+)\/cancel$/, cancelIntent],
  ['GET', /^\/v1\/charges$/, listCharges],
  ['GET', /^\/v1\/charges\/([^/]+)$/, retrieveCharge],
  ['POST', /^\/v1\/refunds$/, createRefund],
  ['GET', /^\/v1\/refunds$/, listRefunds],
  ['GET', /^\/v1\/refunds\/([^/]+)$/, retrieveRefund],
  ['GET', /^\/v1\/disputes$/, listDisputes],
  ['GET', /^\/v1\/disputes\/([^/]+)$/, retrieveDispute],
  ['GET', /^\/v1\/balance$/, retrieveBalance],
  ['GET', /^\/v1\/balance_transactions$/, listTransactions],
  ['GET', /^\/v1\/balance_transactions\/([^/]+)$/, retrieveTransaction],
  ['GET', /^\/v1\/events$/, listEvents],
  ['GET', /^\/v1\/events\/([^/]+)$/, retrieveEvent],
];

export function read(sim: Simulator, request: WireRequest): Job | Question | Said {
  if (!isAuthentic(request)) return unauthorized();
  const route = ROUTES.find(([method, path]) => method === request.method && path.test(request.path));
  if (route === undefined) return said(refuseInWords(refuse('no_such_route')));
  const [, path, handler] = route;
  const asked = readRequest(sim, request);
  if (asked === null) return said(refuseInWords(refuse('too_large')));
  const key = asked.key ?? '';
  if (key.length > 255) return said(refuseInWords(refuse('idempotency_key_missing')));
  return handler(asked, path.exec(request.path)?.[1] ?? '');
}

/** Any secret key of a test account: the simulator has one account. */
function isAuthentic({ headers }: WireRequest): boolean {
  const [, scheme, value = ''] = /^(Bearer|Basic) (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const key =
    scheme?.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString().split(':')[0] : value;
  return /^[sr]k_test_\w+$/.test(key ?? '');
}

/** The key is not repeated: it may be a real one that went astray. */
function unauthorized(): Said {
  const message = 'Invalid API key provided: the simulator takes any that begins with sk_test_ or rk_test_.';
  return said(errorReply(401, { type: 'invalid_request_error', message }));
}
