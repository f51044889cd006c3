/**
 * The magic tokens: what each payment method does when it is charged.
 *
 * Raw codes are the simulator's own spelling: ISO 8583 response codes where one fits, two letters of our own
 * where none does. Nothing outside this folder may rely on them: a connector has a table of its own.
 */

import { DECLINE_REASONS, type DeclineReason } from '../core/declines.ts';
import type { Fault } from './faults.ts';
import type { Later } from './movements.ts';

export type Behavior =
  | { kind: 'approve'; later?: Later }
  | { kind: 'decline'; code: string }
  /** With a code: declined after the customer has passed. `unattended`: no call completes it. */
  | { kind: 'challenge'; code?: string; unattended?: boolean }
  /** `afterMs` in the place of the setting. */
  | { kind: 'pending'; becomes: 'approve' | 'decline'; code?: string; afterMs?: number; later?: Later };

export type Token = {
  token: string;
  explanation: string;
  behavior: Behavior;
  /** Fires on the first call with its idempotency key only, so that a repetition can learn the truth. */
  fault: Fault | null;
};

export const CODES: Record<DeclineReason, string> = {
  insufficient_funds: '51',
  do_not_honor: '05',
  limit_exceeded: '61',
  issuer_unavailable: '91',
  processing_error: '96',
  generic: '01',
  velocity_exceeded: '65',
  incorrect_cvc: 'N7',
  incorrect_address: 'AV',
  expired_card: '54',
  invalid_number: '14',
  invalid_account: '46',
  card_not_supported: 'NS',
  transaction_not_allowed: '57',
  lost_card: '41',
  stolen_card: '43',
  pickup_card: '04',
  restricted_card: '62',
  suspected_fraud: '59',
  revocation_of_authorization: 'R1',
  authentication_required: '1A',
  authentication_failed: '3F',
  authentication_abandoned: '3A',
  unmapped: 'Q9',
};

const APPROVE: Behavior = { kind: 'approve' };

export const TOKENS: readonly Token[] = [
  plain('approve', APPROVE, 'Approved at once.'),
  plain('3ds', { kind: 'challenge' }, 'Needs the customer: a page that approves, fails or is abandoned.'),
  plain(
    'pending_then_approve',
    { kind: 'pending', becomes: 'approve' },
    'Accepted; approved pending_ms later.',
  ),
  plain(
    'pending_then_decline',
    { kind: 'pending', becomes: 'decline' },
    'Accepted; declined pending_ms later.',
  ),
  faulty('slow', 'Approved, and answered after slow_ms.'),
  faulty('timeout_before', 'Nothing moves and no answer comes.'),
  faulty('timeout_after', 'The money moves, then no answer comes.'),
  faulty('error_before', 'HTTP 500, nothing moved.'),
  faulty('error_after', 'The money moves, then HTTP 500.'),
  faulty('reset_before', 'The connection is reset, nothing moved.'),
  faulty('reset_after', 'The money moves, then the connection is reset.'),
  faulty('rate_limited', 'HTTP 429, nothing moved.'),
  faulty('garbled', 'The money moves; HTTP 200 with a body that cannot be read.'),
  faulty('wrong_amount', 'Approved for one minor unit more than asked, and the answer says so.'),
  ...DECLINE_REASONS.map((reason) =>
    plain(
      `decline_${reason}`,
      { kind: 'decline', code: CODES[reason] },
      `Declined with code ${CODES[reason]}.`,
    ),
  ),
];

const BY_NAME: ReadonlyMap<string, Token> = new Map(TOKENS.map((token) => [token.token, token]));

export function findToken(name: string): Token | undefined {
  return BY_NAME.get(name);
}

function plain(name: string, behavior: Behavior, explanation: string): Token {
  return { token: `tok_${name}`, explanation, behavior, fault: null };
}

function faulty(fault: Fault, explanation: string): Token {
  return {
    token: `tok_${fault}`,
    explanation: `${explanation} First call with its key only.`,
    behavior: APPROVE,
    fault,
  };
}
