/**
 * Our references at Adyen, which are all that its webhooks sign of ours: what a webhook is to be understood by has to
 * be in them. At most 80 characters.
 *
 * - `pay_….att_…`: a payment that is to be captured later. One for each attempt, so that a cancel by reference meets
 *   this attempt and no other. `.sale` after it: captured at once; `.debit`: so from a bank account.
 * - `pay_….op_…`: a capture, refund or cancel, whose webhook names the payment by Adyen's own reference as well.
 * - `….….…`: a cancel by reference: payment, attempt and operation without their prefixes, or 80 would not do.
 */

import { isId } from '../../core/ids.ts';
import type { PaymentMethodType } from '../../core/payment/events.ts';
import type { ProviderRequest } from '../port.ts';

export type Told = {
  payment: string;
  attempt: string | null;
  operation: string | null;
  /** Of a payment: how it was asked for. */
  asked: 'manual' | 'sale' | 'debit' | null;
};

type Ids = Pick<ProviderRequest, 'reference' | 'attempt' | 'operation'>;

export function paymentReference({ reference, attempt }: Ids, asked: Asked): string {
  const suffix = isDebit(asked.method) ? '.debit' : asked.capture ? '.sale' : '';
  return `${reference}.${attempt}${suffix}`;
}

export type Asked = { capture: boolean; method: PaymentMethodType };

export function operationReference({ reference, operation }: Ids): string {
  return `${reference}.${operation}`;
}

export function cancelReference({ reference, attempt, operation }: Ids): string {
  return [reference, attempt, operation].map((id) => id.slice(id.indexOf('_') + 1)).join('.');
}

/** Null for a reference that is not ours. */
export function readReference(text: unknown): Told | null {
  const [first = '', second = '', third] = typeof text === 'string' ? text.split('.', 4) : [];
  const told = first.includes('_') ? readNamed(first, second, third) : readCancel(first, second, third ?? '');
  const { payment, attempt, operation } = told;
  if (!isId('payment', payment)) return null;
  if (attempt !== null && !isId('attempt', attempt)) return null;
  return operation !== null && !isId('operation', operation) ? null : told;
}

function readNamed(payment: string, second: string, third: string | undefined): Told {
  if (second.startsWith('op_')) return { payment, attempt: null, operation: second, asked: null };
  const asked = third === 'sale' || third === 'debit' ? third : 'manual';
  return { payment, attempt: second, operation: null, asked };
}

function readCancel(payment: string, attempt: string, operation: string): Told {
  return { payment: `pay_${payment}`, attempt: `att_${attempt}`, operation: `op_${operation}`, asked: null };
}

export function isDebit(method: PaymentMethodType): boolean {
  return method === 'sepa_debit' || method === 'ach_debit' || method === 'bacs_debit';
}
