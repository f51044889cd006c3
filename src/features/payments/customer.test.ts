import { expect, test } from 'vitest';
import {
  approved,
  CHALLENGE,
  confirmWith,
  createCommand,
  outcome,
  play,
} from '../../core/payment/situations.ts';
import { told } from '../../core/payment/told.test-support.ts';
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
