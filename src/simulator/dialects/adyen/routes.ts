/** Adyen's addresses: which of them the simulator knows, and who may come in. */

import { refuse } from '../../problems.ts';
import type { Job, Question, Said, Simulator, WireRequest } from '../../simulator.ts';
import { errorReply, refuseInWords, said } from './errors.ts';
import { cancel, cancelByReference, capture, refund, reverse } from './modifications.ts';
import { createPayment, submitDetails } from './payments.ts';
import { type AdyenRequest, KEY_LENGTH, readRequest } from './request.ts';
import { deleteStored, listMethods, listStored } from './stored.ts';

type Handler = (request: AdyenRequest, id: string) => Job | Question | Said;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/payments$/, createPayment],
  ['POST', /^\/payments\/details$/, submitDetails],
  ['POST', /^\/payments\/([^/]+)\/captures$/, capture],
  ['POST', /^\/payments\/([^/]+)\/cancels$/, cancel],
  ['POST', /^\/payments\/([^/]+)\/refunds$/, refund],
  ['POST', /^\/payments\/([^/]+)\/reversals$/, reverse],
  ['POST', /^\/cancels$/, cancelByReference],
  ['POST', /^\/paymentMethods$/, listMethods],
  ['GET', /^\/storedPaymentMethods$/, listStored],
  ['DELETE', /^\/storedPaymentMethods\/([^/]+)$/, deleteStored],
];

/** Live accounts have a longer prefix than test accounts. */
const VERSION = /^(?:\/checkout)?\/v7[12](?=\/)/;

export function read(sim: Simulator, request: WireRequest): Job | Question | Said {
  if (!isAuthentic(request)) {
    return said(errorReply(401, '000', 'security', 'HTTP Status Response - Unauthorized'));
  }
  const path = VERSION.test(request.path) ? request.path.replace(VERSION, '') : '';
  const route = ROUTES.find(([method, known]) => method === request.method && known.test(path));
  if (route === undefined) return said(refuseInWords(refuse('no_such_route')));
  const asked = readRequest(sim, request);
  if (asked === null)
    return said(errorReply(400, '702', 'validation', 'Unexpected input: the body is no JSON object'));
  if ((asked.key ?? '').length > KEY_LENGTH) return said(refuseInWords(refuse('idempotency_key_missing')));
  const [, known, handler] = route;
  if (asked.merchantAccount === '' && handler !== submitDetails) {
    return said(errorReply(403, '901', 'security', 'Invalid Merchant Account'));
  }
  return handler(asked, known.exec(path)?.[1] ?? '');
}

/** Any key: the simulator has one account. One that begins with `wrong` is refused, so that this can be tried. */
function isAuthentic({ headers }: WireRequest): boolean {
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' && !key.startsWith('wrong');
}
