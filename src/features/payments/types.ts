/** What the payments feature takes and gives. Bodies are the API's JSON, snake_case; see `present.ts`. */

import type { CaptureMethod, PaymentMethod } from '../../core/payment/events.ts';
import type { Principal, Reply } from '../../flow/caller.ts';

export type { Principal, Reply };

/** A POST that moves money, or may: validated, authenticated, with its idempotency key. */
export type MoneyRequest<Input> = {
  principal: Principal;
  /** The bare key, unquoted. */
  idempotencyKey: string;
  /** Method, route and a digest of each top-level field of the body; see `http/fingerprint.ts`. */
  fingerprint: string;
  /** The same in logs, events and at the provider. */
  correlation: string;
  traceparent: string;
  input: Input;
};

export type CreateInput = {
  amount: number;
  currency: string;
  capture_method: CaptureMethod;
  confirm: boolean;
  allow_partial_authorization: boolean;
  payment_method: PaymentMethod | null;
  /** The customer is away: a stored method is charged as was agreed. */
  off_session: boolean;
  /** The provider account that takes the payment; null: any that can. */
  provider_account: string | null;
  reference: string | null;
  /** All of this is kept beside the events, and can be erased. */
  details: Details;
};

export type Details = {
  description: string | null;
  metadata: Record<string, string>;
  return_url: string | null;
  customer: { id: string | null; name: string | null; email: string | null } | null;
  channel: 'web' | 'app' | 'moto' | 'recurring' | 'in_store' | null;
  billing_country: string | null;
};

export type ConfirmInput = {
  payment: string;
  payment_method: PaymentMethod | null;
  provider_account: string | null;
};
export type CaptureInput = { payment: string; amount: number | null; final: boolean };
export type VoidInput = { payment: string };
export type RefundInput = {
  payment: string;
  amount: number | null;
  reason: string | null;
  metadata: Record<string, string>;
};

export type ListQuery = {
  limit: number;
  cursor: string | null;
  status: string | null;
  reference: string | null;
  currency: string | null;
  /** ISO 8601, inclusive and exclusive. */
  created_from: string | null;
  created_to: string | null;
};

export type Payments = {
  create(request: MoneyRequest<CreateInput>): Promise<Reply>;
  confirm(request: MoneyRequest<ConfirmInput>): Promise<Reply>;
  capture(request: MoneyRequest<CaptureInput>): Promise<Reply>;
  void(request: MoneyRequest<VoidInput>): Promise<Reply>;
  refund(request: MoneyRequest<RefundInput>): Promise<Reply>;
  retrieve(principal: Principal, payment: string): Promise<Reply>;
  list(principal: Principal, query: ListQuery): Promise<Reply>;
  retrieveCapture(principal: Principal, capture: string): Promise<Reply>;
  retrieveRefund(principal: Principal, refund: string): Promise<Reply>;
  events(principal: Principal, payment: string, page: { limit: number; after: number }): Promise<Reply>;
  explain(principal: Principal, payment: string): Promise<Reply>;
  exceptions(principal: Principal, page: { limit: number; cursor: string | null }): Promise<Reply>;
  /**
   * The customer's browser is back from a challenge, with what the provider put in the query for its own use. Gives
   * the address to send it on to, or null without one.
   */
  customerReturned(
    attempt: string,
    trace: { correlation: string; traceparent: string },
    returned: string | null,
  ): Promise<{ location: string | null; status: string } | null>;
};
