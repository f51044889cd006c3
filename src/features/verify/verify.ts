/**
 * `truepenny verify`: everything that the database holds is rebuilt from its events and compared, and the events
 * with their hash chains and with the digest outside.
 *
 *   payments, in the order of their ids ─ the books as a whole ─ rows that no payment knows ─ the digests
 *
 * Each piece is read as of one moment, in a short transaction; so it runs beside a working system, with bounded
 * memory, and can be stopped at any time.
 */

import { isId } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import { PAYMENTS_ESTIMATE } from '../../db/statements/verify.ts';
import type { World } from '../../ops/world.ts';
import { judgeDigests } from './attested.ts';
import { judgeCheckpoints, type TrialBalance, trialBalance } from './books.ts';
import { judgeExpected, judgeOrphans, judgePayment } from './judge.ts';
import { type Collector, collector, type Phase, type Progress, type Report } from './report.ts';
import { judgeStrays } from './strays.ts';
import {
  EVERYTHING,
  isOwned,
  type Piece,
  paymentName,
  type Range,
  rangeOf,
  readPiece,
  startOf,
} from './walk.ts';

export type { Finding, Progress, Report } from './report.ts';

export type VerifyOptions = {
  pool: Pool;
  chainKey: Buffer;
  digestFolder: string;
  world: World;
  onProgress?: (progress: Progress) => void;
  /** Ends after the piece in hand; the report says where. */
  signal?: AbortSignal;
  /** Begin with this payment (`pay_…`), as a run that was stopped says. */
  from?: string;
  /** This payment alone. */
  payment?: string;
};

type Run = Required<Pick<VerifyOptions, 'pool' | 'chainKey' | 'digestFolder' | 'world' | 'signal'>> & {
  collector: Collector;
  progress: (phase: Phase, at: string | null) => void;
};

export async function verifyDatabase(options: VerifyOptions): Promise<Report> {
  const { pool, world, onProgress = () => undefined, from, payment } = options;
  for (const id of [from, payment])
    if (id !== undefined && !isId('payment', id)) throw new Error(`${id} is no payment id`);
  const start = world.monotonic();
  const found = collector();
  const total = await estimate(pool);
  const progress = (phase: Phase, at: string | null) => {
    const payments = found.checked.payments;
    const per_second = Math.round((payments * 1000) / Math.max(1, world.monotonic() - start));
    onProgress({ phase, payments, total, per_second, at });
  };
  const signal = options.signal ?? new AbortController().signal;
  const told = await judgeAll({ ...options, signal, collector: found, progress }, from, payment);
  return { ...told, ...found.result(), duration_ms: Math.round(world.monotonic() - start) };
}

async function judgeAll(
  run: Run,
  from: string | undefined,
  only: string | undefined,
): Promise<Pick<Report, 'stopped' | 'digest'>> {
  const { pool, collector, signal } = run;
  const books = trialBalance();
  const after = await judgePayments(run, books, startingRange(from, only));
  if (after !== null) return stoppedIn('payments', after);
  books.judge(collector);
  if (only === undefined) {
    run.progress('ledger', null);
    await judgeCheckpoints(pool, collector, signal);
    if (signal.aborted) return stoppedIn('ledger');
    run.progress('other tables', null);
    await judgeStrays(pool, collector, signal);
    if (signal.aborted) return stoppedIn('other tables');
  } else if (collector.checked.payments === 0) {
    collector.note('There is no such payment.');
  }
  const digest = await judgeDigests({
    ...run,
    folder: run.digestFolder,
    only: only ?? null,
    progress: () => run.progress('digests', null),
  });
  return { ...(signal.aborted ? stoppedIn('digests') : { stopped: null }), digest };
}

function stoppedIn(phase: Phase, from: string | null = null): Pick<Report, 'stopped' | 'digest'> {
  return { stopped: { phase, from }, digest: null };
}

function startingRange(from: string | undefined, only: string | undefined): Range {
  if (only !== undefined) return rangeOf(only);
  return from === undefined ? EVERYTHING : { ...EVERYTHING, after: rangeOf(from).after };
}

/** Null when all are judged; else the payment to go on with. The next piece is read while one is judged. */
async function judgePayments(run: Run, books: TrialBalance, range: Range): Promise<string | null> {
  if (run.signal.aborted) return startOf(range);
  let reading = readPiece(run.pool, range);
  for (let rest = range; ; ) {
    const piece = await reading;
    const from = startOf(rest);
    rest = { ...range, after: piece.through };
    if (!piece.done && !run.signal.aborted) reading = readPiece(run.pool, rest);
    if ('flooded' in piece) tellFlood(run.collector, from, piece.through);
    else judgePiece(run, books, piece);
    run.progress('payments', piece.done ? null : paymentName(piece.through));
    if (piece.done) return null;
    if (run.signal.aborted) {
      await reading;
      return startOf(rest);
    }
  }
}

function judgePiece({ chainKey, collector }: Run, books: TrialBalance, piece: Piece): void {
  const { found, checked, erased } = collector;
  for (const rows of piece.payments) {
    for (const journal of rows.journals) books.add(journal);
    checked.events += rows.events.length;
    checked.journals += rows.journals.length;
    if (!isOwned(rows)) {
      found(judgeOrphans(rows));
      continue;
    }
    checked.payments += 1;
    erased.privateParts += rows.events.filter((e) => e.commitment !== null).length - rows.privates.length;
    for (const finding of judgePayment(rows, chainKey)) found(finding);
    const expected = piece.expected.get(rows.id);
    if (expected) for (const finding of judgeExpected(rows, expected, piece)) found(finding);
  }
}

function tellFlood({ found }: Collector, from: string, through: string): void {
  const payment = through === EVERYTHING.through ? null : paymentName(through);
  const what = `there are more rows from ${from} to ${payment ?? 'the end'} than any history makes`;
  found({ invariant: 'ledger-follows-events', payment, what });
}

async function estimate(pool: Pool): Promise<number | null> {
  const [row] = await query<{ count: number }>(pool, PAYMENTS_ESTIMATE);
  return row && row.count >= 0 ? row.count : null;
}
