/** What can be changed while the simulator runs. Kept in memory: a restart begins with the defaults. */

import { type Field, integer, isRefusal, oneOf, read, share } from './input.ts';
import type { Refusal } from './problems.ts';

export type Settings = {
  /** `ignored`: a repeated key is processed again, as at a provider that has no idempotency. */
  duplicate_keys: 'honored' | 'ignored';
  pending_ms: number;
  slow_ms: number;
  /** Until a bank debit is paid or fails. */
  bank_debit_ms: number;
  /** From money that was captured to its return by a bank. */
  bank_return_ms: number;
  /** Until a refund that is pending succeeds, fails or comes back. */
  refund_ms: number;
  /** How far behind a provider's search is, where it is. */
  search_lag_ms: number;
  /** From the submission of a capture or refund to its settlement, where a provider tells them apart. */
  settlement_ms: number;
  challenge_ms: number;
  /** Before every operation, evenly spread. */
  latency_ms: { min: number; max: number };
  /** From what happened to the first try of its webhook. */
  webhook_delay_ms: number;
  /** How often each webhook is sent, under one id. */
  webhook_copies: number;
  /** Webhooks whose order is shuffled together; 1 keeps the order. */
  webhook_shuffle: number;
  /** Of the copies: never sent at all. */
  webhook_lost_share: number;
  /** Of the tries: signed wrongly. The next try draws anew. */
  webhook_corrupted_share: number;
  /** Waits before the next try; the last one repeats until a 2xx. */
  webhook_retry_ms: number[];
  /** Tries under way at once, for each endpoint; only 1 makes the order certain. */
  webhook_concurrency: number;
  /** The same seed gives the same losses, corruptions and shuffles to the same moves. */
  webhook_seed: number;
};

export const DEFAULT_SETTINGS: Settings = {
  duplicate_keys: 'honored',
  pending_ms: 2_000,
  slow_ms: 2_000,
  bank_debit_ms: 3 * 24 * 3600_000,
  bank_return_ms: 5 * 24 * 3600_000,
  refund_ms: 2_000,
  search_lag_ms: 60_000,
  settlement_ms: 0,
  challenge_ms: 15 * 60_000,
  latency_ms: { min: 0, max: 0 },
  webhook_delay_ms: 0,
  webhook_copies: 1,
  webhook_shuffle: 1,
  webhook_lost_share: 0,
  webhook_corrupted_share: 0,
  webhook_retry_ms: [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000],
  webhook_concurrency: 8,
  webhook_seed: 1,
};

const milliseconds = integer(0, 24 * 3600_000);
const days = integer(0, 90 * 24 * 3600_000);
const latency: Field<Settings['latency_ms']> = {
  must: 'an object with min and max in milliseconds, min not above max, max at most 60000',
  is(value): value is Settings['latency_ms'] {
    const range = read(value, { min: milliseconds, max: integer(0, 60_000) });
    return !isRefusal(range) && range.min <= range.max;
  },
};

const waits: Field<number[]> = {
  must: 'a list of 1 to 20 waits in milliseconds',
  is: (value): value is number[] =>
    Array.isArray(value) && value.length >= 1 && value.length <= 20 && value.every(milliseconds.is),
};

/** What is not named stays as it is. */
export function changeSettings(current: Settings, body: unknown): Settings | Refusal {
  return read<Settings>(body, {
    duplicate_keys: { ...oneOf('honored', 'ignored'), fallback: current.duplicate_keys },
    pending_ms: { ...milliseconds, fallback: current.pending_ms },
    slow_ms: { ...integer(0, 60_000), fallback: current.slow_ms },
    bank_debit_ms: { ...days, fallback: current.bank_debit_ms },
    bank_return_ms: { ...days, fallback: current.bank_return_ms },
    refund_ms: { ...days, fallback: current.refund_ms },
    search_lag_ms: { ...milliseconds, fallback: current.search_lag_ms },
    settlement_ms: { ...days, fallback: current.settlement_ms },
    challenge_ms: { ...milliseconds, fallback: current.challenge_ms },
    latency_ms: { ...latency, fallback: current.latency_ms },
    webhook_delay_ms: { ...milliseconds, fallback: current.webhook_delay_ms },
    webhook_copies: { ...integer(1, 10), fallback: current.webhook_copies },
    webhook_shuffle: { ...integer(1, 1_000), fallback: current.webhook_shuffle },
    webhook_lost_share: { ...share, fallback: current.webhook_lost_share },
    webhook_corrupted_share: { ...share, fallback: current.webhook_corrupted_share },
    webhook_retry_ms: { ...waits, fallback: current.webhook_retry_ms },
    webhook_concurrency: { ...integer(1, 64), fallback: current.webhook_concurrency },
    webhook_seed: { ...integer(0), fallback: current.webhook_seed },
  });
}
