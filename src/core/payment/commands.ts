/** What can be asked of a payment. Ids, plans and amounts are decided by the caller; `decide` only judges. */

import type { Decline } from '../declines.ts';
import type { AuthorizationDetails, Outcome, ProviderCall } from '../outcome.ts';
import type { AttemptPlan, EventData, Times } from './events.ts';

export type Command =
  | { type: 'create'; payment: EventData['payment_created']; confirm: AttemptPlan | null }
  /** `plan` is null when neither the request nor the payment names a payment method. */
  | {
      type: 'confirm';
      plan: AttemptPlan | null;
      newMethod: boolean;
      /** Id of the operation that cancels an open challenge, should there be one to replace. */
      cancel: string;
    }
  /** The customer came back, or the provider says that they have answered: finish the attempt's round. */
  | { type: 'complete'; attempt: string; round: number; operation: string }
  /** Without an amount all that is capturable. `final` releases the rest. */
  | { type: 'capture'; capture: string; operation: string; amount: number | null; final: boolean }
  | { type: 'void'; operation: string }
  /** Without an amount all that is refundable. */
  | { type: 'refund'; refund: string; operation: string; amount: number | null }
  /** Time has come for a payment that nobody paid, or a challenge that nobody answered. */
  | { type: 'expire'; operation: string }
  | ({ type: 'record_outcome'; operation: string; outcome: Outcome; call: ProviderCall | null } & Pick<
      Times,
      'received_at'
    >)
  | { type: 'record_fact'; fact: Fact }
  /** An operation stayed unresolved for so long that a person should look; it stays unresolved. */
  | { type: 'report_unresolved'; operation: string };

/**
 * Something that a provider is known to have done, from a webhook, a look-up, a report or an operator.
 * A movement has an id of the provider's own; a total tells a cumulative amount, of which only what no
 * movement explains is new.
 */
export type Fact = Times & { attempt: string } & (
    | {
        kind: 'authorized';
        amount: number;
        provider_reference: string;
        details: AuthorizationDetails | null;
      }
    | { kind: 'declined'; decline: Decline; provider_reference: string | null }
    | { kind: 'expired' }
    | { kind: 'voided'; amount: number }
    | { kind: 'captured' | 'refunded'; movement: string; operation: string | null; amount: number }
    | { kind: 'reversed'; movement: string; amount: number }
    | { kind: 'refund_returned'; movement: string; of: string; amount: number }
    | { kind: 'captured_total' | 'refunded_total'; amount: number; version: string }
  );

export type CommandType = Command['type'];
