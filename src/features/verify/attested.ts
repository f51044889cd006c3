/** The digests judged, and the database by them: each stream must still stand where it was attested. */

import { fromUuid, toUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import {
  EVENTS_SINCE,
  HASHES,
  LATEST_VERSIONS,
  type LatestRow,
  STREAMS_BETWEEN_PAYMENTS,
  STREAMS_BETWEEN_PLACES,
} from '../../db/statements/digest.ts';
import { LIMITS } from '../../ops/limits.ts';
import { edgeOf, isRestored } from './digest.ts';
import { type Cursor, digestKey, type Header, isSigned, NO_DIGEST } from './record.ts';
import type { Collector, DigestSummary } from './report.ts';
import {
  digestFiles,
  type Latest,
  type Rubbish,
  readDigests,
  readLatest,
  type StoredDigest,
} from './series.ts';
import { isDigest } from './tail.ts';
import { EVERYTHING } from './walk.ts';

export const EVENTS_COUNTED = 100_000;

export type Judging = {
  pool: Pool;
  folder: string;
  chainKey: Buffer;
  /** Only what is attested of this payment. */
  only: string | null;
  collector: Collector;
  signal: AbortSignal;
  progress: () => void;
};

type Attested = { digest: number; payment: string; version: number; hash: Buffer };

/** Heads that are compared together, and the stretch of events that they attest without a gap, if they do. */
type Batch = { heads: Attested[]; stretch: { from: Cursor; to: Cursor; horizon: string } | null };

/** Null when there is no digest at all. */
export async function judgeDigests(judging: Judging): Promise<DigestSummary | null> {
  const { pool, folder, collector } = judging;
  const key = digestKey(judging.chainKey);
  const noted = await readLatest(folder, key);
  const files = await digestFiles(folder);
  if (noted === null && files.length === 0) {
    collector.note('There is no digest yet: who has the key of the hash chain could have changed anything.');
    return null;
  }
  const edge = await edgeOf(pool);
  const latest = noted === 'forged' ? null : noted;
  if (latest === null)
    series(collector, `latest.json, which notes the last digest, is ${noted ?? 'missing'}`);
  const restored = latest !== null && isRestored(latest.header, edge);
  if (restored)
    collector.note(
      'The database was restored, or is another one, since the last digest: the next digest attests all anew.',
    );
  const current = latest !== null && !restored ? latest.header.series : null;
  const last = await judgeFiles(judging, { files, key, latest, current });
  judgeEnd(collector, latest, last);
  const tail = latest ?? last;
  return tail && { ...summaryOf(tail), events_since: restored ? null : await eventsSince(pool, tail.header) };
}

type Series = { files: string[]; key: Buffer; latest: Latest | null; current: number | null };

async function judgeFiles(judging: Judging, { files, key, latest, current }: Series) {
  let before: StoredDigest | null = null;
  let batch: Batch = { heads: [], stretch: null };
  for (const file of files) {
    for await (const read of readDigests(judging.folder, file)) {
      if (judging.signal.aborted) return before;
      if (isUnfinished(read, latest)) {
        judging.collector.note(`An unfinished digest ends ${read.file}; the next one takes its place.`);
        break;
      }
      if (!isDigest(read)) {
        series(judging.collector, `line ${read.line} of ${read.file} belongs to no digest`);
        continue;
      }
      const sound = judgeLink(judging.collector, read, before, latest, key);
      const attests = sound && read.header.series === current && judging.only === null;
      if (!joins(batch, read, attests)) {
        await judgeBatch(judging, batch);
        batch = { heads: [], stretch: null };
      }
      add(batch, read, attests, judging.only);
      before = read;
    }
  }
  await judgeBatch(judging, batch);
  return before;
}

/** Behind the note a crash, or a digest that is just being written, leaves what is not complete. */
function isUnfinished(read: StoredDigest | Rubbish, latest: Latest | null): boolean {
  const behind =
    latest !== null && (read.file > latest.file || (read.file === latest.file && read.end > latest.end));
  return behind && !(isDigest(read) && read.whole);
}

/** Whether the digest is what was signed, and the one that follows. */
function judgeLink(
  collector: Collector,
  { header, file, sha256, whole }: StoredDigest,
  before: StoredDigest | null,
  latest: Latest | null,
  key: Buffer,
): boolean {
  const wrong: string[] = [];
  const signed = isSigned(header, key);
  const next = (before?.header.digest ?? 0) + 1;
  if (!signed) wrong.push('is not what was signed');
  if (!whole) wrong.push('does not hold the streams that it was made of');
  if (header.digest > next) wrong.push(`comes where digest ${next} is missing`);
  else if (header.digest < next) wrong.push(`comes after digest ${next - 1}`);
  else if (header.previous !== (before?.sha256 ?? NO_DIGEST))
    wrong.push('follows another digest than it did');
  if (header.digest === latest?.header.digest && sha256 !== latest.sha256)
    wrong.push('is not the one that latest.json notes');
  for (const what of wrong) series(collector, `digest ${header.digest} in ${file} ${what}`);
  if (header.series > (before?.header.series ?? 1))
    collector.note(`Digest ${header.digest} attests all anew: the database had been restored before it.`);
  return signed && whole;
}

function judgeEnd(collector: Collector, latest: Latest | null, last: StoredDigest | null): void {
  const there = last?.header.digest ?? 0;
  if (latest !== null && there < latest.header.digest)
    series(
      collector,
      `the files end with digest ${there}, but digest ${latest.header.digest} had been written to ${latest.file}`,
    );
}

function joins(batch: Batch, { header, heads }: StoredDigest, attests: boolean): boolean {
  if (batch.heads.length + heads.length > LIMITS.digest.batch * 2) return false;
  if (batch.stretch === null) return batch.heads.length === 0 || !attests;
  return (
    attests &&
    JSON.stringify(batch.stretch.to) === JSON.stringify(header.from) &&
    'payment' in batch.stretch.from === 'payment' in header.from
  );
}

function add(batch: Batch, { header, heads }: StoredDigest, attests: boolean, only: string | null): void {
  for (const head of heads) {
    if (only === null || head.payment === only) batch.heads.push({ ...head, digest: header.digest });
  }
  const { from, to, horizon } = header;
  if (attests) batch.stretch = { from: batch.stretch?.from ?? from, to, horizon };
}

async function judgeBatch(judging: Judging, { heads, stretch }: Batch): Promise<void> {
  const { pool, collector } = judging;
  if (heads.length > 0) {
    const values = [heads.map((h) => toUuid(h.payment)), heads.map((h) => h.version)];
    const rows = await query<{ hash: Buffer | null }>(pool, HASHES, values);
    await tellChanged(
      judging,
      heads.filter((head, i) => !rows[i]?.hash?.equals(head.hash)),
      new Set(heads.filter((_, i) => rows[i]?.hash)),
    );
  }
  if (stretch !== null) await judgeStretch(judging, heads, stretch);
  collector.checked.heads += heads.length;
  judging.progress();
}

async function tellChanged(
  { pool, collector }: Judging,
  changed: Attested[],
  there: Set<Attested>,
): Promise<void> {
  if (changed.length === 0) return;
  const rows = await query<{ version: number }>(pool, LATEST_VERSIONS, [
    changed.map((h) => toUuid(h.payment)),
  ]);
  for (const [index, head] of changed.entries()) {
    const { digest, payment, version } = head;
    const latest = rows[index]?.version ?? 0;
    const what = there.has(head)
      ? `event ${version}, or one before it, is not what digest ${digest} attests`
      : latest === 0
        ? `digest ${digest} attests ${version} events, but the whole stream is gone`
        : latest < version
          ? `digest ${digest} attests ${version} events, but the stream ends with event ${latest}`
          : `event ${version}, which digest ${digest} attests, is gone`;
    collector.found({ invariant: 'attested-by-digest', payment, what });
  }
}

/** What was final when the digest was taken is in it, or was slipped in behind it since. */
async function judgeStretch(
  { pool, collector }: Judging,
  heads: Attested[],
  stretch: NonNullable<Batch['stretch']>,
): Promise<void> {
  const attested = new Map<string, number>();
  for (const { payment, version } of heads)
    attested.set(payment, Math.max(version, attested.get(payment) ?? 0));
  for (const { payment, version } of await streamsOf(pool, stretch)) {
    const name = fromUuid('payment', payment);
    if ((attested.get(name) ?? 0) >= version) continue;
    const what = `event ${version} dates itself before a digest that does not attest it`;
    collector.found({ invariant: 'attested-by-digest', payment: name, what });
  }
}

function streamsOf(
  pool: Pool,
  { from, to, horizon }: NonNullable<Batch['stretch']>,
): Promise<LatestRow[]> | LatestRow[] {
  const most = LIMITS.digest.batch * 4;
  if ('payment' in from) {
    const after = from.payment === null ? EVERYTHING.after : toUuid(from.payment);
    const through = 'payment' in to && to.payment !== null ? toUuid(to.payment) : EVERYTHING.through;
    return query<LatestRow>(pool, STREAMS_BETWEEN_PAYMENTS, [after, through, horizon, most]);
  }
  if ('payment' in to) return [];
  return query<LatestRow>(pool, STREAMS_BETWEEN_PLACES, [from.xid, from.position, to.xid, to.position, most]);
}

async function eventsSince(pool: Pool, { to }: Header): Promise<number | null> {
  if ('payment' in to) return null;
  const values = [to.xid, to.position, EVENTS_COUNTED];
  const [row] = await query<{ count: number }>(pool, EVENTS_SINCE, values);
  return row?.count ?? null;
}

function summaryOf({ header, sha256 }: Pick<Latest, 'header' | 'sha256'>) {
  return { digest: header.digest, sha256, taken_at: header.taken_at };
}

function series({ found }: Collector, what: string): void {
  found({ invariant: 'digest-series', payment: null, what });
}
