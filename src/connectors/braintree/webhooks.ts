/**
 * What Braintree sends by itself: for cards the course of disputes and refunds that failed; for bank debits their
 * settlement or its refusal as well. What else moves is found by reading the transaction.
 */

import type { FactTold, Notice, Parsed, Webhooks } from '../port.ts';
import { verifyBraintree } from '../signatures/braintree.ts';
import { answerBraintreeChallenge } from '../signatures/braintree-challenge.ts';
import { amountMinorOf } from './amounts.ts';
import { factsOf } from './facts.ts';
import { namedIn } from './order-id.ts';
import { fieldsOf, readTransaction, textOf, timeOf } from './transaction.ts';
import { readXml } from './xml.ts';

export const braintreeWebhooks: Webhooks = {
  verify: (delivery, secrets) => verifyBraintree(delivery, secrets),
  challenge(query, [secret]) {
    const challenge = query.get('bt_challenge');
    return challenge === null || secret === undefined ? null : answerBraintreeChallenge(challenge, secret);
  },
  parse(body) {
    const listed = readListed(body);
    if (listed !== undefined) return readMoved('listed', listed, null);
    const notification = fieldsOf(readNotification(body)) as Notification;
    const kind = textOf(notification.kind);
    if (kind === null) return unreadable('not a notification of Braintree');
    const subject = fieldsOf(notification.subject) as Subject;
    const at = timeOf(notification.timestamp);
    if (kind.startsWith('dispute_')) return readDispute(kind, subject.dispute, at);
    switch (kind) {
      case 'transaction_settled':
      case 'transaction_settlement_declined':
      case 'refund_failed':
        return readMoved(kind, subject.transaction, at);
      default:
        return IGNORED.has(kind)
          ? ignored(`${kind} says nothing about money`)
          : unreadable(`a new kind: ${kind}`);
    }
  },
};

type Notification = { kind?: unknown; timestamp?: unknown; subject?: unknown };
type Subject = { dispute?: unknown; transaction?: unknown };
type Dispute = {
  id?: unknown;
  kind?: unknown;
  amountDisputed?: unknown;
  currencyIsoCode?: unknown;
  transaction?: unknown;
};

/** Known, and of no payment of ours: subscriptions and local payments are not made by this connector. */
const IGNORED: ReadonlySet<string> = new Set([
  'account_updater_daily_report',
  'check',
  'connected_merchant_paypal_status_changed',
  'connected_merchant_status_transitioned',
  'disbursement',
  'disbursement_exception',
  'grantor_updated_granted_payment_method',
  'granted_payment_instrument_update',
  'granted_payment_method_revoked',
  'local_payment_completed',
  'local_payment_expired',
  'local_payment_funded',
  'local_payment_reversed',
  'oauth_access_revoked',
  'partner_merchant_connected',
  'partner_merchant_declined',
  'partner_merchant_disconnected',
  'payment_method_customer_data_updated',
  'payment_method_revoked_by_customer',
  'recipient_updated_granted_payment_method',
  'subscription_billing_skipped',
  'subscription_canceled',
  'subscription_charged_successfully',
  'subscription_charged_unsuccessfully',
  'subscription_expired',
  'subscription_trial_ended',
  'subscription_went_active',
  'subscription_went_past_due',
  // The money is paid out: that is for the settlement report to tell.
  'transaction_disbursed',
  'transaction_retried',
  'transaction_reviewed',
]);

function readDispute(kind: string, value: unknown, provider_at: string | null): Parsed {
  const dispute = fieldsOf(value) as Dispute;
  const id = textOf(dispute.id);
  const about = fieldsOf(dispute.transaction);
  const charge = textOf(about.id);
  if (id === null || charge === null) return unreadable(`${kind} names no dispute or transaction`);
  if (dispute.kind === 'retrieval') return ignored(`${kind}: a retrieval asks, and takes no money`);
  const { reference, attempt } = namedIn(textOf(about.orderId));
  const currency = textOf(dispute.currencyIsoCode);
  const told = { reference, attempt, providerReference: charge, ...(currency !== null && { currency }) };
  const notice = (fact: FactTold): Parsed => notices({ ...told, fact });
  switch (kind) {
    case 'dispute_opened': {
      const amount = amountMinorOf(dispute.amountDisputed, dispute.currencyIsoCode);
      if (amount === null) return unreadable(`${kind} tells no amount`);
      return notice({ kind: 'disputed', dispute: id, amount, provider_at });
    }
    case 'dispute_won':
      return notice({ kind: 'dispute_won', dispute: id, provider_at });
    // Accepted, or not answered in time: the money stays gone.
    case 'dispute_lost':
    case 'dispute_accepted':
    case 'dispute_auto_accepted':
    case 'dispute_expired':
      return notice({ kind: 'dispute_lost', dispute: id, provider_at });
    case 'dispute_disputed':
    case 'dispute_under_review':
      return ignored(`${kind}: not decided yet`);
    default:
      return unreadable(`a new kind: ${kind}`);
  }
}

function readMoved(kind: string, value: unknown, at: string | null): Parsed {
  const transaction = readTransaction(value);
  if (transaction === null) return unreadable(`${kind} lacks what it must have`);
  const { reference, attempt } = namedIn(transaction.orderId);
  const providerReference = transaction.refundOf ?? transaction.partOf ?? transaction.id;
  const { currency } = transaction;
  const facts = factsOf(transaction, at ?? transaction.at);
  return facts.length === 0
    ? ignored(`${kind}: ${transaction.status} says nothing about money`)
    : notices(...facts.map((fact): Notice => ({ reference, attempt, providerReference, currency, fact })));
}

/** An entry of the account's list, as `changes.ts` keeps it; a form is no JSON, so nothing that was sent is one. */
function readListed(body: Buffer): unknown {
  if (body[0] !== 0x7b) return undefined;
  try {
    return (JSON.parse(body.toString()) as { listed?: unknown }).listed;
  } catch {
    return undefined;
  }
}

/** The form's payload: base64 of XML. */
function readNotification(body: Buffer): unknown {
  const payload = new URLSearchParams(body.toString()).get('bt_payload');
  return payload === null ? undefined : readXml(Buffer.from(payload, 'base64').toString())?.['notification'];
}

function notices(...list: Notice[]): Parsed {
  return { kind: 'notices', notices: list };
}

function ignored(why: string): Parsed {
  return { kind: 'ignored', why };
}

function unreadable(why: string): Parsed {
  return { kind: 'unreadable', why };
}
