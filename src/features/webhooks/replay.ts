/**
 * Having deliveries processed again. A replay goes the way that the delivery went the first time, so what was applied
 * already changes nothing. It is an act on record: who asked and why, of exactly which deliveries, who approved, and
 * what each delivery changed. A large one needs a second person.
 */

import type { PoolClient } from 'pg';
import { mintId, toUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import {
  DECIDE_REPLAY,
  LIST_REPLAYS,
  LIST_RESULTS,
  LOAD_REPLAY,
  REQUEST_REPLAY,
  type ReplayResultRow,
  type ReplayRow,
} from '../../db/statements/replays.ts';
import { type FlowDeps, iso } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { type Summary, summaryOf, type Would, wouldOf } from './dry-run.ts';
import { type Selection, scopeOf } from './selection.ts';

export type ReplayRequest = {
  selection: Selection;
  /** Who asks, the same each time: an API key (`key_…`), or a name on the command line (`cli:ann`). */
  by: string;
  reason: string;
  /** More than `LIMITS.inbox.replay` deliveries are meant. */
  override: boolean;
};

/** What would be replayed, in the order of arrival. */
export type Plan = { kind: 'plan'; ids: string[]; would: Would[]; summary: Summary };

export type Refused =
  | { kind: 'none' }
  /** `override`: whether saying so would help. */
  | { kind: 'too_many'; deliveries: number; most: number; override: boolean };

export type Requested =
  | { kind: 'requested'; id: string; deliveries: number; status: 'running' | 'awaiting_approval' }
  | { kind: 'too_many_open'; most: number };

export type Decision = { id: string; kind: 'approved' | 'rejected' | 'stopped'; by: string; reason: string };

export type Decided =
  | { kind: 'decided' }
  | { kind: 'not_found' }
  /** Four eyes: who asked cannot approve. */
  | { kind: 'same_person' }
  | { kind: 'not_open'; status: ReplayRow['status'] };

/** A client where it is part of a transaction. */
type Deps = { pool: Pool | PoolClient; world: World };
const { inbox: limits } = LIMITS;

/** The scope, bounded, with a dry run of it. Writes nothing. */
export async function planReplay(
  deps: FlowDeps,
  { selection, override }: Pick<ReplayRequest, 'selection' | 'override'>,
): Promise<Plan | Refused> {
  const ids = await scopeOf(deps.pool, selection);
  if (ids.length === 0) return { kind: 'none' };
  const most = override ? limits.replayOverridden : limits.replay;
  const helps = !override && ids.length <= limits.replayOverridden;
  if (ids.length > most) return { kind: 'too_many', deliveries: ids.length, most, override: helps };
  const would = await wouldOf(deps, ids);
  return { kind: 'plan', ids, would, summary: summaryOf(would, ids.length) };
}

/** Puts the plan on record. A small one is under way with that, a large one waits for another person. */
export async function requestReplay(
  { pool, world }: Deps,
  { selection, by, reason, override }: ReplayRequest,
  { ids, summary }: Plan,
): Promise<Requested> {
  const now = world.now();
  const id = mintId('replay', now, world.randomBytes(10));
  const alone = ids.length <= limits.replayAlone;
  const rows = await query(pool, REQUEST_REPLAY, [
    toUuid(id),
    by,
    reason,
    JSON.stringify(selection),
    iso(now),
    override,
    alone ? null : iso(now + limits.approvalMs),
    JSON.stringify(summary),
    ids,
    limits.replaysOpen,
  ]);
  if (rows.length === 0) return { kind: 'too_many_open', most: limits.replaysOpen };
  const status = alone ? 'running' : 'awaiting_approval';
  return { kind: 'requested', id, deliveries: ids.length, status };
}

/** Another person approves or rejects what waits for it; anybody may stop what is under way. */
export async function decideReplay(
  { pool, world }: Deps,
  { id, kind, by, reason }: Decision,
): Promise<Decided> {
  const before = await loadReplay({ pool, world }, id);
  if (!before) return { kind: 'not_found' };
  if (kind === 'approved' && before.status === 'awaiting_approval' && before.requested_by === by)
    return { kind: 'same_person' };
  const rows = await query(pool, DECIDE_REPLAY, [toUuid(id), kind, by, reason, iso(world.now())]);
  if (rows.length > 0) return { kind: 'decided' };
  const now = await loadReplay({ pool, world }, id);
  return { kind: 'not_open', status: now?.status ?? before.status };
}

export async function loadReplay({ pool, world }: Deps, id: string): Promise<ReplayRow | null> {
  const [row] = await query<ReplayRow>(pool, LOAD_REPLAY, [iso(world.now()), toUuid(id)]);
  return row ?? null;
}

/** Newest first; `before` is the last id of the page before. */
export function listReplays(
  { pool, world }: Deps,
  page: { before: string | null; limit: number },
): Promise<ReplayRow[]> {
  const before = page.before === null ? null : toUuid(page.before);
  return query<ReplayRow>(pool, LIST_REPLAYS, [iso(world.now()), before, page.limit]);
}

/** Each delivery of a replay with what came of it, oldest first. */
export function resultsOf(
  pool: Pool,
  id: string,
  page: { after: string | null; limit: number },
): Promise<ReplayResultRow[]> {
  const after = page.after === null ? null : toUuid(page.after);
  return query<ReplayResultRow>(pool, LIST_RESULTS, [toUuid(id), after, page.limit]);
}
