/** What can be asked of a payment. Ids, plans and amounts are decided by the caller; `decide` only judges. */

import type { Outcome, ProviderCall } from '../outcome.ts';
import type { AttemptPlan, EventData } from './events.ts';
import type { Fact, Times } from './fact.ts';

export type { Fact };

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
  | { type: 'complete'; attempt: string; round: number; operation: string; returned?: string }
  /** Without an amount all that is capturable. `final` releases the rest. */
  | { type: 'capture'; capture: string; operation: string; amount: number | null; final: boolean }
  | { type: 'void'; operation: string }
  /** Without an amount all that is refundable. */
  | { type: 'refund'; refund: string; operation: string; amount: number | null }
  /** Time has come for a payment that nobody paid, or a challenge that nobody answered. */
  | { type: 'expire'; operation: string }
  | ({
      type: 'record_outcome';
      operation: string;
      outcome: Outcome;
      call: ProviderCall | null;
      /** Calls for it that provably did not arrive, before this one. */
      before?: readonly EventData['call_recorded'][];
      /** The call was a question about the operation: it is of no interest where it tells nothing new. */
      asked?: true;
    } & Pick<Times, 'received_at'>)
  | { type: 'record_fact'; fact: Fact }
  /** An operation stayed unresolved for so long that a person should look; it stays unresolved. */
  | { type: 'report_unresolved'; operation: string }
  /** Facts that reached us by then and still wait for what they belong to: a person should look; they go on waiting. */
  | { type: 'report_waiting'; receivedBy: string }
  /** Nobody can be asked what became of an authorisation that is not wanted: it is cancelled unseen, once. */
  | { type: 'cancel_unresolved'; operation: string; cancel: string }
  /** Nobody can be asked what became of an authorisation, and the provider has cancelled it since: it is over. */
  | { type: 'end_canceled'; operation: string };

export type CommandType = Command['type'];
