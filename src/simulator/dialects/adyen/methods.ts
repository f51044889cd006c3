/** What a payment method does when it is charged: Adyen's own test values, and the simulator's tokens. */

import type { Later } from '../../movements.ts';
import type { Settings } from '../../settings.ts';
import { findThing } from '../../shelf.ts';
import { type Behavior, findToken, type Token } from '../../tokens.ts';
import { refusalAsked } from './codes.ts';
import { ADYEN, type AdyenRequest, groupOf, type Json, textOf } from './request.ts';

export type Method = {
  /** Adyen's type. */
  type: string;
  behavior: Behavior;
  fault: Token['fault'];
  /** Redirects and bank debits cannot be authorised now and captured later. */
  captures: boolean;
  refundsFail: boolean;
};

const DEBITS: ReadonlySet<string> = new Set(['sepadirectdebit', 'ach', 'directdebit_GB']);

/** Where a token of the simulator may stand in the place of the provider's own. */
const TOKEN_FIELDS = [
  'storedPaymentMethodId',
  'recurringDetailReference',
  'encryptedCard',
  'encryptedCardNumber',
  'applePayToken',
  'googlePayToken',
  'encryptedBankAccountNumber',
  'bankAccountNumber',
  'issuer',
];

/** Null where there is nothing to charge. */
export function readMethod(request: AdyenRequest): Method | null {
  const details = groupOf(request.body, 'paymentMethod');
  const type = textOf(details, 'type') ?? 'scheme';
  const token = tokenOf(details);
  const { settings } = request.sim;
  if (token === 'unknown' && !isStored(request, details)) return null;
  const known = typeof token === 'object' ? token : null;
  const plain = known?.behavior ?? magic(request, details, settings);
  return {
    type,
    behavior: ofType(type, plain, textOf(details, 'storedPaymentMethodId'), settings),
    fault: known?.fault ?? null,
    captures: type === 'ideal' || DEBITS.has(type),
    refundsFail: isNamed(details, 'refund failed'),
  };
}

/** A token of the simulator, by whatever field it came in; `unknown` for one that looks like it. */
function tokenOf(details: Json): Token | 'unknown' | null {
  const given = TOKEN_FIELDS.map((name) => textOf(details, name)).find((text) => text?.startsWith('tok_'));
  if (given === undefined || given === null) {
    return textOf(details, 'storedPaymentMethodId') === null ? null : 'unknown';
  }
  return findToken(given) ?? (LATE.test(given) ? null : 'unknown');
}

function isStored({ sim }: AdyenRequest, details: Json): boolean {
  const thing = findThing(sim.books.shelf, ADYEN, 'stored', textOf(details, 'storedPaymentMethodId') ?? '');
  return thing !== undefined && thing.data['deleted'] !== true;
}

/** `holderName` or `additionalData.RequestedTestAcquirerResponseCode`, as Adyen's test platform reads them. */
function magic({ body }: AdyenRequest, details: Json, settings: Settings): Behavior {
  const number = textOf(groupOf(body, 'additionalData'), 'RequestedTestAcquirerResponseCode');
  const name = number ?? textOf(details, 'holderName') ?? textOf(details, 'ownerName') ?? '';
  if (name === '13' || name.toUpperCase() === 'PENDING') return { kind: 'pending', becomes: 'approve' };
  if (isNamed(details, 'capture failed')) {
    return { kind: 'approve', later: { what: 'reverse', afterMs: settings.refund_ms, code: CAPTURE_FAILED } };
  }
  const code = refusalAsked(name);
  return code === null ? { kind: 'approve' } : { kind: 'decline', code };
}

/** What is told of a capture that the scheme refuses after all. */
export const CAPTURE_FAILED = 'capture_failed';

function isNamed(details: Json, name: string): boolean {
  return textOf(details, 'holderName')?.toLowerCase() === name;
}

/** A bank takes days for a debit; a redirect needs the customer, and goes on without a call. */
function ofType(type: string, plain: Behavior, stored: string | null, settings: Settings): Behavior {
  if (type === 'ideal') {
    return plain.kind === 'decline'
      ? { kind: 'challenge', unattended: true, code: plain.code }
      : { kind: 'challenge', unattended: true };
  }
  if (!DEBITS.has(type)) return plain;
  const afterMs = settings.bank_debit_ms;
  if (plain.kind === 'decline') return { kind: 'pending', becomes: 'decline', code: plain.code, afterMs };
  const later = lateReturn(stored, settings);
  return { kind: 'pending', becomes: 'approve', afterMs, ...(later === null ? {} : { later }) };
}

/** `tok_return_AM04`: paid, and taken back by the bank with this reason. */
const LATE = /^tok_return_([A-Za-z0-9]{1,6})$/;

function lateReturn(stored: string | null, settings: Settings): Later | null {
  const [, code] = LATE.exec(stored ?? '') ?? [];
  return code === undefined ? null : { what: 'reverse', afterMs: settings.bank_return_ms, code };
}
