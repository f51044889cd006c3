import type { Command } from '../payment.ts';
import type { Fact } from './fact.ts';

const TIMES = { provider_at: null, received_at: '2026-01-02T00:00:00.000Z' };

type FactBody = Fact extends infer Each
  ? Each extends Fact
    ? Omit<Each, 'attempt' | keyof typeof TIMES>
    : never
  : never;

/** The command by which a provider's word is recorded, for tests that do not ask when it came. */
export function told(body: FactBody, attempt = 'att_1'): Extract<Command, { type: 'record_fact' }> {
  return { type: 'record_fact', fact: { ...body, attempt, ...TIMES } as Fact };
}
