/** Who is told of what happens, by webhook, and what was told. */

import { type Endpoint, endOfMoves } from '../books.ts';
import {
  type AdminRequest,
  type Field,
  integer,
  isRefusal,
  optional,
  read,
  text,
  webAddress,
} from '../input.ts';
import { record } from '../keeping.ts';
import { type Refusal, refuse } from '../problems.ts';
import type { Simulator } from '../simulator.ts';
import { problem, type Reply } from '../view.ts';
import { pendingOf } from './outbox.ts';
import { plainLetters } from './plain.ts';

const MAX_ENDPOINTS = 10;
const MAX_SECRET = 8_192;
const PAGE = 1_000;

/** Null where there is no such route. */
export function handleWebhooks(sim: Simulator, { method, path, query, body }: AdminRequest): Reply | null {
  switch (`${method} ${path}`) {
    case 'GET /webhook-endpoints':
      return ok({ endpoints: [...sim.books.endpoints.values()].map((one) => endpointView(sim, one)) });
    case 'POST /webhook-endpoints':
      return add(sim, body);
    case 'POST /webhooks/pause':
      return pause(sim, true);
    case 'POST /webhooks/resume':
      return pause(sim, false);
    case 'GET /webhooks/log':
      return readLog(sim, query);
    default:
      return method === 'DELETE' ? remove(sim, path) : null;
  }
}

/** Told of what happens from now on. An address that is known gets the secret and keeps its place. */
export function register(
  sim: Simulator,
  { dialect: name, ...input }: { url: string; secret: string; dialect?: string | null },
): Endpoint | Refusal {
  const dialect = name == null || name === 'plain' ? undefined : name;
  const known = [...sim.books.endpoints.values()].find(
    (one) => one.url === input.url && one.dialect === dialect,
  );
  if (known === undefined && sim.books.endpoints.size >= MAX_ENDPOINTS) return refuse('too_many_endpoints');
  const { now, id } = sim.moment();
  const spoken = dialect === undefined ? {} : { dialect };
  const endpoint = known ?? { id: id('we'), at: now, next: endOfMoves(sim.books), ...input, ...spoken };
  record(sim, { endpoint: { ...endpoint, secret: input.secret } });
  sim.outbox.follow();
  return endpoint;
}

function add(sim: Simulator, body: unknown): Reply {
  const input = read(body, { url: webAddress, secret: anyText, dialect: optional(text, null) });
  if (isRefusal(input)) return problem(input);
  const wrong = secretProblem(sim, input);
  if (wrong !== null) return problem(refuse('invalid_request', wrong));
  const endpoint = register(sim, input);
  return 'detail' in endpoint ? problem(endpoint) : { status: 201, body: endpointView(sim, endpoint) };
}

/** What signs is the dialect's own: a key in hexadecimal, a pair of keys, a certificate. */
const anyText: Field<string> = {
  must: `a text of at most ${MAX_SECRET} characters`,
  is: (value): value is string => typeof value === 'string' && value.length <= MAX_SECRET,
};

function secretProblem(sim: Simulator, input: { secret: string; dialect: string | null }): string | null {
  const name = input.dialect ?? 'plain';
  const letters = name === 'plain' ? plainLetters : sim.dialects.get(name)?.letters;
  if (letters === undefined) return `dialect must be one of plain, ${[...sim.dialects.keys()].join(', ')}.`;
  return letters.secret.is(input.secret) ? null : `secret must be ${letters.secret.must}.`;
}

function remove(sim: Simulator, path: string): Reply | null {
  const [, id] = /^\/webhook-endpoints\/([^/]+)$/.exec(path) ?? [];
  if (id === undefined) return null;
  if (!sim.books.endpoints.has(id)) return problem(refuse('not_found'));
  record(sim, { endpoint_removed: id });
  sim.outbox.follow();
  return { status: 204, body: null };
}

function pause(sim: Simulator, paused: boolean): Reply {
  sim.outbox.pause(paused);
  return ok({ paused });
}

function readLog(sim: Simulator, query: URLSearchParams): Reply {
  const page = read({ limit: Number(query.get('limit') ?? PAGE) }, { limit: integer(1, PAGE) });
  if (isRefusal(page)) return problem(page);
  const sent = sim.outbox.sent().slice(-page.limit);
  const deliveries = sent.map((one) => ({ ...one, at: new Date(one.at).toISOString() }));
  return ok({ paused: sim.outbox.paused(), deliveries });
}

/** Without the secret: who may read this need not be able to sign. */
function endpointView(sim: Simulator, endpoint: Endpoint): object {
  const { id, url, at, dialect = 'plain' } = endpoint;
  return {
    id,
    url,
    dialect,
    created_at: new Date(at).toISOString(),
    pending: pendingOf(sim.books, endpoint),
  };
}

function ok(body: object): Reply {
  return { status: 200, body };
}
