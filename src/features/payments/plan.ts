/** A new attempt: its ids, and the account that takes it. */

import type { AttemptPlan, Mode, PaymentMethod } from '../../core/payment/events.ts';
import { setApart } from '../../core/payment/payload.ts';
import type { State } from '../../core/payment.ts';
import { type FlowDeps, newId } from '../../flow/deps.ts';
import type { Ids } from '../../flow/submit.ts';
import { type Routed, route, type Wish } from './route.ts';
import type { CreateInput } from './types.ts';

export type Planned = { ok: true; plan: AttemptPlan } | Extract<Routed, { ok: false }>;

/** Null when nothing is to be attempted yet. */
export function planFirst(deps: FlowDeps, mode: Mode, input: CreateInput): Planned | null {
  if (!input.confirm || input.payment_method === null) return null;
  return planAttempt(deps, {
    account: input.provider_account,
    mode,
    currency: input.currency,
    method: input.payment_method,
    captureMethod: input.capture_method,
    offSession: input.off_session,
  });
}

export function wishOf(state: State, mode: Mode, method: PaymentMethod, account: string | null): Wish {
  const { currency, captureMethod, offSession = false } = state;
  return { account, mode, currency, method, captureMethod, offSession };
}

export function planAttempt(deps: FlowDeps, wish: Wish, ids?: Ids): Planned {
  const attempt = ids?.['attempt'] ?? newId(deps, 'attempt');
  const routed = route(deps.accounts, attempt, wish);
  if (!routed.ok) return routed;
  const sale = wish.captureMethod === 'automatic';
  const plan = {
    attempt,
    operation: ids?.['operation'] ?? newId(deps, 'operation'),
    capture: sale ? (ids?.['capture'] ?? newId(deps, 'capture')) : null,
    payment_method: setApart(wish.method, attempt),
    routing: routed.routing,
  };
  return { ok: true, plan };
}

export function planIds(plan: AttemptPlan | null): Ids {
  if (plan === null) return {};
  const { attempt, operation, capture } = plan;
  return capture === null ? { attempt, operation } : { attempt, operation, capture };
}
