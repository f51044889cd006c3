/**
 * The digest: the heads of all streams, gathered every few seconds into signed files outside the database. Who can
 * write the database, even with the key of the hash chain, cannot change what was attested before without
 * `truepenny verify` telling.
 *
 * A series begins with a walk over all payments; from then on it follows the events in the order in which they
 * became final, which is safe against late commits and costs nothing while nothing happens.
 */

import { fromUuid, toUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import {
  EDGE,
  type EdgeRow,
  HEADS_BY_EVENT,
  HEADS_BY_PAYMENT,
  type HeadEventRow,
  type HeadRow,
} from '../../db/statements/digest.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { Log } from '../../ops/log.ts';
import type { World } from '../../ops/world.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import {
  bodyOf,
  type Cursor,
  digestKey,
  type Head,
  type Header,
  NO_DIGEST,
  START,
  sha256,
  sign,
} from './record.ts';
import { append, type Latest, makeFolder, writeLatest } from './series.ts';
import { findTail } from './tail.ts';

export type DigestDeps = {
  pool: Pool;
  world: World;
  log: Log;
  /** Holds one series; its own for each process, or shared: only one writes at a time. */
  folder: string;
  /** The key of the hash chain; the digest's own is derived from it. */
  key: Buffer;
};

export type DigestResult =
  /** `latest` is the last digest of the folder: new, or as it was when nothing had happened. */
  | { kind: 'taken'; digests: number; streams: number; latest: Latest | null }
  /** Another process is at it, in the same folder. */
  | { kind: 'busy' };

const FIRST_UUID = '00000000-0000-0000-0000-000000000000';

/** Takes digests every so often until the signal aborts, and one more then. */
export async function runDigester(deps: DigestDeps, signal: AbortSignal): Promise<void> {
  for (let last = false; !last; ) {
    await deps.world.sleep(LIMITS.digest.everyMs, signal);
    last = signal.aborted;
    try {
      const result = await takeDigest(deps);
      if (result.kind === 'taken' && result.digests > 0) deps.log.info(summary(result), 'digest taken');
    } catch (error) {
      deps.log.error({ err: error }, 'no digest was taken; it is tried again');
    }
  }
}

/** Attests all that has become final since the last digest. Goes on where one that was interrupted stopped. */
export async function takeDigest(deps: DigestDeps): Promise<DigestResult> {
  await makeFolder(deps.folder);
  const lock = await lockFolder(deps.folder, deps.world);
  if (lock === null) return { kind: 'busy' };
  try {
    return await takeAll(deps, lock);
  } finally {
    await lock.release();
  }
}

/** Where the next digest begins. */
type Place = { series: number; system: string; walkHorizon: string; from: Cursor };

async function takeAll(deps: DigestDeps, lock: FolderLock): Promise<DigestResult> {
  const key = digestKey(deps.key);
  let latest = await findTail(deps.folder, key, deps.log);
  const edge = await edgeOf(deps.pool);
  let place = placeAfter(latest, edge);
  let digests = 0;
  let streams = 0;
  for (;;) {
    const { heads, to, horizon, done } = await gather(deps.pool, place, edge);
    if (heads.length > 0 || 'payment' in place.from) {
      const told = { ...place, to, horizon };
      latest = await write(deps, key, headerAfter(latest, told, heads, deps.world), heads, latest, lock);
      digests += 1;
      streams += heads.length;
    }
    if (done) return { kind: 'taken', digests, streams, latest };
    place = { ...place, from: to };
  }
}

export async function edgeOf(pool: Pool): Promise<EdgeRow> {
  const [edge] = await query<EdgeRow>(pool, EDGE);
  if (!edge) throw new Error('pg_control_system() gave no row');
  return edge;
}

/** A restored database has another identifier, or is back at an earlier transaction: then all is attested anew. */
export function isRestored(header: Header, edge: EdgeRow): boolean {
  return header.system !== edge.system || BigInt(edge.horizon) < BigInt(header.horizon);
}

function placeAfter(latest: Latest | null, { system, horizon }: EdgeRow): Place {
  const header = latest?.header;
  if (!header || isRestored(header, { system, horizon }))
    return { series: (header?.series ?? 0) + 1, system, walkHorizon: horizon, from: START };
  return { series: header.series, system, walkHorizon: header.horizon, from: header.to };
}

type Gathered = { heads: Head[]; to: Cursor; horizon: string; done: boolean };

function gather(pool: Pool, { from, walkHorizon }: Place, edge: EdgeRow): Promise<Gathered> {
  return 'payment' in from ? walk(pool, from.payment, walkHorizon) : follow(pool, from, edge.horizon);
}

/** The horizon of a walk is from before it: what comes while it goes on is found among the events after. */
async function walk(pool: Pool, after: string | null, horizon: string): Promise<Gathered> {
  const values = [after === null ? FIRST_UUID : toUuid(after), LIMITS.digest.batch];
  const heads = (await query<HeadRow>(pool, HEADS_BY_PAYMENT, values)).map(headOf);
  const last = heads.length === LIMITS.digest.batch ? heads.at(-1) : undefined;
  const to = last ? { payment: last.payment } : { xid: horizon, position: 0 };
  return { heads, to, horizon, done: false };
}

async function follow(
  pool: Pool,
  { xid, position }: { xid: string; position: number },
  horizon: string,
): Promise<Gathered> {
  const values = [xid, position, horizon, LIMITS.digest.batch];
  const rows = await query<HeadEventRow>(pool, HEADS_BY_EVENT, values);
  const latest = new Map<string, HeadEventRow>();
  for (const row of rows) {
    if (row.version > (latest.get(row.payment)?.version ?? 0)) latest.set(row.payment, row);
  }
  const last = rows.length === LIMITS.digest.batch ? rows.at(-1) : undefined;
  const to = last ? { xid: last.xid, position: last.position } : { xid: horizon, position: 0 };
  return { heads: [...latest.values()].map(headOf), to, horizon, done: last === undefined };
}

function headOf({ payment, version, hash }: HeadRow): Head {
  return { payment: fromUuid('payment', payment), version, hash };
}

function headerAfter(
  latest: Latest | null,
  { series, system, from, to, horizon }: Place & { to: Cursor; horizon: string },
  heads: Head[],
  world: World,
): Header {
  return {
    digest: (latest?.header.digest ?? 0) + 1,
    series,
    taken_at: new Date(world.now()).toISOString(),
    system,
    horizon,
    from,
    to,
    streams: heads.length,
    streams_sha256: sha256(bodyOf(heads)),
    previous: latest?.sha256 ?? NO_DIGEST,
  };
}

async function write(
  { folder }: DigestDeps,
  key: Buffer,
  header: Header,
  heads: Head[],
  latest: Latest | null,
  lock: FolderLock,
): Promise<Latest> {
  const signed = sign(header, key);
  const line = JSON.stringify(signed);
  const today = `${header.taken_at.slice(0, 10)}.ndjson`;
  // A clock that goes back must not put a digest before those that it follows.
  const file = latest && latest.file > today ? latest.file : today;
  await lock.refresh();
  const end = await append(folder, file, `${line}\n${bodyOf(heads)}`);
  const next = { header: signed, sha256: sha256(line), file, end };
  await writeLatest(folder, next, key);
  return next;
}

function summary({ digests, streams, latest }: Extract<DigestResult, { kind: 'taken' }>): object {
  return { digests, streams, latest: latest?.header.digest, sha256: latest?.sha256 };
}
