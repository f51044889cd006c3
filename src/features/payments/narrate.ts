/** One sentence for each event: what happened and why, for people who were not there. */

import { formatMoney } from '../../core/money.ts';
import type { Event, EventData, Failure } from '../../core/payment/events.ts';
import { nameOfTotal } from '../../core/payment/state.ts';

export function narrate(event: Event, currency: string): string {
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency });
  switch (event.type) {
    case 'payment_created':
      return `A payment of ${money(event.data.amount)} was created, capture ${event.data.capture_method}.`;
    case 'attempt_started': {
      const taken = event.data.routing.candidates.find((c) => c.taken);
      return `Attempt ${event.data.number} over ${money(event.data.amount)} went to ${event.data.provider}: ${taken?.reason ?? 'no reason recorded'}.`;
    }
    case 'attempt_abandoned':
      return `The attempt was given up (${words(event.data.reason)})${event.data.next ? '; the next one starts once the provider confirms' : ''}.`;
    case 'attempt_adopted':
      return 'The attempt had taken the money and could not be cancelled any more; it stands, and no other attempt starts.';
    case 'action_required':
      return `The bank asks the customer to confirm (round ${event.data.round}).`;
    case 'completion_requested':
      return `The customer has done their part; the provider is asked to finish round ${event.data.round}.`;
    case 'authorization_approved':
      return `${money(event.data.amount)} was approved as ${event.data.provider_reference}${event.data.late ? ', late' : ''}${event.data.adopted ? '; it stands, and no other attempt starts' : ''}.`;
    case 'authorization_failed':
      return `The attempt failed: ${because(event.data)}.`;
    case 'authorization_voided':
      return `${event.data.amount > 0 ? `${money(event.data.amount)} of the` : 'The'} authorisation was released${event.data.operation ? '' : ' at the provider, not by us'}.`;
    case 'authorization_expired':
      return 'The provider let the authorisation lapse.';
    case 'capture_requested':
      return `Capture of ${money(event.data.amount)} was requested${event.data.final ? '; the rest is released' : '; more may follow'}.`;
    case 'capture_succeeded':
      return movedSentence(event.data, 'captured', money);
    case 'capture_failed':
      return `The capture failed: ${because(event.data)}.`;
    case 'capture_reversed':
      return `${money(event.data.amount)} was taken back after the capture${event.data.raw_code ? ` (${event.data.raw_code})` : ''}.`;
    case 'void_requested':
      return `Releasing the authorisation was requested (${words(event.data.reason)}).`;
    case 'void_failed':
      return `The void failed: ${because(event.data)}.`;
    case 'refund_requested':
      return `A refund of ${money(event.data.amount)} was requested (${words(event.data.cause)}).`;
    case 'refund_succeeded':
      return movedSentence(event.data, 'refunded', money);
    case 'refund_failed':
      return `The refund failed: ${because(event.data)}.`;
    case 'refund_returned':
      return `The refund of ${money(event.data.amount)} came back after it had succeeded.`;
    case 'operation_pending':
      return 'The provider accepted the operation and will tell the result later.';
    case 'operation_unknown':
      return `Nobody knows what became of the operation (${words(event.data.reason)}): the money may have moved, so the provider is asked.`;
    case 'call_recorded':
      if (event.data.outcome === 'not_sent')
        return `A call for it did not arrive (${event.data.call.raw_code ?? event.data.call.http_status ?? 'no connection'}).`;
      return `The call that had been made for it ended as well (${words(event.data.outcome)}); its outcome was known already.`;
    case 'operation_canceled':
      return 'The provider has cancelled it, so its outcome is not waited for any more.';
    case 'payment_voided':
      return 'The payment was voided; an approval that still comes is released.';
    case 'payment_failed':
      return 'Nobody paid in time; the payment was given up.';
    case 'exception_raised':
      return `An exception for a person: ${words(event.data.type)}.`;
    case 'exception_withdrawn':
      return `What the exception asked about was explained (${words(event.data.type)}).`;
    case 'dispute_opened':
      return `${money(event.data.amount)} is disputed as ${event.data.dispute}; the bank holds it until that is decided.`;
    case 'dispute_won':
      return `The dispute ${event.data.dispute} was won: ${money(event.data.amount)} comes back.`;
    case 'dispute_lost':
      return `The dispute ${event.data.dispute} was lost: ${money(event.data.amount)} is gone.`;
    case 'fact_waiting':
      return `The provider told of something whose subject is not known yet (${words(event.data.fact.kind)}); it is kept until that comes.`;
    case 'fact_resumed':
      return 'What a waiting fact belongs to has come; the fact is applied.';
    default:
      return event satisfies never;
  }
}

type Moved = EventData['capture_succeeded'] | EventData['refund_succeeded'];

function movedSentence(data: Moved, done: 'captured' | 'refunded', money: (minor: number) => string): string {
  const { amount, movement, covers, attempt } = data;
  const fresh = amount - (covers?.amount ?? 0);
  if (movement === nameOfTotal(attempt, done))
    return `The provider’s total tells of ${money(fresh)} more ${done} than any movement has named.`;
  const unasked = 'from' in data && data.from === 'unrequested' ? ', which nobody here asked for' : '';
  const known = covers ? `; ${money(covers.amount)} of it was booked before it was known as this` : '';
  return `${money(amount)} was ${done} as ${movement}${unasked}${known}.`;
}

function because({ reason, decline, raw_code, evidence }: Failure): string {
  const code = raw_code === null ? '' : `, provider code ${raw_code}`;
  switch (reason) {
    case 'declined':
      return `declined as ${words(decline?.reason ?? 'unmapped')}${code}`;
    case 'rejected':
      return `refused as invalid${code}`;
    case 'not_sent':
      return `it was never processed (${words(evidence ?? 'unknown')})`;
    default:
      return reason satisfies never;
  }
}

function words(code: string): string {
  return code.replaceAll('_', ' ');
}
