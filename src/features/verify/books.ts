/** The books as a whole: the trial balance, and every balance checkpoint against the journals that it covers. */

import { fromUuid } from '../../core/ids.ts';
import type { Pool } from '../../db/pool.ts';
import {
  CHECKPOINT_DIFFERENCES,
  type CheckpointRow,
  type HorizonRow,
  NEXT_CHECKPOINT,
  RECORDED_AFTER_CHECKPOINT,
  type VerifiedJournal,
} from '../../db/statements/verify.ts';
import { atOneMoment, type Read } from './read.ts';
import type { Collector } from './report.ts';

const DIFFERENCES_SHOWN = 20;

export type TrialBalance = { add(journal: VerifiedJournal): void; judge(collector: Collector): void };

/** Summed over all journals as they are read, by merchant, mode and currency. */
export function trialBalance(): TrialBalance {
  const sums = new Map<string, bigint>();
  return {
    add({ merchant_id, mode, currency, amounts }) {
      const name = `${fromUuid('merchant', merchant_id)} ${mode} ${currency}`;
      const sum = amounts.reduce((total, amount) => total + BigInt(amount), 0n);
      sums.set(name, (sums.get(name) ?? 0n) + sum);
    },
    judge({ found }) {
      for (const [name, sum] of sums) {
        if (sum === 0n) continue;
        const what = `the trial balance of ${name} is off by ${sum}`;
        found({ invariant: 'journals-balance', payment: null, what });
      }
    },
  };
}

/** Each checkpoint is the one before it plus the journals between: so all of them are what the journals make. */
export async function judgeCheckpoints(pool: Pool, collector: Collector, signal: AbortSignal): Promise<void> {
  let before = '0';
  while (!signal.aborted) {
    const next = await atOneMoment(pool, (read) => judgeNext(read, before, collector));
    if (next === null) return;
    before = next;
  }
}

async function judgeNext(read: Read, before: string, { found }: Collector): Promise<string | null> {
  const [checkpoint] = await read<HorizonRow>(NEXT_CHECKPOINT, [before]);
  if (!checkpoint) return null;
  const { horizon, latest_recorded_at } = checkpoint;
  const values = [before, horizon];
  const wrong = await read<CheckpointRow>(CHECKPOINT_DIFFERENCES, [...values, DIFFERENCES_SHOWN]);
  for (const { merchant_id, mode, account, currency, debits, credits } of wrong) {
    const whose = `${account} of ${fromUuid('merchant', merchant_id)} (${mode}, ${currency})`;
    found({
      invariant: 'ledger-follows-events',
      payment: null,
      what: `balance checkpoint ${horizon}: ${whose} is off by ${debits} in debits and ${credits} in credits`,
    });
  }
  const [late] = await read<{ payment_id: string; event_id: string }>(RECORDED_AFTER_CHECKPOINT, [
    ...values,
    latest_recorded_at,
  ]);
  if (late)
    found({
      invariant: 'ledger-follows-events',
      payment: fromUuid('payment', late.payment_id),
      what: `balance checkpoint ${horizon} serves times before the journal ${fromUuid('event', late.event_id)} that it covers`,
    });
  return horizon;
}
