/** Who is told of what happens, by webhook, and what was told. */

import { type Endpoint, endOfMoves } from '../books.ts';
import { type AdminRequest, integer, isRefusal, read, webAddress } from '../input.ts';
import { type Refusal, refuse } from '../problems.ts';
import { record, type Simulator } from '../provider.ts';
import { problem, type Reply } from '../view.ts';
import { pendingOf } from './outbox.ts';
import { webhookSecret } from './sign.ts';

const MAX_ENDPOINTS = 10;
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
export function register(sim: Simulator, input: { url: string; secret: string }): Endpoint | Refusal {
  const known = [...sim.books.endpoints.values()].find(({ url }) => url === input.url);
  if (known === undefined && sim.books.endpoints.size >= MAX_ENDPOINTS) return refuse('too_many_endpoints');
  const { now, id } = sim.moment();
  const endpoint = known ?? { id: id('we'), at: now, next: endOfMoves(sim.books), ...input };
  record(sim, { endpoint: { ...endpoint, secret: input.secret } });
  sim.outbox.follow();
  return endpoint;
}

function add(sim: Simulator, body: unknown): Reply {
  const input = read(body, { url: webAddress, secret: webhookSecret });
  if (isRefusal(input)) return problem(input);
  const endpoint = register(sim, input);
  return 'detail' in endpoint ? problem(endpoint) : { status: 201, body: endpointView(sim, endpoint) };
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
  const { id, url, at } = endpoint;
  return { id, url, created_at: new Date(at).toISOString(), pending: pendingOf(sim.books, endpoint) };
}

function ok(body: object): Reply {
  return { status: 200, body };
}
