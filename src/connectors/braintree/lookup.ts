/**
 * What became of an operation. A sale is found by its order id, through a search that is behind, until an answer has
 * named it; what changes a transaction that is known is read from that transaction, its parts and its refunds.
 */

import type { Outcome, ProviderCall } from '../../core/outcome.ts';
import type { CaptureRequest, LookUpResult, ProviderRequest, RefundRequest, VoidRequest } from '../port.ts';
import { meaning, refundedTransaction } from './answer.ts';
import { DUPLICATE } from './codes.ts';
import { orderId } from './order-id.ts';
import { type Ask, type Read, readAll, readOne, searchIds } from './reading.ts';
import { isSubmitted, type Transaction } from './transaction.ts';

export async function lookUp(ask: Ask, request: ProviderRequest): Promise<LookUpResult> {
  switch (request.kind) {
    case 'authorize':
    case 'complete':
      return lookUpSale(ask, request);
    case 'capture':
      return lookUpCapture(ask, request);
    case 'void':
      return lookUpVoid(ask, request);
    case 'refund':
      return lookUpRefund(ask, request);
    default:
      return request satisfies never;
  }
}

/** One that was refused as a duplicate says only that there is another, which the search may not show yet. */
async function lookUpSale(
  ask: Ask,
  request: Extract<ProviderRequest, { kind: 'authorize' | 'complete' }>,
): Promise<LookUpResult> {
  const known = request.providerReference;
  const sales = known === null ? await salesOf(ask, request) : await readAlone(ask, known);
  if (sales.kind !== 'read') return sales;
  const { value, call } = sales;
  if (value.length === 0) return { kind: 'not_found', call };
  const original = value.find(({ rejection }) => rejection !== DUPLICATE);
  if (original === undefined)
    return { kind: 'unavailable', reason: 'the search shows only its duplicate', call };
  return told(meaning(request, original), call);
}

async function lookUpCapture(ask: Ask, request: CaptureRequest): Promise<LookUpResult> {
  const parent = await readOne(ask, request.providerReference);
  if (parent.kind !== 'read') return parent;
  if (isSubmitted(parent.value)) return told(meaning(request, parent.value), parent.call);
  const parts = await readAll(ask, parent.value.partIds, parent.call);
  if (parts.kind !== 'read') return parts;
  const ours = orderId(request.reference, request.operation);
  const part = parts.value.find((one) => one.orderId === ours);
  if (part !== undefined) return told(meaning(request, part), parts.call);
  return isOver(parent.value)
    ? refused('91507', parent.value, parts.call)
    : { kind: 'not_found', call: parts.call };
}

async function lookUpVoid(ask: Ask, request: VoidRequest): Promise<LookUpResult> {
  const known = request.providerReference;
  const sales = known === null ? await salesOf(ask, request) : await readAlone(ask, known);
  if (sales.kind !== 'read') return sales;
  const { value, call } = sales;
  const voided = value.find(({ status }) => status === 'voided');
  if (voided !== undefined) return told(meaning(request, voided), call);
  const [over] = value.filter((one) => isOver(one) || isSubmitted(one));
  return over === undefined ? { kind: 'not_found', call } : refused('91504', over, call);
}

async function lookUpRefund(ask: Ask, request: RefundRequest): Promise<LookUpResult> {
  const parent = await readOne(ask, refundedTransaction(request));
  if (parent.kind !== 'read') return parent;
  const refunds = await readAll(ask, parent.value.refundIds, parent.call);
  if (refunds.kind !== 'read') return refunds;
  const ours = orderId(request.reference, request.operation);
  const refund = refunds.value.find((one) => one.orderId === ours);
  return refund === undefined
    ? { kind: 'not_found', call: refunds.call }
    : told(meaning(request, refund), refunds.call);
}

export async function salesOf(
  ask: Ask,
  { reference, attempt }: Pick<ProviderRequest, 'reference' | 'attempt'>,
) {
  const ids = await searchIds(ask, { order_id: { is: orderId(reference, attempt) } });
  return ids.kind === 'read' ? readAll(ask, ids.value, ids.call) : ids;
}

async function readAlone(ask: Ask, id: string): Promise<Read<Transaction[]>> {
  const read = await readOne(ask, id);
  return read.kind === 'read' ? { ...read, value: [read.value] } : read;
}

/** Nothing can be captured or voided any more. */
function isOver({ status }: Transaction): boolean {
  return !['authorized', 'authorizing', 'settlement_pending', 'submitted_for_settlement'].includes(status);
}

function refused(raw_code: string, { id, status }: Transaction, call: ProviderCall): LookUpResult {
  const outcome: Outcome = {
    kind: 'rejected',
    raw_code,
    message: `The transaction is ${status}.`,
    provider_reference: id,
  };
  return { kind: 'found', outcome, call };
}

function told(outcome: Outcome, call: ProviderCall): LookUpResult {
  return outcome.kind === 'unknown'
    ? { kind: 'unavailable', reason: outcome.reason, call }
    : { kind: 'found', outcome, call };
}
