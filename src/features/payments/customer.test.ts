import { expect, test } from 'vitest';
import type { Outcome } from '../../core/outcome.ts';
import {
  approved,
  CHALLENGE,
  confirmWith,
  createCommand,
  DECLINED,
  outcome,
  play,
  refundOf,
  SITUATIONS,
  UNKNOWN,
} from '../../core/payment/situations.ts';
import { told } from '../../core/payment/told.test-support.ts';
import type { Command } from '../../core/payment.ts';
import { customerView } from './customer.ts';

test('what is reserved is told without what was released: a first card that was approved while the second replaced it', () => {
  const { state } = play([
    createCommand({ amount: 100 }),
    outcome('op_auth_1', CHALLENGE),
    confirmWith(2),
    outcome('op_cancel_2', approved(0, { movement: 'void_1' })),
    told({ kind: 'authorized', amount: 100, provider_reference: 'ch_1', details: null }),
    outcome('op_auth_2', approved(100, { reference: 'ch_2' })),
  ]);
  if (state === null) throw new Error('a payment was created');
  expect(customerView(state).message).toBe('EUR 1.00 is reserved on your card and has not been charged yet.');
});

const REFUSED: Outcome = { kind: 'rejected', raw_code: 'x', message: '', provider_reference: null };
const CAPTURED = SITUATIONS['captured'] ?? [];

test.each<[string, Command[], string]>([
  [
    'an attempt that the provider took for invalid',
    [createCommand(), outcome('op_auth_1', REFUSED)],
    'The payment could not be made for a technical reason, and nothing was charged. Please try again.',
  ],
  [
    'a refund that nobody knows the end of',
    [...CAPTURED, refundOf(60), outcome('op_ref_1', UNKNOWN)],
    'Your payment of EUR 1.00 succeeded. A refund of EUR 0.60 is on its way.',
  ],
  [
    'a refund that was refused',
    [...CAPTURED, refundOf(60), outcome('op_ref_1', DECLINED)],
    'Your payment of EUR 1.00 succeeded. A refund of EUR 0.60 did not reach you; please get in touch with us.',
  ],
])('the customer is told of %s', (_, commands, message) => {
  const { state } = play(commands);
  if (state === null) throw new Error('a payment was created');
  expect(customerView(state).message).toBe(message);
});
