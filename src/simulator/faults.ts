/** Faults that are armed from outside for the next calls of a kind, and what each does to a call. */

import type { Kind } from './books.ts';

export const FAULTS = [
  'timeout_before',
  'timeout_after',
  'error_before',
  'error_after',
  'reset_before',
  'reset_after',
  'rate_limited',
  'garbled',
  'slow',
  'wrong_amount',
  'declined',
  'in_flight',
] as const;
export type Fault = (typeof FAULTS)[number];

export const FAULTY_OPERATIONS = [
  'authorize',
  'complete',
  'capture',
  'void',
  'refund',
  'prepare',
  'lookup',
] as const;
export type FaultyOperation = Kind | 'lookup';

export type ArmedFault = {
  operation: FaultyOperation;
  fault: Fault;
  /** Hits this payment only; null for any. */
  reference: string | null;
  times: number;
  fired: number;
};

/** How a fault ends a call: instead of the answer, or instead of the work as well. */
export type Ending = 'hold' | 'reset' | 'error' | 'rate_limited' | 'in_flight' | 'garbled';

export const MAX_ARMED = 100;

/** A release has no amount of its own to get wrong; what moves nothing has nothing to decline either. */
export function applies(fault: Fault, operation: FaultyOperation): boolean {
  if (operation === 'lookup' || operation === 'prepare')
    return fault !== 'wrong_amount' && fault !== 'declined';
  return !(operation === 'void' && fault === 'wrong_amount');
}

/** The next armed fault that hits this call, counted as fired. The oldest wins. */
export function takeFault(
  armed: ArmedFault[],
  operation: FaultyOperation,
  reference: string | null,
): Fault | null {
  const hit = armed.find(
    (one) =>
      one.fired < one.times &&
      one.operation === operation &&
      (one.reference === null || one.reference === reference),
  );
  if (hit === undefined) return null;
  hit.fired += 1;
  return hit.fault;
}

/** What happens before any work is done; null when the work goes on. */
export function endingBefore(fault: Fault | null): Ending | null {
  switch (fault) {
    case 'timeout_before':
      return 'hold';
    case 'reset_before':
      return 'reset';
    case 'error_before':
      return 'error';
    case 'rate_limited':
    case 'in_flight':
      return fault;
    case 'timeout_after':
    case 'error_after':
    case 'reset_after':
    case 'garbled':
    case 'slow':
    case 'wrong_amount':
    case 'declined':
    case null:
      return null;
    default:
      return fault satisfies never;
  }
}

/** What happens to the answer once the work is done; null when it is given. */
export function endingAfter(fault: Fault | null): Ending | null {
  switch (fault) {
    case 'timeout_after':
      return 'hold';
    case 'reset_after':
      return 'reset';
    case 'error_after':
      return 'error';
    case 'garbled':
      return 'garbled';
    case 'timeout_before':
    case 'error_before':
    case 'reset_before':
    case 'rate_limited':
    case 'in_flight':
    case 'slow':
    case 'wrong_amount':
    case 'declined':
    case null:
      return null;
    default:
      return fault satisfies never;
  }
}
