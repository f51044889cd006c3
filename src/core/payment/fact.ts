/** What a provider can be known to have done. */

import type { Decline } from '../declines.ts';
import type { AuthorizationDetails } from '../outcome.ts';

/** Who says so and when: `provider_at` by the provider's clock, `received_at` when it reached us. */
export type Times = { provider_at: string | null; received_at: string | null };

/**
 * Something that a provider is known to have done, from a webhook, a look-up, a report or an operator.
 * A movement has an id of the provider's own; a total tells a cumulative amount, of which only what no
 * movement explains is new. A total of refunds counts those as well that came back later.
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
    /**
     * An operation of ours that the provider had accepted came to nothing. `movement`: the provider's id of what
     * failed, where it has one: if it is told as succeeded too, before or after, it succeeded first and came back.
     */
    | ({ kind: 'capture_failed' | 'refund_failed'; movement: string | null } & Refusal)
    | ({ kind: 'void_failed' } & Refusal)
    /** `raw_code`: why, in the provider's or the bank's own code, where it is told. */
    | { kind: 'reversed'; movement: string; amount: number; raw_code?: string }
    | { kind: 'refund_returned'; movement: string; of: string; amount: number }
    | { kind: 'captured_total' | 'refunded_total'; amount: number; version: string }
    /** The bank took the money, or claims it. Its end names the dispute alone. */
    | { kind: 'disputed'; dispute: string; amount: number }
    | { kind: 'dispute_won' | 'dispute_lost'; dispute: string }
  );

/** `decline` where an issuer or bank refused, else the provider's own code alone. */
type Refusal = { operation: string; decline: Decline | null; raw_code: string | null };

export type FactOf<Kind extends Fact['kind']> = Fact extends infer Each
  ? Each extends { kind: Fact['kind'] }
    ? Kind extends Each['kind']
      ? Each
      : never
    : never
  : never;

/** Facts that speak of something else by its id, which may come later than they do; and totals. */
export type WaitingFact = FactOf<
  'refund_returned' | 'captured_total' | 'refunded_total' | 'dispute_won' | 'dispute_lost'
>;
