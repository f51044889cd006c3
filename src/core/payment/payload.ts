/**
 * What a provider's form or a wallet has encrypted for one charge; of a card, its security code too. It may not be kept
 * once the charge is authorised, not even encrypted (PCI DSS 4.0.1, requirement 3.3.1), and events are kept for ever.
 * So only its name is in them, and it lies apart until its attempt has no more use for it.
 */

import type { PaymentMethod } from './events.ts';
import { findOperation, isUnresolved, type State } from './state.ts';

/** A token of so many characters at most is the provider's name for what it keeps; what is longer, or JSON, is a payload. */
export const LONGEST_TOKEN = 255;

export type Payload = { attempt: string; token: string };

/** Null where the method's token is a name only, or it has none. */
export function payloadOf(method: PaymentMethod | null, attempt: string): Payload | null {
  const token = method !== null && 'token' in method ? method.token : undefined;
  const isPayload = token !== undefined && (token.length > LONGEST_TOKEN || token.startsWith('{'));
  return isPayload ? { attempt, token } : null;
}

/** As it stands in the events: with the payload's name, whose blanks no token of a caller's may have. */
export function setApart(method: PaymentMethod, attempt: string): PaymentMethod {
  return payloadOf(method, attempt) === null ? method : withToken(method, `payload of ${attempt}`);
}

export function isApart(method: PaymentMethod): boolean {
  return 'token' in method && method.token?.startsWith('payload of ') === true;
}

export function withToken(method: PaymentMethod, token: string): PaymentMethod {
  return { ...method, token } as PaymentMethod;
}

/** Attempts whose payload was of use before, and is not now: the authorise has been answered. */
export function spentPayloads(before: State | null, after: State): string[] {
  const needs = (state: State | null, id: string) =>
    state?.operations.some((o) => o.id === id && isUnresolved(o)) === true;
  return after.attempts
    .filter((a) => isApart(a.paymentMethod) && needs(before, a.operation))
    .filter((a) => !isUnresolved(findOperation(after, a.operation)))
    .map((a) => a.id);
}
