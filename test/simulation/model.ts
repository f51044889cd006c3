/**
 * What a payment may answer, from what its merchant has been told: written without a look at the core, and naive on
 * purpose. Of each sum it knows only between which bounds it lies, since answers get lost and requests overlap.
 */

import type { Answer, Step } from './steps.ts';

type Bounds = { least: number; most: number };

export type Model = {
  /** A request is about to be made: what it may change is uncertain from here on. */
  asked(step: Step): void;
  /** Whether the answer is one that may be given; a sentence where it is not. */
  judge(step: Step, answer: Answer): string | null;
};

type Known = {
  amount: number;
  authorized: Bounds;
  captured: Bounds;
  refunded: Bounds;
  /** Somebody may have voided it. */
  voidAsked: boolean;
  /** A capture that releases the rest may have been made. */
  finalAsked: boolean;
};

type Payment = {
  id: string;
  amount: number;
  status: string;
  amount_authorized: number;
  amount_captured: number;
  amount_refunded: number;
};
type Refund = { id: string; amount: number; status: string; payment: string };

/** While something is unresolved, and where a provider cannot do it or will not. */
const IN_DOUBT = [
  'operation_unresolved',
  'capture_refused',
  'void_refused',
  'provider_not_reached',
  'not_supported_by_provider',
];

const ALLOWED: Record<Step['kind'], readonly string[]> = {
  create: ['not_supported_by_provider'],
  confirm: [...IN_DOUBT, 'payment_not_confirmable', 'payment_method_missing', 'customer_action_pending'],
  capture: [...IN_DOUBT, 'payment_not_capturable', 'amount_exceeds_capturable'],
  void: [...IN_DOUBT, 'payment_not_voidable', 'payment_already_voided', 'payment_already_captured'],
  refund: [...IN_DOUBT, 'payment_not_refundable', 'amount_exceeds_refundable'],
};

/** `excused`: payments of which the provider did what nobody asked for, so that sums are not only ours to tell. */
export function createModel(excused: (payment: string) => boolean): Model {
  const known = new Map<string, Known>();
  return {
    asked: (step) => {
      const of = step.payment === null ? undefined : known.get(step.payment);
      if (of !== undefined) widen(of, step);
    },
    judge: (step, answer) => {
      if (answer.status >= 300) return judgeRefusal(step, answer, known, excused);
      const body = JSON.parse(answer.text) as (Payment | Refund) & { object: string };
      if (body.object === 'refund') return judgeRefund(step, body as Refund, known, excused);
      return judgePayment(step, body as Payment, known, excused);
    },
  };
}

/** What was asked for may come true from the moment it is asked. */
function widen(of: Known, { kind, input }: Step): void {
  const { amount = null, final } = input as { amount?: number | null; final?: boolean };
  // Another card is authorised after the first, which the bank may have approved before it was released.
  if (kind === 'confirm') of.authorized.most += of.amount;
  if (kind === 'capture') of.captured.most = Math.min(of.amount, of.captured.most + (amount ?? of.amount));
  if (kind === 'refund') of.refunded.most = Math.min(of.amount, of.refunded.most + (amount ?? of.amount));
  if (kind === 'void') of.voidAsked = true;
  if (kind === 'capture' && final === true) of.finalAsked = true;
}

function judgePayment(
  step: Step,
  body: Payment,
  known: Map<string, Known>,
  excused: (payment: string) => boolean,
): string | null {
  const { id, amount, amount_authorized, amount_captured, amount_refunded } = body;
  if (step.payment !== null && step.payment !== id) return `the answer is about ${id}`;
  if (step.kind === 'create' && amount !== (step.input as Payment).amount) return `the amount is ${amount}`;
  if (!known.has(id)) known.set(id, unknown(amount));
  if (excused(id)) return null;
  // A capture may be heard of before the approval that it belongs to.
  if (amount_captured > amount) return 'captured is more than asked';
  if (amount_refunded > amount_captured) return 'refunded is more than captured';
  const { most } = (known.get(id) as Known).authorized;
  if (amount_authorized > most)
    return `${amount_authorized} is authorised, and no more than ${most} was asked for`;
  if (step.kind === 'capture') return judgeCapture(step, body, known.get(id) as Known);
  return null;
}

/** Money that was captured stays captured: with it the least that must be captured grows. */
function judgeCapture({ input }: Step, body: Payment, of: Known): string | null {
  const { amount } = input as { amount: number | null };
  if (body.amount_captured > of.captured.most)
    return `${body.amount_captured} is captured, and no more than ${of.captured.most} was asked for`;
  if (amount !== null && amount > of.amount) return `a capture of ${amount} was taken of ${of.amount}`;
  of.captured.least = Math.max(of.captured.least, body.amount_captured);
  return null;
}

function judgeRefund(
  step: Step,
  { amount, status, payment }: Refund,
  known: Map<string, Known>,
  excused: (payment: string) => boolean,
): string | null {
  const of = known.get(payment);
  const asked = (step.input as { amount: number | null }).amount;
  if (asked !== null && amount !== asked) return `a refund of ${asked} was asked for, one of ${amount} made`;
  if (of === undefined || excused(payment)) return null;
  if (of.refunded.least + amount > of.amount)
    return `${amount} is refunded after ${of.refunded.least} of ${of.amount}`;
  if (status === 'succeeded') of.refunded.least += amount;
  return null;
}

function judgeRefusal(
  step: Step,
  { code, status }: Answer,
  known: Map<string, Known>,
  excused: (payment: string) => boolean,
): string | null {
  if (!ALLOWED[step.kind].includes(code ?? ''))
    return `the answer ${status} ${code} is none that this may get`;
  const of = step.payment === null ? undefined : known.get(step.payment);
  if (of === undefined || step.payment === null || excused(step.payment)) return null;
  const { amount } = step.input as { amount?: number | null };
  if (code === 'payment_already_voided' && !of.voidAsked) return 'nobody has asked for a void';
  if (code === 'amount_exceeds_capturable' && amount != null && fits(amount, of.captured, of))
    return of.finalAsked || of.voidAsked ? null : `${amount} was refused though it fits`;
  return null;
}

function fits(amount: number, taken: Bounds, { amount: all }: Known): boolean {
  return taken.most <= all && amount + Math.min(taken.most, all) <= all;
}

function unknown(amount: number): Known {
  return {
    amount,
    authorized: { least: 0, most: amount },
    captured: { least: 0, most: 0 },
    refunded: { least: 0, most: 0 },
    voidAsked: false,
    finalAsked: false,
  };
}
