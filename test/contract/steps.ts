/** What the tests of the contract do with a payment. */

import { expect } from 'vitest';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import type { Answer, Payment } from '../support/client.ts';
import { disagreements } from '../support/oracle.ts';
import type { Operation } from '../support/provider.ts';
import type { Contract } from './harness.ts';

export const AMOUNT = 4200;

export function order(method: PaymentMethod, more: object = {}): object {
  return { amount: AMOUNT, currency: 'EUR', confirm: true, payment_method: method, ...more };
}

export async function pay(
  t: Contract,
  method: PaymentMethod,
  capture_method = 'automatic',
): Promise<Payment> {
  const { status, body } = await t.api.post('/v1/payments', order(method, { capture_method }));
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
}

/** A release has no amount of its own to get wrong: there it meets nothing. */
export async function arm(t: Contract, operation: Operation, fault: Fault, reference: string): Promise<void> {
  if (operation === 'void' && fault === 'wrong_amount') return;
  await t.provider.arm({ operation, fault, reference });
}

export async function accepted(asking: Promise<Answer<unknown>>): Promise<void> {
  const { status, text } = await asking;
  expect(status, text).toBeLessThan(300);
}

export async function expectEnd(t: Contract, id: string, wished: object): Promise<void> {
  const [payment] = await t.settled([id]);
  expect(payment).toMatchObject(wished);
  expect(payment?.exceptions).toEqual([]);
  expect(await disagreements(t.api, t.provider, payment ? [payment] : [])).toEqual([]);
}
