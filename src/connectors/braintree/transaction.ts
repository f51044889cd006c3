/** A transaction as the gateway tells it, each field checked where it is read. */

import type braintree from 'braintree';
import type { AuthorizationDetails } from '../../core/outcome.ts';
import { amountMinorOf } from './amounts.ts';

type Status = braintree.TransactionStatus;

export type Transaction = {
  id: string;
  type: 'sale' | 'credit';
  status: Status;
  amount: number;
  /** What was authorised, where the history tells it: a submission for less lowers `amount`. */
  authorized: number;
  currency: string;
  orderId: string | null;
  /** A bank debit is decided days later. */
  bankDebit: boolean;
  /** At any time: a settlement that is declined afterwards is a return. */
  hasSettled: boolean;
  refundIds: string[];
  partIds: string[];
  /** Of a refund: what it refunds. */
  refundOf: string | null;
  /** Of a part of a settlement: the authorisation. */
  partOf: string | null;
  processorCode: string | null;
  settlementCode: string | null;
  rejection: string | null;
  /** When it came to its present status. */
  at: string | null;
  details: AuthorizationDetails;
};

/** Names as the SDK's types have them; beside, those that the types leave out. */
type Name =
  | keyof braintree.Transaction
  | keyof braintree.TransactionStatusHistory
  | 'authorizedTransactionId'
  | 'partialSettlementTransactionIds'
  | 'refundedTransactionFk'
  | 'applePay'
  | 'eciFlag'
  | 'bin'
  | 'last4'
  | 'sourceCardLast4';
export type Fields = { [name in Name]?: unknown };

const STATUSES: ReadonlySet<string> = new Set([
  'authorization_expired',
  'authorized',
  'authorizing',
  'settlement_pending',
  'settlement_confirmed',
  'settlement_declined',
  'failed',
  'gateway_rejected',
  'processor_declined',
  'settled',
  'settling',
  'submitted_for_settlement',
  'voided',
] satisfies Status[]);

const BANK_DEBITS: ReadonlySet<unknown> = new Set(['us_bank_account', 'sepa_debit_account']);

/** What `readTransaction` reads, and nothing else: no name, no address, no more of a card than its ends. */
const READ = [
  'id',
  'type',
  'status',
  'amount',
  'currencyIsoCode',
  'orderId',
  'paymentInstrumentType',
  'refundIds',
  'partialSettlementTransactionIds',
  'refundedTransactionId',
  'authorizedTransactionId',
  'processorResponseCode',
  'processorSettlementResponseCode',
  'processorAuthorizationCode',
  'gatewayRejectionReason',
  'networkTransactionId',
  'updatedAt',
] as const satisfies Name[];

export function kept(value: unknown): Fields {
  const fields = fieldsOf(value);
  const history = listOf(fields.statusHistory).map((event) => {
    const { status, amount, timestamp } = fieldsOf(event);
    return { status, amount, timestamp };
  });
  return { ...Object.fromEntries(READ.map((name) => [name, fields[name]])), statusHistory: history };
}

/** Null where something is missing that every transaction has: half a transaction is none. */
export function readTransaction(value: unknown): Transaction | null {
  const fields = fieldsOf(value);
  const amount = amountMinorOf(fields.amount, fields.currencyIsoCode);
  const id = textOf(fields.id);
  const { type, status } = fields;
  if (id === null || amount === null || !(type === 'sale' || type === 'credit')) return null;
  if (typeof status !== 'string' || !STATUSES.has(status)) return null;
  const history = listOf(fields.statusHistory).map(fieldsOf);
  return {
    id,
    type,
    status: status as Status,
    amount,
    authorized: authorizedIn(history, fields.currencyIsoCode) ?? amount,
    currency: String(fields.currencyIsoCode),
    orderId: textOf(fields.orderId),
    bankDebit: BANK_DEBITS.has(fields.paymentInstrumentType),
    hasSettled: status === 'settled' || history.some((event) => event.status === 'settled'),
    refundIds: textsOf(fields.refundIds),
    partIds: textsOf(fields.partialSettlementTransactionIds),
    refundOf: textOf(fields.refundedTransactionId),
    partOf: textOf(fields.authorizedTransactionId),
    processorCode: textOf(fields.processorResponseCode),
    settlementCode: textOf(fields.processorSettlementResponseCode),
    rejection: textOf(fields.gatewayRejectionReason),
    at: timeOf(history.at(-1)?.timestamp ?? fields.updatedAt),
    details: detailsOf(fields),
  };
}

/** Whether the money was asked for, and not called off since: what a capture brings about. */
export function isSubmitted({ status, partIds }: Transaction): boolean {
  switch (status) {
    case 'submitted_for_settlement':
    case 'settling':
    case 'settled':
    case 'settlement_confirmed':
    case 'settlement_declined':
      return partIds.length === 0;
    // With parts it is the authorisation, waiting for the next one.
    case 'settlement_pending':
      return partIds.length === 0;
    case 'authorization_expired':
    case 'authorized':
    case 'authorizing':
    case 'failed':
    case 'gateway_rejected':
    case 'processor_declined':
    case 'voided':
      return false;
    default:
      return status satisfies never;
  }
}

function authorizedIn(history: readonly Fields[], currency: unknown): number | null {
  const event = history.find(({ status }) => status === 'authorized');
  return event === undefined ? null : amountMinorOf(event.amount, currency);
}

function detailsOf(fields: Fields): AuthorizationDetails {
  const card = fieldsOf(fields.creditCard ?? fields.applePay ?? fields.androidPayCard);
  const [postal, street] = [
    textOf(fields.avsPostalCodeResponseCode),
    textOf(fields.avsStreetAddressResponseCode),
  ];
  return {
    authorization_code: textOf(fields.processorAuthorizationCode),
    bin: textOf(card.bin),
    last4: textOf(card.last4) ?? textOf(card.sourceCardLast4),
    avs_result: postal === null && street === null ? null : `${postal ?? '-'}${street ?? '-'}`,
    cvc_result: textOf(fields.cvvResponseCode),
    eci: textOf(fieldsOf(fields.threeDSecureInfo).eciFlag),
    network_transaction_id: textOf(fields.networkTransactionId),
  };
}

/** An empty text says nothing. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function timeOf(value: unknown): string | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((one) => typeof one === 'string');
}
