/** Where a merchant wants to hear of events, and with which secret it is signed. */

import { mintId, toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import {
  DELETE_ENDPOINT,
  type EndpointRow,
  INSERT_ENDPOINT,
  LIST_ENDPOINTS,
  LOAD_ENDPOINT,
  ROTATE_SECRET,
  UPDATE_ENDPOINT,
} from '../../db/statements/endpoints.ts';
import type { Principal, Reply } from '../../flow/caller.ts';
import { LIMITS } from '../../ops/limits.ts';
import { urlProblem } from './addresses.ts';
import { release } from './deliver.ts';
import { once } from './once.ts';
import { presentEndpoint, presentPage } from './present.ts';
import { mintSecret, seal } from './secret.ts';
import type { Change, EndpointInput, EndpointPatch, NotificationDeps, Page } from './types.ts';

const { endpoints: most, overlapMs } = LIMITS.notifications;

/** The answer holds the secret: it is shown this once, and with a repetition of the same key. */
export async function create(deps: NotificationDeps, request: Change<EndpointInput>): Promise<Reply> {
  const { url, events, ordered, description } = request.input;
  const refused = refuseUrl(deps, url);
  if (refused) return refused;
  const { world, chainKey } = deps;
  return once(deps, request, async (client) => {
    const id = mintId('endpoint', world.now(), world.randomBytes(10));
    const secret = mintSecret(world);
    const sealed = seal(chainKey, world, id, secret);
    const [, merchant, mode] = scope(request.principal, id);
    const own = [toUuid(id), merchant, mode, url, events, ordered, description, sealed, most, now(deps)];
    const [row] = await query<EndpointRow>(client, INSERT_ENDPOINT, own);
    if (!row) return deps.problem('too_many_webhook_endpoints') as Refusal;
    return { status: 200, body: { ...presentEndpoint(row), secret } };
  });
}

export async function list({ pool }: NotificationDeps, principal: Principal, page: Page): Promise<Reply> {
  const { merchant, mode } = principal;
  const cursor = page.cursor === null ? null : toUuid(page.cursor);
  const values = [toUuid(merchant), mode, cursor, page.limit + 1];
  const rows = await query<EndpointRow>(pool, LIST_ENDPOINTS, values);
  return { status: 200, body: presentPage(rows, page.limit, presentEndpoint) };
}

export async function retrieve(deps: NotificationDeps, principal: Principal, id: string): Promise<Reply> {
  const [row] = await query<EndpointRow>(deps.pool, LOAD_ENDPOINT, scope(principal, id));
  return answerOf(deps, row);
}

/** What waited while the endpoint was disabled goes out once it is enabled. */
export async function update(
  deps: NotificationDeps,
  principal: Principal,
  id: string,
  { url, events, ordered, description, status }: EndpointPatch,
): Promise<Reply> {
  const refused = url === null ? null : refuseUrl(deps, url);
  if (refused) return refused;
  const [row] = await query<EndpointRow>(deps.pool, UPDATE_ENDPOINT, [
    ...scope(principal, id),
    url,
    events,
    ordered,
    description ?? null,
    description !== undefined,
    status,
    now(deps),
  ]);
  if (row && status === 'enabled') await release(deps, row.id, true);
  return answerOf(deps, row);
}

export async function remove(deps: NotificationDeps, principal: Principal, id: string): Promise<Reply> {
  const rows = await query(deps.pool, DELETE_ENDPOINT, [...scope(principal, id), now(deps)]);
  if (rows.length === 0) return deps.problem('webhook_endpoint_not_found');
  return { status: 200, body: { id, object: 'webhook_endpoint', deleted: true } };
}

/** Both secrets sign for a while, so that the receiver can change over without losing an event. */
export function rotateSecret(deps: NotificationDeps, request: Change<{ endpoint: string }>): Promise<Reply> {
  const { endpoint } = request.input;
  const { world, chainKey } = deps;
  return once(deps, request, async (client) => {
    const secret = mintSecret(world);
    const sealed = seal(chainKey, world, endpoint, secret);
    const until = new Date(world.now() + overlapMs).toISOString();
    const values = [...scope(request.principal, endpoint), sealed, until, now(deps)];
    const [row] = await query<EndpointRow>(client, ROTATE_SECRET, values);
    if (!row) return deps.problem('webhook_endpoint_not_found') as Refusal;
    return { status: 200, body: { ...presentEndpoint(row), secret } };
  });
}

export type Refusal = { status: number; body: Record<string, unknown> };

/** Its id, merchant and mode: another's endpoint is as unknown as none. */
export function scope({ merchant, mode }: Principal, endpoint: string): [string, string, string] {
  return [toUuid(endpoint), toUuid(merchant), mode];
}

function refuseUrl({ problem, allowPrivate }: NotificationDeps, url: string): Reply | null {
  const message = urlProblem(url, allowPrivate);
  const errors = [{ field: '/url', code: 'address_refused', message }];
  return message === null ? null : problem('invalid_request', { errors });
}

function answerOf(deps: NotificationDeps, row: EndpointRow | undefined): Reply {
  return row ? { status: 200, body: presentEndpoint(row) } : deps.problem('webhook_endpoint_not_found');
}

function now({ world }: NotificationDeps): string {
  return new Date(world.now()).toISOString();
}
