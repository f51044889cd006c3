import type { Verdict } from '../port.ts';

export function refused(reason: Extract<Verdict, { ok: false }>['reason']): Verdict {
  return { ok: false, reason };
}
