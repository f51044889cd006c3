/** Every operation with good and hostile requests, each answer judged: no 5xx, no secret, no answer without bounds. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { signed } from '../support/webhooks.ts';
import { badRequest, type Drafted, FRESH_KEY, goodRequest } from './requests.ts';
import { EXISTING, type Known } from './schema-values.ts';
import type { Operation } from './surface.ts';
import { type Answer, type Outgoing, PERSONAL, type Target } from './target.ts';

export type Seen = { sent: number; accepted: number; refused: number };
export type Coverage = Map<string, Seen>;

/** What exists by now, by the prefix of its id: the last so many of each. */
export type Resources = Map<string, string[]>;

const KEPT = 100;
const MOST_BYTES = 2 * 1024 * 1024;

/** Those that keep the provider waiting are for other tests. */
const TOKEN = fc.constantFrom(
  ...['approve', 'approve', 'decline_do_not_honor', '3ds', 'pending_then_approve', 'wrong_amount'].map(
    (name) => `tok_${name}`,
  ),
);

/** What the description cannot tell. */
export const KNOWN: Known = {
  token: TOKEN,
  payment_method: fc.oneof(
    { weight: 5, arbitrary: TOKEN.map((token) => ({ type: 'card', token })) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constantFrom('ideal', 'apple_pay', 'sepa_debit'), token: TOKEN }),
    },
  ),
  provider_account: fc.constantFrom('default', 'default', 'nowhere'),
  url: fc.constantFrom('https://example.com/hooks', 'https://example.org/a?b=c'),
  name: fc.constant(PERSONAL),
  provider: fc.constant('simulator'),
};

export type Fuzzing = {
  target: Target;
  resources: Resources;
  coverage: Coverage;
  runs: number;
  seed: number;
};

/** Throws with the smallest request that misbehaves, as fast-check finds it. */
export async function fuzzOperation(fuzzing: Fuzzing, operation: Operation): Promise<void> {
  const { runs, seed } = fuzzing;
  const good = goodRequest(operation, KNOWN);
  const drafted = fc.oneof(good, badRequest(operation, KNOWN));
  await fc.assert(
    fc.asyncProperty(drafted, (draft) => once(fuzzing, operation, draft)),
    { numRuns: runs, seed, endOnFailure: process.env['FUZZ_QUICK'] === '1' },
  );
}

async function once({ target, resources, coverage }: Fuzzing, operation: Operation, draft: Drafted) {
  const outgoing = outgoingOf(operation, draft, resources, target);
  const answer = await target.send(outgoing);
  note(coverage, operation.id, answer.status);
  if (answer.status < 300) gather(resources, answer.text);
  const wrong = [...judge(answer, operation, outgoing, target.secrets), ...target.complaints()];
  if (wrong.length > 0)
    throw new Error(
      `${outgoing.method} ${outgoing.path.slice(0, 300)} → ${answer.status}: ${wrong.join('\n')}`,
    );
}

function outgoingOf(operation: Operation, draft: Drafted, resources: Resources, target: Target): Outgoing {
  const settle = (text: string) =>
    text.replaceAll(EXISTING, (_, prefix: string, n: string) => {
      const some = resources.get(prefix) ?? [];
      return some[Number(n) % Math.max(1, some.length)] ?? `${prefix}_01k3h9v7w2e4r8t0y6n5m1q3za`;
    });
  const encoded = (value: unknown) => encodeURIComponent(settle(String(value)).toWellFormed());
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(draft.path[name]));
  const query = draft.query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  const body = bodyOf(draft, settle);
  const isJson = draft.body.kind !== 'none';
  const own =
    operation.id === 'providerWebhook' && body ? signed(`msg_${randomUUID()}`, body.toString()).headers : {};
  const headers: Record<string, string> = {
    ...(operation.path.startsWith('/v1') && {
      authorization: `Bearer ${operation.platform ? target.platformKeys[1] : target.secretKey}`,
    }),
    ...(isJson && { 'content-type': 'application/json' }),
    ...own,
    ...draft.headers,
  };
  if (headers['idempotency-key'] === FRESH_KEY) headers['idempotency-key'] = randomUUID();
  return { method: operation.method, path: query === '' ? path : `${path}?${query}`, headers, body };
}

function bodyOf({ body }: Drafted, settle: (text: string) => string): Buffer | null {
  switch (body.kind) {
    case 'none':
      return null;
    case 'raw':
      return Buffer.from(body.bytes, 'latin1');
    case 'json':
      return Buffer.from(settle(JSON.stringify(body.value) ?? ''));
    default:
      return body satisfies never;
  }
}

/** Asked for by the operation itself: a secret that is shown this once. */
const TELLS_SECRET = ['createWebhookEndpoint', 'rotateWebhookSecret'];

function judge(
  answer: Answer,
  operation: Operation,
  { body }: Outgoing,
  secrets: readonly string[],
): string[] {
  const { status, text, type } = answer;
  const wrong: string[] = [];
  if (status >= 500 || status < 200) wrong.push(`answered ${text.slice(0, 500)}`);
  if (text.length > MOST_BYTES) wrong.push(`${text.length} bytes of answer`);
  if (status >= 400 && !type.startsWith('application/problem+json') && !type.startsWith('text/html'))
    wrong.push(`an error as ${type}`);
  for (const secret of secrets)
    if (text.includes(secret)) wrong.push(`the answer holds ${secret.slice(0, 12)}…`);
  if (text.includes('whsec_') && !TELLS_SECRET.includes(operation.id) && !documents(operation))
    wrong.push('the answer holds a webhook secret');
  if (/\n\s+at .*:\d+:\d+|node_modules|\/src\/[a-z]+\/\S+\.ts/.test(text))
    wrong.push('the answer holds a stack');
  const token = /tok_[a-z0-9_]+/.exec(body?.toString() ?? '')?.[0];
  if (token && text.includes(token)) wrong.push('the answer holds the token of the payment method');
  return wrong;
}

/** Descriptions tell what a secret looks like. */
function documents({ path }: Operation): boolean {
  return path.startsWith('/docs') || path === '/openapi.json';
}

function note(coverage: Coverage, id: string, status: number): void {
  const seen = coverage.get(id) ?? { sent: 0, accepted: 0, refused: 0 };
  seen.sent += 1;
  if (status < 400) seen.accepted += 1;
  else seen.refused += 1;
  coverage.set(id, seen);
}

export function gather(resources: Resources, text: string): void {
  for (const [id, prefix = ''] of text.matchAll(/\b([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g)) {
    const some = resources.get(prefix) ?? [];
    if (!some.includes(id)) some.push(id);
    resources.set(prefix, some.slice(-KEPT));
  }
}

const LINE = 'GET /health/live HTTP/1.1\r\n';
const NO_HTTP = [
  '\r\n\r\n\r\n',
  '\0\0\0\0',
  'GET / HTTP/9.9\r\n\r\n',
  'BREW /v1/payments HTTP/1.1\r\nHost: a\r\n\r\n',
  `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  `${LINE}Host: a\r\n${Array.from({ length: 3_000 }, (_, n) => `x-${n}: ${'y'.repeat(50)}\r\n`).join('')}\r\n`,
  `${LINE}\r\n`,
  `${LINE}Host: a\r\nHost: b\r\n\r\n`,
  'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /v1/payments/%FF%FE HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://elsewhere.example/v1/payments HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /v1/payments HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /v1/payments HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'POST /v1/payments HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'POST /v1/payments HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'POST /webhooks/simulator/default HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /health/live HTTP/1.1\r\nHost: a\r\nx: a\rb\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /docs/static/..%2f..%2f..%2fpackage.json HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /docs/static/../../../package.json HTTP/1.1\r\nHost: a\r\n\r\n',
];

/** What is no HTTP, or hardly: refused or cut off, never served, never a failure of ours. */
export async function fuzzBytes(target: Target): Promise<void> {
  for (const bytes of NO_HTTP) {
    const answer = await target.sendRaw(bytes);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 400);
    const leaks =
      answer.includes('"dependencies"') || target.secrets.some((secret) => answer.includes(secret));
    const complaints = target.complaints();
    if (status >= 500 || leaks || complaints.length > 0)
      throw new Error(
        `${JSON.stringify(bytes.slice(0, 200))} → ${answer.slice(0, 500)} ${complaints.join('\n')}`,
      );
  }
}
