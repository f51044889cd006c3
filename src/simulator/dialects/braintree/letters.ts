/**
 * Braintree's webhooks: a form with base64 of XML and its signature. It sends few: of cards only what disputes
 * and failed refunds come to; settled or declined settlements it tells for bank debits alone.
 */

import { createHash, createHmac } from 'node:crypto';
import type { Charge } from '../../books.ts';
import type { Letter, Letters, Sealed, Told } from '../../webhooks/letters.ts';
import { isBankDebit } from './nonces.ts';
import { disputeView, transactionView } from './view.ts';
import { saleWire } from './wire.ts';
import { toXml, type XmlFields } from './xml.ts';

const SECRET = /^\w{1,255}\|\w{1,255}$/;

export const braintreeLetters: Letters = {
  secret: {
    must: 'the public key, a vertical bar and the private key',
    is: (value): value is string => typeof value === 'string' && SECRET.test(value),
  },
  of: lettersOf,
  seal,
};

function lettersOf({ move, charge, number }: Told): Letter[] {
  const subject = subjectOf(move, (move.snapshot ?? charge) as Charge);
  if (subject === null) return [];
  const timestamp = new Date(move.at).toISOString();
  const [kind, about] = subject;
  const xml = toXml('notification', { timestamp, kind, subject: about });
  return [{ id: `${charge.id}-${number.toString(36)}`, body: `${Buffer.from(xml).toString('base64')}\n` }];
}

/** `charge` as it stood then. */
function subjectOf(
  { type, at, movement, of }: Told['move'],
  charge: Charge,
): [kind: string, subject: XmlFields] | null {
  const dispute = charge.disputes?.find(({ id }) => id === movement);
  const about = dispute === undefined ? null : { dispute: disputeView(charge, dispute) };
  const debited = isBankDebit(saleWire(charge).instrument) || null;
  const sale = { kind: 'sale', charge } as const;
  switch (type) {
    case 'dispute.opened':
    case 'dispute.inquiry':
      return about && ['dispute_opened', about];
    case 'dispute.won':
    case 'dispute.inquiry_closed':
      return about && ['dispute_won', about];
    case 'dispute.lost':
      return about && ['dispute_lost', about];
    case 'refund.failed':
    case 'refund.returned': {
      const refund = charge.refunds.find(({ id }) => id === (of ?? movement));
      return refund === undefined
        ? null
        : ['refund_failed', { transaction: transactionView({ kind: 'refund', charge, refund }, at) }];
    }
    case 'charge.captured':
      return debited && ['transaction_settled', { transaction: transactionView(sale, at) }];
    case 'charge.declined':
      if (charge.code !== '4001') return null;
      return debited && ['transaction_settlement_declined', { transaction: transactionView(sale, at) }];
    case 'charge.reversed':
      return debited && ['transaction_settlement_declined', { transaction: transactionView(sale, at) }];
    case 'refund.succeeded': {
      const refund = charge.refunds.find(({ id }) => id === movement);
      if (refund === undefined) return null;
      const transaction = transactionView({ kind: 'refund', charge, refund }, at);
      return debited && ['transaction_settled', { transaction }];
    }
    case 'charge.authorized':
    case 'charge.voided':
    case 'charge.expired':
    case 'charge.challenged':
    case 'charge.pending':
    case 'refund.pending':
    // Braintree refuses at the call: nothing was accepted that could be refused later.
    case 'capture.refused':
    case 'refund.refused':
    case 'void.refused':
      return null;
    default:
      return type satisfies never;
  }
}

function seal(secret: string, { body }: Letter, _at: number, corrupted: boolean): Sealed {
  const [publicKey = '', privateKey = ''] = secret.split('|');
  const key = createHash('sha1').update(privateKey).digest();
  const mac = createHmac('sha1', key)
    .update(corrupted ? `${body} ` : body)
    .digest('hex');
  const form = new URLSearchParams({ bt_signature: `${publicKey}|${mac}`, bt_payload: body });
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}
