/** The access token: had once, kept until shortly before its end, and fetched by one call however many wait for it. */

import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { formBody, type HttpClient, type HttpFailure, type HttpResult, readJson } from '../http.ts';
import type { Trace } from '../port.ts';
import { at, textAt } from './json.ts';

export type Credentials = { clientId: string; clientSecret: string };

export type Token =
  /** `date`: PayPal's clock, where the token was fetched just now. */
  | { ok: true; value: string; date: string | null }
  /** `refused`: the credentials are wrong, and no call will make them right. */
  | { ok: false; refused: boolean; reason: string; result: HttpResult };

export type Tokens = {
  get(trace: Trace, timeoutMs?: number): Promise<Token>;
  /** PayPal would not take it any more. */
  drop(value: string): void;
};

/** A token is renewed so long before its end: no call must be under way when that comes. */
const MARGIN_MS = 60_000;

export function createTokens(client: HttpClient, credentials: Credentials, world: World): Tokens {
  let kept: { value: string; untilMs: number } | null = null;
  let fetching: Promise<Token> | null = null;

  async function fetchToken(trace: Trace, timeoutMs: number): Promise<Token> {
    const result = await client.send({ ...requestOf(credentials), trace, timeoutMs });
    const read = readToken(result);
    if ('result' in read) return read;
    kept = { value: read.value, untilMs: world.now() + read.lifeMs - MARGIN_MS };
    return { ok: true, value: read.value, date: read.date };
  }

  return {
    get(trace, timeoutMs = LIMITS.provider.tokenTimeoutMs) {
      if (kept !== null && world.now() < kept.untilMs)
        return Promise.resolve({ ok: true, value: kept.value, date: null });
      fetching ??= fetchToken(trace, timeoutMs).finally(() => {
        fetching = null;
      });
      return fetching;
    },
    drop(value) {
      if (kept?.value === value) kept = null;
    },
  };
}

function requestOf({ clientId, clientSecret }: Credentials) {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const { headers, body } = formBody({ grant_type: 'client_credentials' });
  const path = '/v1/oauth2/token';
  return {
    method: 'POST' as const,
    path,
    route: path,
    headers: { ...headers, authorization: `Basic ${basic}` },
    body,
    key: 'access token',
  };
}

function readToken(
  result: HttpResult,
): Extract<Token, { ok: false }> | { value: string; lifeMs: number; date: string | null } {
  if (result.kind === 'failed') return { ok: false, refused: false, reason: result.failure.reason, result };
  const json = readJson(result.text);
  const value = textAt(json, 'access_token');
  const life = at(json, 'expires_in');
  if (result.status === 200 && value !== null && /^[\x21-\x7e]+$/.test(value) && typeof life === 'number')
    return { value, lifeMs: life * 1000, date: result.headers['date'] ?? null };
  const refused = result.status === 401 || result.status === 403;
  return { ok: false, refused, reason: textAt(json, 'error') ?? `http_${result.status}`, result };
}

/** Without a token nothing was asked of PayPal but the token itself. */
export function notBegun({ reason }: Extract<Token, { ok: false }>): HttpFailure {
  return { kind: 'not_sent', evidence: 'not_begun', reason: `no access token: ${reason}` };
}
