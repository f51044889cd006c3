/** What can be changed while the simulator runs. Kept in memory: a restart begins with the defaults. */

import { type Field, integer, isRefusal, oneOf, read } from './input.ts';
import type { Refusal } from './problems.ts';

export type Settings = {
  /** `ignored`: a repeated key is processed again, as at a provider that has no idempotency. */
  duplicate_keys: 'honored' | 'ignored';
  pending_ms: number;
  slow_ms: number;
  challenge_ms: number;
  /** Before every operation, evenly spread. */
  latency_ms: { min: number; max: number };
};

export const DEFAULT_SETTINGS: Settings = {
  duplicate_keys: 'honored',
  pending_ms: 2_000,
  slow_ms: 2_000,
  challenge_ms: 15 * 60_000,
  latency_ms: { min: 0, max: 0 },
};

const milliseconds = integer(0, 24 * 3600_000);
const latency: Field<Settings['latency_ms']> = {
  must: 'an object with min and max in milliseconds, min not above max, max at most 60000',
  is(value): value is Settings['latency_ms'] {
    const range = read(value, { min: milliseconds, max: integer(0, 60_000) });
    return !isRefusal(range) && range.min <= range.max;
  },
};

/** What is not named stays as it is. */
export function changeSettings(current: Settings, body: unknown): Settings | Refusal {
  return read<Settings>(body, {
    duplicate_keys: { ...oneOf('honored', 'ignored'), fallback: current.duplicate_keys },
    pending_ms: { ...milliseconds, fallback: current.pending_ms },
    slow_ms: { ...integer(0, 60_000), fallback: current.slow_ms },
    challenge_ms: { ...milliseconds, fallback: current.challenge_ms },
    latency_ms: { ...latency, fallback: current.latency_ms },
  });
}
