/** One delivery: claimed with a lease, sent, and what became of it written down. */

import { fromUuid } from '../../core/ids.ts';
import { query, runStatement } from '../../db/pool.ts';
import {
  CLAIM_DELIVERIES,
  type ClaimedRow,
  FINISH_DELIVERY,
  FINISH_IN_ORDER,
  type FinishedRow,
  RELEASE_DELIVERIES,
} from '../../db/statements/notifications.ts';
import { iso } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import { messageOf } from './message.ts';
import { sign, unseal } from './secret.ts';
import type { Sender, Sent } from './send.ts';
import type { NotificationDeps } from './types.ts';

const { backoffMs, giveUpMs, leaseMs, outageMs, perEndpoint, releaseBatch } = LIMITS.notifications;

/** Takes what is due: so much of endpoints that do not fail, and of those that do. `busy`: how many are under way for each. */
export function claim(
  { pool, world }: NotificationDeps,
  room: { healthy: number; failing: number; busy: ReadonlyMap<string, number> },
): Promise<ClaimedRow[]> {
  const now = world.now();
  const busy = [[...room.busy.keys()], [...room.busy.values()]];
  const values = [iso(now), iso(now + leaseMs), room.healthy, perEndpoint, room.failing, ...busy];
  return query<ClaimedRow>(pool, CLAIM_DELIVERIES, values);
}

/** Sends one delivery and says when next; whoever takes over after a lost lease sends the same id again. */
export async function deliver(deps: NotificationDeps, sender: Sender, row: ClaimedRow): Promise<void> {
  const { world } = deps;
  const startedAt = world.now();
  const begin = world.monotonic();
  const sent = await attempt(deps, sender, row);
  const durationMs = Math.round(world.monotonic() - begin);
  const { status, dueAt } = verdict(deps, row, sent);
  // What is behind it has been put off only if it has failed before.
  const inOrder = row.ordered && (status === 'pending' || row.attempts > 1);
  const [finished] = await query<FinishedRow>(deps.pool, inOrder ? FINISH_IN_ORDER : FINISH_DELIVERY, [
    row.id,
    row.fence,
    status,
    iso(dueAt),
    row.attempts,
    row.url,
    iso(startedAt),
    durationMs,
    sent.httpStatus,
    sent.response,
    sent.error,
    iso(startedAt - giveUpMs),
  ]);
  if (finished) await follow(deps, row, status, finished);
}

/** What cannot be signed is not sent: the log says so, and a rotation of the secret helps. */
async function attempt(deps: NotificationDeps, sender: Sender, row: ClaimedRow): Promise<Sent> {
  const { id, body } = messageOf(row);
  const secrets = secretsOf(deps, row);
  if (secrets.length === 0) return { httpStatus: null, response: null, error: 'secret_unreadable' };
  return sender.send(row.url, sign(id, deps.world.now(), body, secrets), body);
}

/** The newest first; none where that one does not open with our key. */
function secretsOf({ chainKey, world, log }: NotificationDeps, row: ClaimedRow): string[] {
  const endpoint = fromUuid('endpoint', row.endpoint_id);
  const open = (sealed: Buffer) => {
    try {
      return unseal(chainKey, endpoint, sealed);
    } catch (error) {
      log.error({ err: error, endpoint }, 'a webhook secret does not open with this chain key: rotate it');
      return null;
    }
  };
  const newest = open(row.secret);
  if (newest === null) return [];
  const overlaps = row.previous_until !== null && Date.parse(row.previous_until) > world.now();
  const previous = row.previous_secret && overlaps ? open(row.previous_secret) : null;
  return previous === null ? [newest] : [newest, previous];
}

type Status = 'pending' | 'succeeded' | 'failed';

function verdict(
  { world }: NotificationDeps,
  row: ClaimedRow,
  { httpStatus }: Sent,
): { status: Status; dueAt: number } {
  const now = world.now();
  if (httpStatus !== null && httpStatus >= 200 && httpStatus < 300)
    return { status: 'succeeded', dueAt: now };
  if (now - Date.parse(row.begun_at) >= giveUpMs) return { status: 'failed', dueAt: now };
  return { status: 'pending', dueAt: now + waitMs(world, row.tries) };
}

/** A tenth more or less, so that what failed together does not come back together. */
function waitMs(world: NotificationDeps['world'], tries: number): number {
  const wait = backoffMs[Math.min(tries, backoffMs.length) - 1] ?? 0;
  const [random = 0] = world.randomBytes(1);
  return Math.round(wait * (0.9 + (0.2 * random) / 255));
}

/** An endpoint that is back after an outage gets what has waited; one that was away for days is turned off. */
async function follow(
  deps: NotificationDeps,
  row: ClaimedRow,
  status: Status,
  { disabled, failing_since }: FinishedRow,
): Promise<void> {
  const endpoint = fromUuid('endpoint', row.endpoint_id);
  if (disabled)
    deps.log.warn(
      { endpoint, failing_since },
      'a webhook endpoint was disabled: nothing has arrived for three days',
    );
  const isBack = failing_since !== null && deps.world.now() - Date.parse(failing_since) >= outageMs;
  if (status === 'succeeded' && isBack) await release(deps, row.endpoint_id, false);
}

/** What waits for the endpoint is due at once. `anew`: it has three days again. */
export async function release(
  { pool, world }: Pick<NotificationDeps, 'pool' | 'world'>,
  endpoint: string,
  anew: boolean,
): Promise<void> {
  const values = [endpoint, iso(world.now()), anew, releaseBatch];
  for (;;) {
    const { rowCount } = await runStatement(pool, RELEASE_DELIVERIES, { values });
    if (rowCount < releaseBatch) return;
  }
}
