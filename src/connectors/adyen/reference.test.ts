import { expect, test } from 'vitest';
import { mintId } from '../../core/ids.ts';
import { cancelReference, operationReference, paymentReference, readReference } from './reference.ts';

const random = new Uint8Array(10).fill(7);
const IDS = {
  reference: mintId('payment', 1_790_000_000_000, random),
  attempt: mintId('attempt', 1_790_000_000_001, random),
  operation: mintId('operation', 1_790_000_000_002, random),
};
const { reference: payment, attempt, operation } = IDS;

test.each([
  [paymentReference(IDS, { capture: false, method: 'card' }), { attempt, operation: null, asked: 'manual' }],
  [paymentReference(IDS, { capture: true, method: 'card' }), { attempt, operation: null, asked: 'sale' }],
  [paymentReference(IDS, { capture: true, method: 'ideal' }), { attempt, operation: null, asked: 'sale' }],
  [
    paymentReference(IDS, { capture: true, method: 'bacs_debit' }),
    { attempt, operation: null, asked: 'debit' },
  ],
  [operationReference(IDS), { attempt: null, operation, asked: null }],
  [cancelReference(IDS), { attempt, operation, asked: null }],
])('%s has room at Adyen and is read as it was written', (text, told) => {
  expect(text.length).toBeLessThanOrEqual(80);
  expect(readReference(text)).toEqual({ payment, ...told });
});

test.each([
  null,
  42,
  '',
  'order-1001',
  'QFQTPCQ8HXSKGK82',
  payment,
  `${payment}.`,
  `${payment}.op_1`,
  `${payment}.${payment}`,
  `${attempt}.${attempt}`,
  'a.b.c',
])('%j is nobody’s here', (text) => {
  expect(readReference(text)).toBeNull();
});
