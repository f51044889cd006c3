import { BOUNDS } from './bounds.ts';

/** A header's time in whole seconds, as milliseconds; null where it is none. */
export function secondsToMs(text: string): number | null {
  return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : null;
}

/** Asked only of what is rightly signed: `too_old` then means a repetition, or a clock that is wrong. */
export function isTimely(sentMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - sentMs) <= BOUNDS.toleranceMs;
}
