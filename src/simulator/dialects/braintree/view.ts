/** Transactions as the API shows them: a sale, a part of its settlement, a refund, each with an id of its own. */

import type braintree from 'braintree';
import type { Charge } from '../../books.ts';
import { formatDecimal, isoDecimals } from '../amounts.ts';
import { type Event, historyOf } from './history.ts';
import { isBankDebit } from './nonces.ts';
import {
  captureStatus,
  GATEWAY_REJECTIONS,
  processorCode,
  refundStatus,
  type Status,
  statusOf,
} from './status.ts';
import { refundedTransaction, refundWire, saleWire, type Told } from './wire.ts';
import { list, type XmlFields } from './xml.ts';

/** Checked against the SDK's own type: a name that it does not know would not compile. */
type View = { [name in keyof braintree.Transaction]?: XmlFields[string] } & XmlFields;

export function idOf(told: Told): string {
  switch (told.kind) {
    case 'sale':
      return told.charge.id;
    case 'part':
      return told.capture.id;
    case 'refund':
      return told.refund.id;
    default:
      return told satisfies never;
  }
}

export function madeAt(told: Told): number {
  return told.kind === 'sale' ? told.charge.at : told.kind === 'part' ? told.capture.at : told.refund.at;
}

export function orderIdOf(told: Told): string | null {
  const { charge } = told;
  if (told.kind === 'sale') return saleWire(charge).orderId;
  if (told.kind === 'part') return saleWire(charge).partOrderIds[told.capture.id] ?? null;
  return told.refund.wire === undefined ? null : refundWire(told.refund).orderId;
}

export function transactionView(told: Told, now: number): XmlFields {
  switch (told.kind) {
    case 'sale':
      return saleView(told.charge, now);
    case 'part':
      return partView(told, now);
    case 'refund':
      return refundView(told, now);
    default:
      return told satisfies never;
  }
}

function saleView(charge: Charge, now: number): View {
  const status = statusOf(charge, now);
  const { parts, threeDs } = saleWire(charge);
  const refunds = charge.refunds.filter((refund) => refundedTransaction(charge, refund) === charge.id);
  return {
    ...common({ kind: 'sale', charge }, saleAmount(charge), status, now),
    ...processorView(charge, status),
    avsPostalCodeResponseCode: 'M',
    avsStreetAddressResponseCode: 'M',
    cvvResponseCode: 'M',
    networkTransactionId:
      charge.authorized > 0 ? `0${Buffer.from(charge.id).toString('hex')}`.slice(0, 15) : null,
    refundIds: list(
      'item',
      refunds.map(({ id }) => id),
    ),
    partialSettlementTransactionIds: list(
      'item',
      parts === 'none' ? [] : charge.captures.map(({ id }) => id),
    ),
    disputes: list(
      'dispute',
      (charge.disputes ?? []).map((dispute) => disputeView(charge, dispute)),
    ),
    ...(threeDs === null ? {} : { threeDSecureInfo: threeDs }),
  };
}

function partView({ charge, capture }: Extract<Told, { kind: 'part' }>, now: number): View {
  const refunds = charge.refunds.filter((refund) => refundedTransaction(charge, refund) === capture.id);
  const status = captureStatus(charge, capture, now);
  return {
    ...common({ kind: 'part', charge, capture }, capture.amount, status, now),
    ...processorView(charge, status),
    authorizedTransactionId: charge.id,
    refundIds: list(
      'item',
      refunds.map(({ id }) => id),
    ),
  };
}

function refundView({ charge, refund }: Extract<Told, { kind: 'refund' }>, now: number): View {
  const status = refundStatus(charge, refund, now);
  return {
    ...common({ kind: 'refund', charge, refund }, refund.amount, status, now),
    ...(status === 'processor_declined' ? responseView('2046') : responseView('1002')),
    refundedTransactionId: refundedTransaction(charge, refund),
    refundIds: list('item', []),
  };
}

function common(told: Told, amount: number, status: Status, now: number): View {
  const { charge } = told;
  const { merchantAccountId, instrument } = saleWire(charge);
  const at = new Date(madeAt(told)).toISOString();
  const shown = formatDecimal(amount, isoDecimals(charge.currency));
  const { type, ...card } = instrument;
  return {
    id: idOf(told),
    status,
    type: told.kind === 'refund' ? 'credit' : 'sale',
    currencyIsoCode: charge.currency,
    amount: shown,
    merchantAccountId,
    orderId: orderIdOf(told),
    createdAt: at,
    updatedAt: at,
    paymentInstrumentType: type,
    [ELEMENT[type]]: isBankDebit(instrument) ? { last4: card.last4, token: null } : { ...card, token: null },
    statusHistory: list(
      'status-event',
      historyOf(told, status, now).map((event) => shownEvent(event, charge.currency)),
    ),
  };
}

const ELEMENT = {
  credit_card: 'creditCard',
  apple_pay_card: 'applePay',
  android_pay_card: 'androidPayCard',
  us_bank_account: 'usBankAccount',
  sepa_debit_account: 'sepaDebitAccountDetail',
} as const;

/** The whole authorisation until it is submitted, then what was. */
function saleAmount(charge: Charge): number {
  if (charge.authorized === 0) return charge.amount;
  return saleWire(charge).parts === 'none' && charge.captured > 0 ? charge.captured : charge.authorized;
}

function processorView(charge: Charge, status: Status): View {
  const code = processorCode(charge);
  if (GATEWAY_REJECTIONS.has(code)) return { gatewayRejectionReason: code, processorResponseCode: '' };
  const settlement = SETTLEMENT[status] ?? '4000';
  return {
    ...responseView(code),
    processorAuthorizationCode: charge.authorized > 0 ? charge.id.slice(-6).toUpperCase() : null,
    ...(charge.captured > 0 || status === 'settlement_declined'
      ? {
          processorSettlementResponseCode: settlement,
          processorSettlementResponseText: settlementText(settlement),
        }
      : {}),
  };
}

const SETTLEMENT: Partial<Record<Status, string>> = {
  settlement_declined: '4001',
  settlement_pending: '4002',
};

function responseView(code: string): View {
  return {
    processorResponseCode: code,
    processorResponseText: responseText(code),
    processorResponseType: code.startsWith('1')
      ? 'approved'
      : HARD.has(code)
        ? 'hard_declined'
        : 'soft_declined',
  };
}

/** Enough for a test to tell the two kinds apart; the codes' own list is the provider's. */
const HARD: ReadonlySet<string> = new Set([
  '2004',
  '2005',
  '2007',
  '2012',
  '2013',
  '2014',
  '2015',
  '2047',
  '2053',
]);

export function responseText(code: string): string {
  if (code.startsWith('1')) return 'Approved';
  return code === '3000' ? 'Processor Network Unavailable - Try Again' : `Processor Declined (${code})`;
}

function settlementText(code: string): string {
  return code === '4001' ? 'Settlement Declined' : code === '4002' ? 'Settlement Pending' : 'Confirmed';
}

function shownEvent({ at, status, amount }: Event, currency: string): XmlFields {
  const timestamp = new Date(at).toISOString();
  const shown = formatDecimal(amount, isoDecimals(currency));
  return { timestamp, status, amount: shown, user: 'simulator', transactionSource: 'api' };
}

type Dispute = NonNullable<Charge['disputes']>[number];

export function disputeView(charge: Charge, dispute: Dispute): XmlFields {
  const decimals = isoDecimals(charge.currency);
  const amount = formatDecimal(dispute.amount, decimals);
  const inquiry = dispute.status === 'inquiry' || dispute.status === 'inquiry_closed';
  const day = new Date(dispute.at).toISOString().slice(0, 10);
  return {
    id: dispute.id,
    amount,
    amountDisputed: amount,
    amountWon: dispute.status === 'won' ? amount : formatDecimal(0, decimals),
    currencyIsoCode: charge.currency,
    kind: inquiry ? 'retrieval' : 'chargeback',
    status: DISPUTE_STATUS[dispute.status],
    reason: dispute.reason,
    receivedDate: day,
    dateOpened: day,
    transaction: {
      id: charge.id,
      amount: formatDecimal(saleAmount(charge), decimals),
      orderId: saleWire(charge).orderId,
    },
  };
}

const DISPUTE_STATUS: Record<Dispute['status'], string> = {
  inquiry: 'open',
  inquiry_closed: 'won',
  open: 'open',
  won: 'won',
  lost: 'lost',
};
