/**
 * The nonces and amounts that Braintree's sandbox publishes, and what each does here: the SDK's own test values
 * (`braintree/lib/braintree/test_values`) and its reference page on testing. Two are ours: a decline with any code
 * (`fake-processor-declined-2099-nonce`), and a bank debit that is declined in the end.
 */

import type { Behavior } from '../../tokens.ts';

export type Instrument = {
  type: 'credit_card' | 'apple_pay_card' | 'android_pay_card' | 'us_bank_account' | 'sepa_debit_account';
  cardType: string;
  bin: string;
  last4: string;
};

/** What a 3D Secure check in the customer's browser came to, before the nonce reached the server. */
export type ThreeDs = {
  status: string;
  enrolled: string;
  liabilityShifted: boolean;
  eciFlag: string | null;
};

export type Nonce =
  | { kind: 'usable'; instrument: Instrument; behavior: Behavior; threeDs: ThreeDs | null }
  /** A validation error: nothing is tried at all. */
  | { kind: 'invalid'; code: '91564' | '91565' | '81715' };

const VISA: Instrument = { type: 'credit_card', cardType: 'Visa', bin: '401288', last4: '1881' };
const BRANDS: Readonly<Record<string, Instrument>> = {
  visa: VISA,
  mastercard: { type: 'credit_card', cardType: 'MasterCard', bin: '555555', last4: '4444' },
  amex: { type: 'credit_card', cardType: 'American Express', bin: '378282', last4: '0005' },
  discover: { type: 'credit_card', cardType: 'Discover', bin: '601111', last4: '1117' },
  jcb: { type: 'credit_card', cardType: 'JCB', bin: '353011', last4: '0000' },
  maestro: { type: 'credit_card', cardType: 'Maestro', bin: '630400', last4: '0000' },
  dinersclub: { type: 'credit_card', cardType: 'Diners Club', bin: '362596', last4: '0004' },
};
const APPROVE: Behavior = { kind: 'approve' };
const FRICTIONLESS: ThreeDs = {
  status: 'authenticate_successful',
  enrolled: 'Y',
  liabilityShifted: true,
  eciFlag: '05',
};

const THREE_DS: ReadonlyMap<string, ThreeDs> = new Map([
  ['fake-three-d-secure-visa-full-authentication-nonce', FRICTIONLESS],
  ['fake-three-d-secure-two-visa-successful-frictionless-authentication-nonce', FRICTIONLESS],
  ['fake-three-d-secure-two-visa-successful-step-up-authentication-nonce', FRICTIONLESS],
  ['fake-three-d-secure-visa-failed-authentication-nonce', failed('authenticate_failed')],
  ['fake-three-d-secure-visa-failed-signature-nonce', failed('authenticate_signature_verification_failed')],
  ['fake-three-d-secure-visa-lookup-timeout-nonce', failed('lookup_error')],
  ['fake-three-d-secure-visa-not-enrolled-nonce', { ...failed('lookup_not_enrolled'), enrolled: 'N' }],
  ['fake-three-d-secure-visa-unavailable-nonce', { ...failed('lookup_enrolled'), enrolled: 'U' }],
  ['fake-three-d-secure-two-visa-error-on-lookup-nonce', failed('lookup_error')],
]);

const REFUSED: ReadonlyMap<string, Nonce> = new Map([
  ['fake-processor-declined-visa-nonce', declining(VISA, '2000')],
  ['fake-processor-declined-mastercard-nonce', declining(BRANDS['mastercard'] as Instrument, '2000')],
  ['fake-processor-declined-amex-nonce', declining(BRANDS['amex'] as Instrument, '2000')],
  ['fake-processor-declined-discover-nonce', declining(BRANDS['discover'] as Instrument, '2000')],
  ['fake-processor-failure-jcb-nonce', declining(BRANDS['jcb'] as Instrument, '3000')],
  ['fake-gateway-rejected-fraud-nonce', declining(VISA, 'fraud')],
  ['fake-gateway-rejected-risk-thresholds-nonce', declining(VISA, 'risk_threshold')],
  ['fake-consumed-nonce', { kind: 'invalid', code: '91564' }],
  ['fake-luhn-invalid-nonce', { kind: 'invalid', code: '81715' }],
]);

/** The account whose bank says no: Braintree has no such value, so its nonce is ours. */
const DECLINED_LATER = '4001';

/** A bank debit is decided by the setting's time, not at once. */
const BANK_DEBITS: ReadonlyMap<string, Instrument> = new Map([
  [
    'fake-sepa-direct-debit-declined-nonce',
    { type: 'sepa_debit_account', cardType: '', bin: '', last4: DECLINED_LATER },
  ],
  ['fake-us-bank-account-nonce', { type: 'us_bank_account', cardType: '', bin: '', last4: '0002' }],
  ['fake-sepa-direct-debit-nonce', { type: 'sepa_debit_account', cardType: '', bin: '', last4: '1234' }],
]);

export function isBankDebit({ type }: Instrument): boolean {
  return type === 'us_bank_account' || type === 'sepa_debit_account';
}

/** Wallets first: `fake-apple-pay-visa-nonce` names a card brand too. */
const WALLETS = { 'apple-pay': 'apple_pay_card', 'android-pay': 'android_pay_card' } as const;

export function nonceOf(name: string): Nonce {
  const refused = REFUSED.get(name);
  if (refused !== undefined) return refused;
  const [, code] = /^fake-processor-declined-(\d{4})-nonce$/.exec(name) ?? [];
  if (code !== undefined) return declining(VISA, code);
  const threeDs = THREE_DS.get(name);
  if (threeDs !== undefined) return { kind: 'usable', instrument: VISA, behavior: APPROVE, threeDs };
  const instrument = BANK_DEBITS.get(name) ?? instrumentOf(name);
  if (instrument === null) return { kind: 'invalid', code: '91565' };
  return { kind: 'usable', instrument, behavior: APPROVE, threeDs: null };
}

function instrumentOf(name: string): Instrument | null {
  const [, wallet] = /^fake-(apple-pay|android-pay)(?:-[a-z]+)?-nonce$/.exec(name) ?? [];
  if (wallet !== undefined) return { ...VISA, type: WALLETS[wallet as keyof typeof WALLETS] };
  const [, kind] = /^fake-valid(?:-([a-z-]+))?-nonce$/.exec(name) ?? [null];
  if (kind === null) return null;
  return BRANDS[kind ?? 'visa'] ?? VISA;
}

function declining(instrument: Instrument, code: string): Nonce {
  return { kind: 'usable', instrument, behavior: { kind: 'decline', code }, threeDs: null };
}

function failed(status: string): ThreeDs {
  return { status, enrolled: 'Y', liabilityShifted: false, eciFlag: null };
}

/** What becomes of a bank debit: paid after days, or refused for the nonce or the amount that says so. */
export function behaviorOfDebit(wholeUnits: number, { last4 }: Instrument, afterMs: number): Behavior {
  return wholeUnits === 4001 || last4 === DECLINED_LATER
    ? { kind: 'pending', becomes: 'decline', code: '4001', afterMs }
    : { kind: 'pending', becomes: 'approve', afterMs };
}

/** What the whole units of an amount ask for; null where they ask for nothing. */
export function behaviorOfAmount(wholeUnits: number, settlementMs: number): Behavior | null {
  if (wholeUnits >= 2000 && wholeUnits <= 3000) return { kind: 'decline', code: String(wholeUnits) };
  if (wholeUnits === 5001) return { kind: 'decline', code: 'application_incomplete' };
  if (wholeUnits === 4001)
    return { kind: 'approve', later: { what: 'reverse', afterMs: settlementMs, code: '4001' } };
  return null;
}

/** Settles only when a bank says so: it stays pending. */
export function staysPending(wholeUnits: number): boolean {
  return wholeUnits === 4002;
}
