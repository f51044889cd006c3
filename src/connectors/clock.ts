/** How far a provider's clock is from ours, by the Date header of an answer: whole seconds, no better. */
export function clockDifferenceMs(date: string | null, nowMs: number): number | null {
  const told = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(told) ? null : told - Math.floor(nowMs / 1000) * 1000;
}
