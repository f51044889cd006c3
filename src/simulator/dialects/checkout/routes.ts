/** Checkout.com's addresses: which of them the simulator knows, and who may come in. */

import { refuse } from '../../problems.ts';
import type { Job, Question, Said, Simulator, WireRequest } from '../../simulator.ts';
import { capture, refund, voidPayment } from './actions.ts';
import { invalid, refuseInWords, said } from './errors.ts';
import { createPayment, getActions, getPayment, listPayments } from './payments.ts';
import { type CheckoutRequest, readRequest } from './request.ts';

type Handler = (request: CheckoutRequest, id: string) => Job | Question | Said;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/payments$/, createPayment],
  ['GET', /^\/payments$/, listPayments],
  ['GET', /^\/payments\/([^/]+)$/, getPayment],
  ['GET', /^\/payments\/([^/]+)\/actions$/, getActions],
  ['POST', /^\/payments\/([^/]+)\/captures$/, capture],
  ['POST', /^\/payments\/([^/]+)\/voids$/, voidPayment],
  ['POST', /^\/payments\/([^/]+)\/refunds$/, refund],
];

export function read(sim: Simulator, request: WireRequest): Job | Question | Said {
  // Any secret key of a sandbox: the simulator has one account.
  if (!/^(Bearer )?sk_sbox_/.test(request.headers.authorization ?? ''))
    return said({ status: 401, body: null });
  const { method, path } = request;
  const route = ROUTES.find(([known, pattern]) => known === method && pattern.test(path));
  if (route === undefined) return said(refuseInWords(refuse('no_such_route')));
  const asked = readRequest(sim, request);
  const [, pattern, handler] = route;
  return asked === null ? invalid('request_body_malformed') : handler(asked, pattern.exec(path)?.[1] ?? '');
}
