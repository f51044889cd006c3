/** What the gateway's answers mean: the one place where its words become outcomes. */

import { type DeclineReason, decline } from '../../core/declines.ts';
import type { Approved, Outcome } from '../../core/outcome.ts';
import type {
  AuthorizeRequest,
  CaptureRequest,
  CompleteRequest,
  ProviderRequest,
  RefundRequest,
  VoidRequest,
} from '../port.ts';
import type { Result, Root } from './client.ts';
import { DUPLICATE, gatewayDecline, processorDecline, SETTLEMENT_DECLINED } from './codes.ts';
import { codesIn, messageIn } from './errors.ts';
import { orderId } from './order-id.ts';
import { fieldsOf, isSubmitted, readTransaction, type Transaction } from './transaction.ts';

const UNREADABLE: Outcome = { kind: 'unknown', reason: 'unreadable_answer' };

/**
 * The state of the transaction forbids it: what was asked may have been done before, so it asks for a look-up.
 * 91504 to void, 91507 and 915103 to submit, 91512 to refund.
 */
const ALREADY: ReadonlySet<string> = new Set(['91504', '91507', '915103', '91512']);
/** The bank refused a refund: for good, or for now. */
const REFUND_DECLINED: ReadonlyMap<string, DeclineReason> = new Map([
  ['915200', 'transaction_not_allowed'],
  ['915201', 'generic'],
]);
const IN_FLIGHT = '915233';

/** The outcome of a call that moves money. */
export function outcomeOf(request: ProviderRequest, result: Result): Outcome {
  if (result.kind === 'failed') return result.failure;
  const { status, root } = result;
  if (status === 429) return { kind: 'not_sent', evidence: 'rate_limited', reason: 'http_429' };
  if (status >= 500 || status === 408) return { kind: 'unknown', reason: 'server_error' };
  if (status === 401 || status === 403) return refusedAtTheDoor(status);
  if (root === undefined) return UNREADABLE;
  if (status === 422) return readRefusal(request, root);
  const transaction = status === 200 || status === 201 ? readTransaction(root['transaction']) : null;
  return transaction === null ? UNREADABLE : meaning(request, transaction);
}

/** The gateway reads nothing of a request whose keys it does not take. */
function refusedAtTheDoor(status: 401 | 403): Outcome {
  const message = status === 401 ? 'Braintree does not take these keys.' : 'These keys may not do this.';
  return { kind: 'rejected', raw_code: `http_${status}`, message, provider_reference: null };
}

/** A sale that was tried and refused is a transaction too; all else was not even tried. */
function readRefusal(request: ProviderRequest, root: Root): Outcome {
  const response = fieldsOf(root['apiErrorResponse']) as { transaction?: unknown };
  const tried = readTransaction(response.transaction);
  if (tried !== null) return meaning(request, tried);
  const [code] = codesIn(root);
  if (code === undefined) return UNREADABLE;
  if (code === IN_FLIGHT) return { kind: 'unknown', reason: 'in_flight' };
  if (ALREADY.has(code)) return { kind: 'unknown', reason: 'already_done' };
  const declined = REFUND_DECLINED.get(code);
  if (declined !== undefined) return declinedAs(decline(declined, code), null);
  return { kind: 'rejected', raw_code: code, message: messageIn(root) ?? code, provider_reference: null };
}

/** What a transaction that the operation made or changed says of it, from its answer or from a look-up. */
export function meaning(request: ProviderRequest, transaction: Transaction): Outcome {
  if (transaction.currency !== request.currency) return UNREADABLE;
  switch (request.kind) {
    case 'authorize':
    case 'complete':
      return ofSale(request, transaction);
    case 'capture':
      return ofCapture(request, transaction);
    case 'void':
      return ofVoid(request, transaction);
    case 'refund':
      return ofRefund(request, transaction);
    default:
      return request satisfies never;
  }
}

function ofSale(request: AuthorizeRequest | CompleteRequest, transaction: Transaction): Outcome {
  const { id, status } = transaction;
  if (transaction.orderId !== orderId(request.reference, request.attempt)) return UNREADABLE;
  switch (status) {
    case 'processor_declined':
    case 'failed':
      return declinedAs(processorDecline(transaction.processorCode ?? status), transaction);
    case 'gateway_rejected':
      // What succeeded a moment ago has this order id: it is ours.
      if (transaction.rejection === DUPLICATE) return { kind: 'unknown', reason: 'already_done' };
      return declinedAs(gatewayDecline(transaction.rejection ?? status), transaction);
    case 'authorizing':
      return { kind: 'pending', provider_reference: id };
    case 'settlement_declined':
      if (transaction.bankDebit && !transaction.hasSettled)
        return declinedAs(processorDecline(transaction.settlementCode ?? SETTLEMENT_DECLINED), transaction);
      return approvedSale(request, transaction);
    case 'settlement_pending':
    case 'submitted_for_settlement':
      // A bank debit is only asked for here; its bank decides in days.
      return transaction.bankDebit
        ? { kind: 'pending', provider_reference: id }
        : approvedSale(request, transaction);
    case 'voided':
      return transaction.bankDebit && !transaction.hasSettled
        ? calledOff(id)
        : approvedSale(request, transaction);
    case 'authorized':
    case 'authorization_expired':
    case 'settling':
    case 'settled':
    case 'settlement_confirmed':
      return approvedSale(request, transaction);
    default:
      return status satisfies never;
  }
}

/** A bank debit that was voided while its bank had not paid yet: nothing was ever held. */
function calledOff(provider_reference: string): Outcome {
  const message = 'The debit was voided before its bank had paid.';
  return { kind: 'rejected', raw_code: 'voided', message, provider_reference };
}

/** A capture that was asked for later is that operation's to tell, so it does not count here. */
function approvedSale(request: AuthorizeRequest | CompleteRequest, transaction: Transaction): Approved {
  const taken = request.kind === 'authorize' && request.capture && isSubmitted(transaction);
  return {
    kind: 'approved',
    provider_reference: transaction.id,
    movement: taken ? settlementOf(transaction.id) : null,
    amount: transaction.authorized,
    amount_captured: taken ? transaction.amount : 0,
    details: transaction.details,
    provider_at: transaction.at,
  };
}

/** Of the authorisation as a whole, or of a part, which is a transaction of its own. */
function ofCapture(request: CaptureRequest, transaction: Transaction): Outcome {
  const part = transaction.partOf !== null;
  const ours = part
    ? transaction.partOf === request.providerReference &&
      transaction.orderId === orderId(request.reference, request.operation)
    : transaction.id === request.providerReference;
  if (!ours) return UNREADABLE;
  if (isSubmitted(transaction)) {
    const movement = part ? transaction.id : settlementOf(transaction.id);
    return moved(request.providerReference, movement, transaction);
  }
  return transaction.status === 'processor_declined'
    ? declinedAs(processorDecline(transaction.processorCode ?? ''), transaction)
    : UNREADABLE;
}

function ofVoid(request: VoidRequest, transaction: Transaction): Outcome {
  const ours =
    request.providerReference === null
      ? transaction.orderId === orderId(request.reference, request.attempt)
      : transaction.id === request.providerReference;
  if (!ours || transaction.status !== 'voided') return UNREADABLE;
  const released = transaction.bankDebit ? 0 : transaction.authorized;
  return moved(transaction.id, null, { ...transaction, amount: released });
}

function ofRefund(request: RefundRequest, transaction: Transaction): Outcome {
  const ours =
    transaction.type === 'credit' &&
    transaction.orderId === orderId(request.reference, request.operation) &&
    transaction.refundOf === refundedTransaction(request);
  if (!ours) return UNREADABLE;
  switch (transaction.status) {
    case 'processor_declined':
    case 'failed':
    case 'gateway_rejected':
      return declinedAs(processorDecline(transaction.processorCode ?? transaction.status), transaction);
    case 'submitted_for_settlement':
    case 'settling':
    case 'settled':
    case 'settlement_confirmed':
    case 'settlement_pending':
    // It was on its way, and came back later: that it did is another fact.
    case 'settlement_declined':
      return moved(request.providerReference, transaction.id, transaction);
    case 'authorizing':
    case 'authorized':
    case 'authorization_expired':
    case 'voided':
      return UNREADABLE;
    default:
      return transaction.status satisfies never;
  }
}

function moved(provider_reference: string, movement: string | null, { amount, at }: Transaction): Approved {
  return {
    kind: 'approved',
    provider_reference,
    movement,
    amount,
    amount_captured: 0,
    details: null,
    provider_at: at,
  };
}

type Declined = Extract<Outcome, { kind: 'declined' }>;

function declinedAs(refusal: Declined['decline'], transaction: Transaction | null): Declined {
  return {
    kind: 'declined',
    decline: refusal,
    provider_reference: transaction?.id ?? null,
    provider_at: transaction?.at ?? null,
  };
}

/** A submission of the whole has no id beside the transaction's, and a movement needs one of its own. */
export function settlementOf(id: string): string {
  return `${id}/settlement`;
}

/** A refund is of the transaction that was settled: the authorisation itself, or the part that was captured. */
export function refundedTransaction({ captureReference, providerReference }: RefundRequest): string {
  const [id] = (captureReference ?? providerReference).split('/', 1);
  return id ?? providerReference;
}
