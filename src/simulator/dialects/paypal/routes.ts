/** PayPal's addresses: which of them the simulator knows, and who may come in. */

import { refuse } from '../../problems.ts';
import type { Job, Question, Said, Simulator, WireRequest } from '../../simulator.ts';
import { certificateFile, checkSignature } from './certificates.ts';
import { refused, refuseInWords } from './errors.ts';
import { getEvent, listEvents } from './events.ts';
import { issueToken, refuseStranger } from './oauth.ts';
import { completeOrder, createOrder, getOrder } from './orders.ts';
import {
  captureAuthorization,
  getAuthorization,
  getCapture,
  getRefund,
  refundCapture,
  voidAuthorization,
} from './payments.ts';
import { type PayPalRequest, readRequest } from './request.ts';

type Handler = (request: PayPalRequest, id: string) => Job | Question | Said;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/v2\/checkout\/orders$/, createOrder],
  ['GET', /^\/v2\/checkout\/orders\/([^/]+)$/, getOrder],
  [
    'POST',
    /^\/v2\/checkout\/orders\/([^/]+)\/authorize$/,
    (request, id) => completeOrder(request, id, 'AUTHORIZE'),
  ],
  [
    'POST',
    /^\/v2\/checkout\/orders\/([^/]+)\/capture$/,
    (request, id) => completeOrder(request, id, 'CAPTURE'),
  ],
  ['GET', /^\/v2\/payments\/authorizations\/([^/]+)$/, getAuthorization],
  ['POST', /^\/v2\/payments\/authorizations\/([^/]+)\/capture$/, captureAuthorization],
  ['POST', /^\/v2\/payments\/authorizations\/([^/]+)\/void$/, voidAuthorization],
  ['GET', /^\/v2\/payments\/captures\/([^/]+)$/, getCapture],
  ['POST', /^\/v2\/payments\/captures\/([^/]+)\/refund$/, refundCapture],
  ['GET', /^\/v2\/payments\/refunds\/([^/]+)$/, getRefund],
  ['GET', /^\/v1\/notifications\/webhooks-events$/, listEvents],
  ['GET', /^\/v1\/notifications\/webhooks-events\/([^/]+)$/, getEvent],
  ['POST', /^\/v1\/notifications\/verify-webhook-signature$/, checkSignature],
];

const LONGEST_REQUEST_ID = 108;

export function read(sim: Simulator, request: WireRequest): Job | Question | Said {
  const { method, path, headers } = request;
  if (method === 'POST' && path === '/v1/oauth2/token') return issueToken(sim, request);
  const certificate = method === 'GET' ? certificateFile(sim, path) : null;
  if (certificate !== null) return certificate;
  const stranger = refuseStranger(sim, request);
  if (stranger !== null) return stranger;
  const route = ROUTES.find(([m, pattern]) => m === method && pattern.test(path));
  if (route === undefined) return { is: 'said', reply: refuseInWords(refuse('no_such_route')) };
  const asked = readRequest(sim, request);
  if (asked === null) return refused(400, 'MALFORMED_REQUEST_JSON', 'The request JSON is not well formed.');
  if ((asked.requestId?.length ?? 0) > LONGEST_REQUEST_ID)
    return refused(400, 'INVALID_STRING_MAX_LENGTH', 'PayPal-Request-Id has more than 108 characters.');
  const mocked = mockedIssue(headers['paypal-mock-response']);
  if (mocked !== null && method === 'POST') return refused(422, mocked, 'Asked for by PayPal-Mock-Response.');
  const [, pattern, handler] = route;
  return handler(asked, pattern.exec(path)?.[1] ?? '');
}

/** What the sandbox is asked to answer: https://developer.paypal.com/tools/sandbox/negative-testing/ */
function mockedIssue(header: string | string[] | undefined): string | null {
  const [, issue = null] = /"mock_application_codes"\s*:\s*"([A-Z_]{1,80})"/.exec(String(header ?? '')) ?? [];
  return issue;
}
