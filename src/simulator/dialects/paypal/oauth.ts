/** OAuth 2 with the client's own credentials: a token that says itself how long it is good. */

import { FOLLOWS } from '../../books.ts';
import type { Job, Said, Simulator, WireRequest } from '../../simulator.ts';
import { refused } from './errors.ts';
import { HOURS_MS, PAYPAL } from './request.ts';

const VALID_MS = 9 * HOURS_MS;
const PREFIX = 'A21AA';

/** Any client id and secret will do: the simulator has one account. */
export function issueToken(sim: Simulator, { headers, body }: WireRequest): Job | Said {
  const [, basic = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const [client = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':');
  if (client === '' || secret === '') return unauthorized('invalid_client', 'Client Authentication failed');
  if (new URLSearchParams(body).get('grant_type') !== 'client_credentials')
    return unauthorized('unsupported_grant_type', 'Grant Type is NULL');
  const { id, now } = sim.moment(PAYPAL);
  const operation = `token_${id('rr')}`;
  const order = {
    kind: 'prepare' as const,
    operation,
    charge: null,
    reference: null,
    tokenFault: null,
    execute: () => ({ charge: null, verdict: FOLLOWS }),
  };
  const token = { access_token: `${PREFIX}${(now + VALID_MS).toString(36)}`, token_type: 'Bearer' };
  const answer = () => ({
    status: 200,
    body: { scope: 'https://uri.paypal.com/services/payments', ...token, expires_in: VALID_MS / 1000 },
  });
  return { is: 'job', order, key: null, fingerprint: '', answer };
}

/** Null for a token that is good. */
export function refuseStranger(sim: Simulator, { headers }: WireRequest): Said | null {
  const [, token = ''] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const until = token.startsWith(PREFIX) ? Number.parseInt(token.slice(PREFIX.length), 36) : 0;
  if (until > sim.moment().now) return null;
  return refused(401, 'INVALID_TOKEN', 'The token is missing, was not issued here, or has expired.');
}

function unauthorized(error: string, error_description: string): Said {
  return { is: 'said', reply: { status: 401, body: { error, error_description } } };
}
