/**
 * Every kind of situation that a payment can be in, each reached by real commands: the rows of the published
 * matrix, and the given of the tests.
 */

import { decline } from '../declines.ts';
import type { Outcome } from '../outcome.ts';
import { type Command, decide, type Event, type State } from '../payment.ts';
import type { Context } from './draft.ts';
import type { AttemptPlan, CaptureMethod, EventData, Funds } from './events.ts';

const APPROVED_AT = '2026-01-01T00:00:00.000Z';

/** Ids that count up: `operation_1`, `operation_2`, …; the same for the same sequence of commands. */
export function countingIds(): Context {
  let count = 0;
  return {
    id: (kind) => {
      count += 1;
      return `${kind}_${count}`;
    },
  };
}

export type Story = { state: State | null; events: Event[]; context: Context };

/** Plays commands in a row; a rejection is a mistake in the story. */
export function play(
  commands: Command[],
  story: Story = { state: null, events: [], context: countingIds() },
): Story {
  let { state } = story;
  const events = [...story.events];
  for (const command of commands) {
    const decision = decide(command, state, story.context);
    if (!decision.ok) throw new Error(`${command.type} was rejected: ${decision.code}`);
    state = decision.state;
    events.push(...decision.events);
  }
  return { state, events, context: story.context };
}

export type CreateOptions = {
  amount?: number;
  currency?: string;
  capture?: CaptureMethod;
  confirm?: boolean;
  method?: boolean;
  partial?: boolean;
  funds?: Funds;
};

export function createCommand(options: CreateOptions = {}): Command {
  const {
    amount = 100,
    currency = 'EUR',
    capture = 'manual',
    confirm = true,
    method = true,
    partial = false,
    funds = 'own',
  } = options;
  const payment: EventData['payment_created'] = {
    payment: 'pay_1',
    merchant: 'mer_1',
    mode: 'test',
    amount,
    currency,
    capture_method: capture,
    funds,
    allow_partial_authorization: partial,
    payment_method: method ? { type: 'card', token: 'tok_approve' } : null,
    reference: null,
  };
  return { type: 'create', payment, confirm: confirm ? plan(1, capture) : null };
}

export function plan(number: number, capture: CaptureMethod = 'manual'): AttemptPlan {
  return {
    attempt: `att_${number}`,
    operation: `op_auth_${number}`,
    capture: capture === 'automatic' ? `cap_sale_${number}` : null,
    payment_method: { type: 'card', token: 'tok_approve' },
    routing: {
      provider: 'simulator',
      candidates: [{ provider: 'simulator', taken: true, reason: 'only one' }],
    },
  };
}

export function outcome(operation: string, result: Outcome): Command {
  return { type: 'record_outcome', operation, outcome: result, call: null, received_at: APPROVED_AT };
}

export function approved(
  amount = 100,
  more: { captured?: number; movement?: string | null; reference?: string } = {},
): Outcome {
  const { captured = 0, movement = null, reference = 'ch_1' } = more;
  return {
    kind: 'approved',
    provider_reference: reference,
    movement,
    amount,
    amount_captured: captured,
    details: null,
    provider_at: APPROVED_AT,
  };
}

export const DECLINED: Outcome = {
  kind: 'declined',
  decline: decline('do_not_honor', '05'),
  provider_reference: 'ch_1',
  provider_at: APPROVED_AT,
};
export const UNKNOWN: Outcome = { kind: 'unknown', reason: 'timeout' };
export const PENDING: Outcome = { kind: 'pending', provider_reference: 'ch_1' };
export const CHALLENGE: Outcome = {
  kind: 'requires_action',
  provider_reference: 'ch_1',
  action: { type: 'redirect', url: 'https://bank.example/1' },
  answered: false,
};

export const captureOf = (amount: number | null, final = true, n = 1): Command => ({
  type: 'capture',
  capture: `cap_${n}`,
  operation: `op_cap_${n}`,
  amount,
  final,
});
export const refundOf = (amount: number | null, n = 1): Command => ({
  type: 'refund',
  refund: `ref_${n}`,
  operation: `op_ref_${n}`,
  amount,
});
export const voidOf = (n = 1): Command => ({ type: 'void', operation: `op_void_${n}` });
export const confirmWith = (number: number, capture: CaptureMethod = 'manual'): Command => ({
  type: 'confirm',
  plan: plan(number, capture),
  newMethod: true,
  cancel: `op_cancel_${number}`,
});

const AUTHORIZED = [createCommand(), outcome('op_auth_1', approved())];
const CAPTURED = [
  ...AUTHORIZED,
  captureOf(100),
  outcome('op_cap_1', approved(100, { movement: 'mv_cap_1' })),
];
const PARTIAL = [
  ...AUTHORIZED,
  captureOf(40, false),
  outcome('op_cap_1', approved(40, { movement: 'mv_cap_1' })),
];
const CHALLENGED = [createCommand(), outcome('op_auth_1', CHALLENGE)];

/** Name → the commands that lead there. The name tells the unresolved operation, if there is one. */
export const SITUATIONS: Readonly<Record<string, Command[]>> = {
  'created, without a payment method': [createCommand({ method: false, confirm: false })],
  'created, with a payment method': [createCommand({ confirm: false })],
  'authorise being sent': [createCommand()],
  'authorise pending': [createCommand(), outcome('op_auth_1', PENDING)],
  'authorise unknown': [createCommand(), outcome('op_auth_1', UNKNOWN)],
  'authorise unknown, void wished': [createCommand(), outcome('op_auth_1', UNKNOWN), voidOf()],
  'challenge open': CHALLENGED,
  'challenge being completed': [
    ...CHALLENGED,
    { type: 'complete', attempt: 'att_1', round: 1, operation: 'op_complete_1' },
  ],
  'challenge being replaced': [...CHALLENGED, confirmWith(2)],
  declined: [createCommand(), outcome('op_auth_1', DECLINED)],
  authorised: AUTHORIZED,
  'authorised, capture being sent': [...AUTHORIZED, captureOf(100)],
  'authorised, capture unknown': [...AUTHORIZED, captureOf(100), outcome('op_cap_1', UNKNOWN)],
  'authorised, capture pending': [...AUTHORIZED, captureOf(100), outcome('op_cap_1', PENDING)],
  'authorised, void pending': [...AUTHORIZED, voidOf(), outcome('op_void_1', PENDING)],
  'authorised, void unknown': [...AUTHORIZED, voidOf(), outcome('op_void_1', UNKNOWN)],
  'captured in part': PARTIAL,
  'captured in part, void unknown': [...PARTIAL, voidOf(), outcome('op_void_1', UNKNOWN)],
  'captured in part, the rest voided': [
    ...PARTIAL,
    voidOf(),
    outcome('op_void_1', approved(60, { movement: 'mv_void_1' })),
  ],
  captured: CAPTURED,
  'captured, refund being sent': [...CAPTURED, refundOf(60)],
  'captured, refund unknown': [...CAPTURED, refundOf(60), outcome('op_ref_1', UNKNOWN)],
  'captured, refund pending': [...CAPTURED, refundOf(60), outcome('op_ref_1', PENDING)],
  'refunded in full': [
    ...CAPTURED,
    refundOf(100),
    outcome('op_ref_1', approved(100, { movement: 'mv_ref_1' })),
  ],
  voided: [...AUTHORIZED, voidOf(), outcome('op_void_1', approved(100, { movement: 'mv_void_1' }))],
  expired: [
    ...AUTHORIZED,
    {
      type: 'record_fact',
      fact: { kind: 'expired', attempt: 'att_1', provider_at: null, received_at: APPROVED_AT },
    },
  ],
  'given up': [createCommand({ confirm: false }), { type: 'expire', operation: 'op_expire_1' }],
};
