/** Stripe's addresses: which of them the simulator knows, and who may come in. */

import { refuse } from '../../problems.ts';
import type { Job, Question, Said, Simulator, WireRequest } from '../../simulator.ts';
import { createCustomer, retrieveCustomer } from './customers.ts';
import { errorReply, refuseInWords, said } from './errors.ts';
import { readRequest, type StripeRequest } from './request.ts';

type Handler = (request: StripeRequest, id: string) => Job | Question | Said;

const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/v1\/customers$/, createCustomer],
  ['GET', /^\/v1\/customers\/([^/]+)$/, retrieveCustomer],
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
