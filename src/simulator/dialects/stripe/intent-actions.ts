/** What is done to a PaymentIntent that was confirmed: captured, in parts if it may be, or cancelled. */

import { approved, type Charge, rejected, remaining, type Verdict } from '../../books.ts';
import { capture, release } from '../../rules.ts';
import type { Context, Done, Job, Said } from '../../simulator.ts';
import { invalid, missing } from './errors.ts';
import { metadataOf, textOf } from './form.ts';
import { isSaid, mergedMetadata, readAmount } from './intent-input.ts';
import { statusOf } from './intent-view.ts';
import { intentJob, orderOf } from './intents.ts';
import type { StripeRequest } from './request.ts';
import { chargeOf, find, type Intent } from './things.ts';

export const DECLINED: Verdict = { status: 'declined', code: 'generic_decline', movement: null, amount: 0 };

export function captureIntent(request: StripeRequest, id: string): Job | Said {
  const { sim, params } = request;
  const intent = find(sim.books, 'payment_intent', id);
  if (intent === undefined) return missing('payment_intent', id, 'intent');
  const amount = amountToCapture(request, intent);
  if (isSaid(amount)) return amount;
  const final = textOf(params, 'final_capture') !== 'false';
  if (!final && !intent.data.multicapture) {
    return invalid('final_capture', 'This PaymentIntent does not support capturing more than once.');
  }
  const ask = { amount, final };
  const act = (charge: Charge, context: Context) => captureCharge(charge, ask, context, operation);
  const kind = amount === 0 ? 'void' : 'capture';
  const { operation } = orderOf(request, kind, metadataOf(params));
  return acting(request, kind, intent, act, { metadata: mergedMetadata(intent.data.metadata, params) });
}

/** Nothing of a payment that is captured in part, for the last time: that lets go of the rest. */
function amountToCapture({ params }: StripeRequest, { data }: Intent): number | null | Said {
  const releases = data.multicapture && textOf(params, 'amount_to_capture') === '0';
  return releases ? 0 : readAmount(params, 'amount_to_capture', data.currency);
}

function captureCharge(
  charge: Charge,
  { amount, final }: { amount: number | null; final: boolean },
  { twist, at }: Context,
  operation: string,
): Verdict {
  if (twist.declined) return DECLINED;
  return capture(
    charge,
    { amount: amount ?? Math.max(1, remaining(charge)), final },
    twist.excess,
    operation,
    at,
  );
}

export function cancelIntent(request: StripeRequest, id: string): Job | Said {
  const { sim, params } = request;
  const intent = find(sim.books, 'payment_intent', id);
  if (intent === undefined) return missing('payment_intent', id, 'intent');
  const cancellationReason = textOf(params, 'cancellation_reason');
  const { operation } = orderOf(request, 'void', metadataOf(params));
  const act = (charge: Charge, { twist, at }: Context): Verdict => {
    if (twist.declined) return DECLINED;
    if (charge.state === 'pending') return rejected('not_authorized');
    // What was captured in part stays; the rest is let go.
    if (charge.captured > 0) return capture(charge, { amount: 0, final: true }, 0, operation, at);
    return release(charge, operation, at);
  };
  const job = acting(request, 'void', intent, act, { cancellationReason });
  return isUncharged(request, intent) ? cancelDraft(request, intent, cancellationReason) : job;
}

/** No money is held: before the first attempt, and after one that was declined. */
function isUncharged({ sim }: StripeRequest, intent: Intent): boolean {
  const status = statusOf(intent, chargeOf(sim.books, intent));
  return status === 'requires_payment_method' || status === 'requires_confirmation';
}

function cancelDraft(request: StripeRequest, intent: Intent, cancellationReason: string | null): Job {
  const execute = ({ books, at }: Context): Done => {
    const { data } = find(books, 'payment_intent', intent.id) ?? intent;
    const canceled = { ...intent, data: { ...data, canceledAt: at.now, cancellationReason } };
    return { charge: null, verdict: approved(intent.id, 0), things: [canceled] };
  };
  const charge = chargeOf(request.sim.books, intent);
  const order = { ...orderOf(request, 'void', intent.data.metadata), operation: request.operation };
  return intentJob(request, { ...order, charge, execute });
}

function acting(
  request: StripeRequest,
  kind: 'capture' | 'void',
  intent: Intent,
  act: (charge: Charge, context: Context) => Verdict,
  change: Partial<Intent['data']> = {},
): Job {
  const charge = chargeOf(request.sim.books, intent);
  const execute = (context: Context): Done => {
    const verdict = charge === null ? rejected('not_authorized') : act(charge, context);
    const now = find(context.books, 'payment_intent', intent.id) ?? intent;
    const things = verdict.status === 'approved' ? [{ ...now, data: { ...now.data, ...change } }] : [];
    return { charge, verdict: { ...verdict, movement: intent.id }, things };
  };
  const order = orderOf(request, kind, metadataOf(request.params));
  return intentJob(request, { ...order, charge, reference: charge?.reference ?? null, execute });
}
