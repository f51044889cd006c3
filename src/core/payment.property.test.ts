import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from './outcome.ts';
import {
  approved,
  CHALLENGE,
  captureOf,
  confirmWith,
  countingIds,
  createCommand,
  DECLINED,
  outcome,
  PENDING,
  refundOf,
  UNKNOWN,
  voidOf,
} from './payment/situations.ts';
import { isUnresolved, type State, unresolved } from './payment/state.ts';
import { capturable, isLive, memo, pendingCaptures, pendingRefunds, refundable } from './payment/summary.ts';
import { type Command, decide, type Event, evolve } from './payment.ts';
import { post } from './postings.ts';

/** A step as the world takes it: a request, or an outcome for some operation that is (or was) under way. */
type Step =
  | { do: 'capture' | 'refund'; amount: number; final: boolean }
  | { do: 'void' | 'confirm' | 'expire' | 'complete' }
  | {
      do: 'outcome';
      pick: number;
      as: 'approved' | 'declined' | 'unknown' | 'pending' | 'challenge' | 'not_sent';
      again: boolean;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('capture' as const, 'refund' as const),
    amount: fc.integer({ min: 1, max: 120 }),
    final: fc.boolean(),
  }),
  fc.record({
    do: fc.constantFrom('void' as const, 'confirm' as const, 'expire' as const, 'complete' as const),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('outcome' as const),
      pick: fc.nat(20),
      as: fc.constantFrom(
        'approved' as const,
        'approved' as const,
        'declined' as const,
        'unknown' as const,
        'pending' as const,
        'challenge' as const,
        'not_sent' as const,
      ),
      again: fc.boolean(),
    }),
  },
);

const history = fc.record({ automatic: fc.boolean(), steps: fc.array(step, { maxLength: 40 }) });

function commandOf(step: Step, n: number, state: State, automatic: boolean): Command | null {
  const capture = automatic ? 'automatic' : 'manual';
  switch (step.do) {
    case 'capture':
      return captureOf(step.amount, step.final, n);
    case 'refund':
      return refundOf(step.amount, n);
    case 'void':
      return voidOf(n);
    case 'confirm':
      return confirmWith(n, capture);
    case 'expire':
      return { type: 'expire', operation: `op_expire_${n}` };
    case 'complete': {
      const open = state.attempts.find((a) => a.result === 'requires_action');
      return open
        ? {
            type: 'complete',
            attempt: open.id,
            round: open.action?.round ?? 0,
            operation: `op_complete_${n}`,
          }
        : null;
    }
    case 'outcome':
      return outcomeOf(step, state, automatic);
    default:
      return step satisfies never;
  }
}

/** The provider keeps to what it was asked: what it does beyond is tested by name, in `payment.test.ts`. */
function outcomeOf(step: Extract<Step, { do: 'outcome' }>, state: State, automatic: boolean): Command | null {
  const from = step.again ? state.operations : unresolved(state);
  const operation = from[step.pick % Math.max(1, from.length)];
  if (!operation) return null;
  const authorizing = operation.kind === 'authorize' || operation.kind === 'complete';
  if (step.as === 'challenge' && !authorizing) return null;
  // An operation has one end at the provider: told again, it is told the same.
  if (!isUnresolved(operation) && (step.as !== 'approved' || operation.status !== 'approved')) return null;
  const attempt = state.attempts.find((a) => a.id === operation.attempt);
  if (operation.kind === 'void' && (attempt?.captured ?? 0) > 0) return null;
  const told: Record<typeof step.as, Outcome> = {
    approved: approval(operation.id, attempt?.id ?? '', authorizing, operation.amount, automatic),
    declined: DECLINED,
    unknown: UNKNOWN,
    pending: PENDING,
    challenge: { ...CHALLENGE, provider_reference: `ch_${operation.attempt}` } as Outcome,
    not_sent: { kind: 'not_sent', evidence: step.again ? 'lookup' : 'rate_limited', reason: '' },
  };
  return outcome(operation.id, told[step.as]);
}

function approval(
  operation: string,
  attempt: string,
  authorizing: boolean,
  amount: number,
  automatic: boolean,
): Outcome {
  const reference = `ch_${attempt}`;
  if (!authorizing) return approved(amount, { movement: `mv_${operation}`, reference });
  return approved(100, automatic ? { captured: 100, movement: `mv_${attempt}`, reference } : { reference });
}

function checkState(state: State): void {
  for (const attempt of state.attempts) {
    expect(attempt.captured + pendingCaptures(state, attempt)).toBeLessThanOrEqual(attempt.authorized);
    expect(attempt.refunded + pendingRefunds(state, attempt)).toBeLessThanOrEqual(attempt.captured);
    expect(capturable(state, attempt)).toBeGreaterThanOrEqual(0);
    expect(refundable(state, attempt)).toBeGreaterThanOrEqual(0);
  }
  expect(
    state.attempts.filter((a) => isLive(a) && a.unwanted === null).length,
    'one-live-attempt',
  ).toBeLessThanOrEqual(1);
}

function checkLedger(events: Event[], state: State): void {
  const sums = new Map<string, number>();
  for (const event of events) {
    const lines = post(event, state)?.lines ?? [];
    expect(
      lines.reduce((sum, line) => sum + line.amount, 0),
      'journals-balance',
    ).toBe(0);
    for (const { account, amount } of lines) sums.set(account, (sums.get(account) ?? 0) + amount);
  }
  const total = (pick: (a: State['attempts'][number]) => number) =>
    state.attempts.reduce((sum, a) => sum + pick(a), 0);
  expect(sums.get('memo_authorized') ?? 0).toBe(total(memo));
  expect(sums.get('provider_receivable:simulator') ?? 0).toBe(total((a) => a.captured - a.refunded));
  expect((sums.get('refund_in_flight:simulator') ?? 0) + total((a) => pendingRefunds(state, a))).toBe(0);
}

test('whatever is asked and answered, in any order: amounts stay within bounds, and the ledger is the state', () => {
  fc.assert(
    fc.property(history, ({ automatic, steps }) => {
      const context = countingIds();
      const first = decide(createCommand({ capture: automatic ? 'automatic' : 'manual' }), null, context);
      if (!first.ok) throw new Error(first.code);
      let { state } = first;
      const events = [...first.events];
      for (const [index, next] of steps.entries()) {
        const command = commandOf(next, index + 2, state, automatic);
        if (!command) continue;
        const decision = decide(command, state, context);
        if (!decision.ok) continue;
        state = decision.state;
        events.push(...decision.events);
        checkState(state);
        checkLedger(events, state);
      }
      expect(events.reduce<State | null>(evolve, null), 'the events make the state').toEqual(state);
    }),
    { numRuns: 3000 },
  );
});
