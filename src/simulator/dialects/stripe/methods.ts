/**
 * The magic payment methods: those of Stripe's test mode (https://docs.stripe.com/testing), the simulator's own
 * tokens, and `pm_decline_<code>` for any decline code. What each does when it is charged.
 */

import type { Fault } from '../../faults.ts';
import type { RefundPlan } from '../../rules.ts';
import type { Settings } from '../../settings.ts';
import { type Behavior, findToken } from '../../tokens.ts';

export type MethodType = 'card' | 'sepa_debit' | 'us_bank_account' | 'bacs_debit' | 'ideal';

export type Magic = {
  type: MethodType;
  brand: string;
  last4: string;
  behavior: Behavior;
  /** Without the customer there: the same, unless named; `set_up`: approved once the customer has passed before. */
  offSession: 'same' | 'authentication_required' | 'set_up';
  refund: RefundPlan['becomes'] | null;
  fault: Fault | null;
};

const APPROVE: Behavior = { kind: 'approve' };
const CHALLENGE: Behavior = { kind: 'challenge', unattended: true };
const CARD: Magic = {
  type: 'card',
  brand: 'visa',
  last4: '4242',
  behavior: APPROVE,
  offSession: 'same',
  refund: null,
  fault: null,
};

const DECLINES: Record<string, string> = {
  chargeDeclined: 'generic_decline',
  chargeDeclinedInsufficientFunds: 'insufficient_funds',
  chargeDeclinedLostCard: 'lost_card',
  chargeDeclinedStolenCard: 'stolen_card',
  chargeDeclinedExpiredCard: 'expired_card',
  chargeDeclinedIncorrectCvc: 'incorrect_cvc',
  chargeDeclinedProcessingError: 'processing_error',
  chargeDeclinedVelocityLimitExceeded: 'card_velocity_exceeded',
};

const CARDS: ReadonlyMap<string, Magic> = new Map<string, Magic>([
  ['pm_card_visa', CARD],
  ['pm_card_visa_debit', { ...CARD, last4: '5556' }],
  ['pm_card_mastercard', { ...CARD, brand: 'mastercard', last4: '4444' }],
  ['pm_card_amex', { ...CARD, brand: 'amex', last4: '0005' }],
  ['pm_card_discover', { ...CARD, brand: 'discover', last4: '1117' }],
  ['pm_card_threeDSecureOptional', { ...CARD, last4: '3055' }],
  ['pm_card_threeDSecure2Required', { ...challenged('3220'), offSession: 'authentication_required' }],
  ['pm_card_authenticationRequired', { ...challenged('3184'), offSession: 'authentication_required' }],
  ['pm_card_authenticationRequiredOnSetup', { ...challenged('3155'), offSession: 'set_up' }],
  ['pm_card_authenticationRequiredSetupForOffSession', { ...challenged('0446'), offSession: 'same' }],
  ['pm_card_threeDSecureRequiredChargeDeclined', challenged('1629', 'generic_decline')],
  ['pm_card_createDispute', disputing('0259', 'dispute', 'fraudulent')],
  ['pm_card_createDisputeProductNotReceived', disputing('2685', 'dispute', 'product_not_received')],
  ['pm_card_createDisputeInquiry', disputing('1976', 'inquiry', 'fraudulent')],
  ['pm_card_pendingRefund', { ...CARD, last4: '7726', refund: 'succeeded' }],
  ['pm_card_refundFail', { ...CARD, last4: '5126', refund: 'returned' }],
]);

/** What a bank says in the end, by the last part of the name; null: it pays. Before the last `_` stands the rail. */
const RAILS: ReadonlyMap<string, { type: MethodType; last4: string }> = new Map([
  ['pm_sepaDebit', { type: 'sepa_debit', last4: '3000' }],
  ['pm_usBankAccount', { type: 'us_bank_account', last4: '6789' }],
  ['pm_bacsDebit', { type: 'bacs_debit', last4: '2345' }],
]);

const DEBITS: ReadonlyMap<string, { fails?: string; disputed?: string; returned?: string }> = new Map([
  ['success', {}],
  ['failed', { fails: 'generic_could_not_process' }],
  ['accountClosed', { fails: 'account_closed' }],
  ['insufficientFunds', { fails: 'insufficient_funds' }],
  ['noAccount', { fails: 'no_account' }],
  ['debitNotAuthorized', { fails: 'debit_not_authorized' }],
  ['disputed', { disputed: 'debit_not_authorized' }],
  // Not Stripe's own: weeks after the success the bank gives the money back.
  ['lateInsufficientFunds', { disputed: 'insufficient_funds' }],
  ['lateAccountClosed', { disputed: 'incorrect_account_details' }],
  ['lateFailure', { returned: 'insufficient_funds' }],
]);

/** Undefined for a name that is no magic one. */
export function findMagic(name: string, settings: Settings): Magic | undefined {
  return cardOf(name) ?? debitOf(name, settings) ?? redirectOf(name) ?? tokenOf(name);
}

function cardOf(name: string): Magic | undefined {
  const known = CARDS.get(name.replace(/^tok_/, 'pm_card_'));
  if (known !== undefined) return known;
  const [, published, any] =
    /^(?:pm_card_(?:visa_)?(chargeDeclined\w*)|pm_decline_([a-z_]+))$/.exec(name) ?? [];
  const code = published === undefined ? any : DECLINES[published];
  return code === undefined ? undefined : { ...CARD, last4: '0002', behavior: { kind: 'decline', code } };
}

/** `pm_sepaDebit_success_de`: the country at the end changes nothing. */
function debitOf(name: string, settings: Settings): Magic | undefined {
  const [, rail, fate] = /^(pm_[a-zA-Z]+)_([a-zA-Z]+)(?:_[a-z]{2})?$/.exec(name) ?? [];
  const kind = RAILS.get(rail ?? '');
  const end = DEBITS.get(fate ?? '');
  if (kind === undefined || end === undefined) return undefined;
  return { ...CARD, ...kind, brand: '', behavior: debitBehavior(end, settings), refund: 'succeeded' };
}

function debitBehavior(
  { fails, disputed, returned }: { fails?: string; disputed?: string; returned?: string },
  { bank_debit_ms: afterMs, bank_return_ms }: Settings,
): Behavior {
  if (fails !== undefined) return { kind: 'pending', becomes: 'decline', code: fails, afterMs };
  const code = disputed ?? returned;
  if (code === undefined) return { kind: 'pending', becomes: 'approve', afterMs };
  const what = disputed === undefined ? 'reverse' : 'dispute';
  return { kind: 'pending', becomes: 'approve', afterMs, later: { what, afterMs: bank_return_ms, code } };
}

function redirectOf(name: string): Magic | undefined {
  if (name !== 'pm_ideal') return undefined;
  return { ...CARD, type: 'ideal', brand: '', last4: '5264', behavior: CHALLENGE, refund: 'succeeded' };
}

/** Whatever the simulator can do, it can do here. */
function tokenOf(name: string): Magic | undefined {
  const token = findToken(name.replace(/^pm_tok_/, 'tok_'));
  if (token === undefined) return undefined;
  const { behavior, fault } = token;
  if (behavior.kind !== 'challenge') return { ...CARD, behavior, fault };
  return { ...challenged('3220'), offSession: 'authentication_required' };
}

function challenged(last4: string, code?: string): Magic {
  return {
    ...CARD,
    last4,
    behavior: code === undefined ? CHALLENGE : { kind: 'challenge', unattended: true, code },
  };
}

function disputing(last4: string, what: 'dispute' | 'inquiry', code: string): Magic {
  return { ...CARD, last4, behavior: { kind: 'approve', later: { what, afterMs: 0, code } } };
}
