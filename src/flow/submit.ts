/**
 * A caller's request, once: whatever is repeated, crashes or races, one key has one effect and one answer.
 *
 *   reserve the key with the first commit ─ perform ─ write the answer with the last commit
 *   a repetition finds the row: the answer (replay), live work (409), or work that stopped (resume)
 */

import type { ErrorCode } from '../core/errors.ts';
import { firstDifference } from '../core/fingerprint.ts';
import { toUuid } from '../core/ids.ts';
import type { Payload } from '../core/payment/payload.ts';
import type { Command, State } from '../core/payment.ts';
import { query } from '../db/pool.ts';
import { type KeyRow, LOAD_KEY, LOAD_PAYMENT_AND_KEY, type PaymentRow } from '../db/statements/payments.ts';
import { LIMITS } from '../ops/limits.ts';
import type { FlowDeps } from './deps.ts';
import { handleOnce, writeKey } from './handle.ts';
import { type Answer, type KeyChange, NOWHERE, type WrittenAnswer, written } from './item.ts';
import { type Answering, type Done, performAll, requested } from './perform.ts';
import { takeOver } from './resolve.ts';
import { type Loaded, loadedOf, loadPayment } from './stream.ts';
import { StreamBusy } from './streams.ts';

export type Ids = Record<string, string>;

export type Submission = {
  merchant: string;
  mode: 'test' | 'live';
  key: string;
  fingerprint: string;
  correlation: string;
  traceparent: string;
  payment: string;
  /** True when the request makes the payment. */
  isNew: boolean;
  /** Ids of what the request makes, minted once; a resumed request uses those of its row. */
  ids: Ids;
  /** A refusal here is before any work: nothing is stored, and the key is not used up. */
  command: (before: Loaded | null) => Command | Refusal;
  /** Private part of the event at the index. */
  secret: { index: number; data: object } | null;
  /** Of the attempt that it may start. */
  payload: Payload | null;
  /** The answer from what is now known; `loaded` is the payment as it was read, null if the request made it. */
  answer: (after: State, ids: Ids, loaded: Loaded | null) => Answer;
  problem: (code: ErrorCode, more?: object) => Answer;
};

export type Refusal = { refuse: ErrorCode; more: object };

export type Submitted =
  /** By the request that reserved the key, whoever finished its work. */
  | { kind: 'answered'; answer: WrittenAnswer }
  | { kind: 'replayed'; status: number; body: string }
  /** Refused before any work: nothing is stored, and the key is not used up. */
  | { kind: 'refused'; code: ErrorCode; more?: object; retryAfterSeconds?: number };

/** Keys that this process works on now: a double click is told so without asking the database. */
export type KeysInProgress = Map<string, string>;

export async function submit(
  deps: FlowDeps,
  inProgress: KeysInProgress,
  submission: Submission,
): Promise<Submitted> {
  const name = `${submission.merchant} ${submission.mode} ${submission.key}`;
  const other = inProgress.get(name);
  if (other !== undefined)
    return other === submission.fingerprint ? inUse() : reused(other, submission.fingerprint);
  inProgress.set(name, submission.fingerprint);
  try {
    return await firstOrAgain(deps, submission);
  } finally {
    inProgress.delete(name);
  }
}

async function firstOrAgain(deps: FlowDeps, submission: Submission): Promise<Submitted> {
  const begun = await deps.streams.alone(submission.payment, () => begin(deps, submission));
  // Outside the stream's turn: to go on where work stopped takes turns of its own.
  if (begun.kind === 'known') return again(deps, submission, begun.row);
  if (begun.kind !== 'begun') return begun;
  if (begun.answer !== null) return { kind: 'answered', answer: begun.answer };
  const { key, answers } = answering(submission, begun.loaded);
  const { payment, mode, correlation, traceparent } = submission;
  const on = { payment, mode, correlation, traceparent };
  const state = await performAll(deps, on, begun, key);
  const own = answers.at(-1) ?? written(submission.answer(state, submission.ids, begun.loaded));
  // Decided more than once: others wrote meanwhile, and may have answered the key before us.
  return { kind: 'answered', answer: answers.length === 1 ? own : await stored(deps, submission, own) };
}

/** `answer` is what was stored with the first commit; null while something is to be performed. */
type Begun = Done & { kind: 'begun'; loaded: Loaded | null; answer: WrittenAnswer | null };

type Known = { kind: 'known'; row: KeyRow };

/** The first commit: reserves the key together with the intent, or with the answer where nothing is to be performed. */
async function begin(deps: FlowDeps, submission: Submission): Promise<Begun | Known | Submitted> {
  for (let tries = 0; tries < LIMITS.commit.conflictRetries; tries++) {
    const before =
      submission.isNew && tries === 0 ? { payment: null, key: null } : await look(deps, submission);
    if (before.key) return { kind: 'known', row: before.key };
    if (!submission.isNew && before.payment === null) return { kind: 'refused', code: 'payment_not_found' };
    let answer: WrittenAnswer | null = null;
    const command = submission.command(before.payment);
    if ('refuse' in command) return { kind: 'refused', code: command.refuse, more: command.more };
    const handled = await handleOnce(deps, {
      ...submission,
      command,
      at: before.payment?.position ?? NOWHERE,
      key: (after, events) => {
        answer =
          requested(events).length > 0
            ? null
            : written(submission.answer(after, submission.ids, before.payment));
        return reservation(submission, answer);
      },
    });
    if (handled.kind === 'done') return { ...handled, kind: 'begun', loaded: before.payment, answer };
    if (handled.kind === 'rejected') {
      const problem = submission.problem(handled.code, { payment: submission.payment, ...handled.about });
      const answer = written(problem);
      if ((await writeKey(deps, reservation(submission, answer))) === 'committed')
        return { kind: 'answered', answer };
    }
    await deps.world.sleep(tries);
  }
  throw new StreamBusy();
}

async function look(
  deps: FlowDeps,
  { merchant, mode, payment, key, isNew }: Submission,
): Promise<{ payment: Loaded | null; key: KeyRow | null }> {
  if (isNew) {
    const [row] = await query<KeyRow>(deps.pool, LOAD_KEY, [toUuid(merchant), mode, key]);
    return { payment: null, key: row ?? null };
  }
  const values = [toUuid(payment), toUuid(merchant), mode, key];
  const [row] = await query<PaymentRow & KeyRow>(deps.pool, LOAD_PAYMENT_AND_KEY, values);
  return { payment: row ? loadedOf(row) : null, key: row?.fingerprint ? row : null };
}

/** The key is known: replay its answer, or go on where its work stopped. */
async function again(deps: FlowDeps, submission: Submission, row: KeyRow): Promise<Submitted> {
  if (row.fingerprint !== submission.fingerprint) return reused(row.fingerprint, submission.fingerprint);
  if (row.answer !== null && row.answer_status !== null)
    return { kind: 'replayed', status: row.answer_status, body: row.answer };
  const ids = JSON.parse(row.ids) as Ids;
  const payment = ids['payment'] ?? submission.payment;
  const loaded = await settled(deps, payment, ids, submission);
  if (loaded === null) return inUse();
  const answer = written(submission.answer(loaded.position.state, ids, loaded));
  await writeKey(deps, { ...keyOf(submission), reserve: null, answer });
  const { status, text } = await stored(deps, submission, answer);
  return { kind: 'replayed', status, body: text };
}

/** The answer that the key has: ours, unless somebody wrote another one first. One key, one answer. */
async function stored(
  deps: FlowDeps,
  { merchant, mode, key }: Submission,
  own: WrittenAnswer,
): Promise<WrittenAnswer> {
  const [row] = await query<KeyRow>(deps.pool, LOAD_KEY, [toUuid(merchant), mode, key]);
  if (!row || row.answer === null || row.answer_status === null) return own;
  return { status: row.answer_status, body: JSON.parse(row.answer) as object, text: row.answer };
}

/** The payment once nobody works on the request's operation any more; null while somebody does. */
async function settled(
  deps: FlowDeps,
  payment: string,
  ids: Ids,
  { correlation, traceparent }: Submission,
): Promise<Loaded | null> {
  const loaded = await loadPayment(deps.pool, payment);
  if (!loaded) return null;
  const { state } = loaded.position;
  const sending = state.operations.find((o) => o.status === 'sending' && Object.values(ids).includes(o.id));
  if (!sending) return loaded;
  const { mode } = loaded;
  const taken = await takeOver(deps, {
    loaded,
    payment,
    mode,
    operation: sending.id,
    correlation,
    traceparent,
  });
  return taken ? loadPayment(deps.pool, payment) : null;
}

/** Keeps what it answers: the caller gets the bytes that are stored, not a second rendering of the same state. */
function answering(
  submission: Submission,
  loaded: Loaded | null,
): { key: Answering; answers: WrittenAnswer[] } {
  const answers: WrittenAnswer[] = [];
  const key: Answering = (after, events) => {
    if (requested(events).length > 0) return null;
    const answer = written(submission.answer(after, submission.ids, loaded));
    answers.push(answer);
    return { ...keyOf(submission), reserve: null, answer };
  };
  return { key, answers };
}

function reservation(submission: Submission, answer: WrittenAnswer | null): KeyChange {
  const { fingerprint, ids } = submission;
  return { ...keyOf(submission), reserve: { fingerprint, ids }, answer };
}

function keyOf({ merchant, mode, key }: Submission): Pick<KeyChange, 'merchant' | 'mode' | 'key'> {
  return { merchant, mode, key };
}

function inUse(): Submitted {
  return { kind: 'refused', code: 'idempotency_key_in_use', retryAfterSeconds: 1 };
}

function reused(before: string, now: string): Submitted {
  return {
    kind: 'refused',
    code: 'idempotency_key_reused',
    more: { differs_in: firstDifference(before, now) },
  };
}
