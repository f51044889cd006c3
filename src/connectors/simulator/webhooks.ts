/** What the simulator sends by itself: signed as Standard Webhooks, one fact in each. */

import { isId } from '../../core/ids.ts';
import type { FactTold, Notice, Parsed, Webhooks } from '../port.ts';
import { verifyStandardWebhook } from '../signatures/standard-webhooks.ts';
import { amountOf, isObject, type Json, readDetails, textOf } from './answer.ts';
import { declineOf } from './codes.ts';

export const simulatorWebhooks: Webhooks = {
  verify: verifyStandardWebhook,
  parse(body) {
    const json = readJson(body);
    if (!isObject(json)) return unreadable('not a JSON object');
    const type = textOf(json, 'type');
    if (type === null || !isObject(json.data)) return unreadable('type or data is missing');
    const charge = textOf(json.data, 'charge');
    if (charge === null) return unreadable('data.charge is missing');
    const fact = factOf(type, json.data, charge, timeOf(textOf(json, 'created_at')));
    if (fact === 'unknown_type')
      return { kind: 'ignored', why: `${type.slice(0, 60)} says nothing about money` };
    return fact === null ? unreadable(`${type} lacks what it must have`) : notice(json.data, charge, fact);
  },
};

function notice(data: Json, charge: string, fact: FactTold): Parsed {
  const currency = textOf(data, 'currency');
  const told: Notice = {
    reference: textOf(data, 'reference'),
    attempt: textOf(data, 'attempt'),
    providerReference: charge,
    ...(currency !== null && { currency }),
    fact,
  };
  return { kind: 'notices', notices: [told] };
}

/** Null where something is missing: half a fact is none. */
function factOf(
  type: string,
  data: Json,
  charge: string,
  provider_at: string | null,
): FactTold | 'unknown_type' | null {
  const amount = amountOf(data, 'amount');
  const movement = textOf(data, 'movement');
  const code = textOf(data, 'code');
  const operation = operationOf(data);
  switch (type) {
    case 'charge.authorized': {
      const details = isObject(data.details) ? readDetails(data.details) : null;
      return amount === null
        ? null
        : { kind: 'authorized', amount, provider_reference: charge, details, provider_at };
    }
    case 'charge.declined':
      if (code === null) return null;
      return { kind: 'declined', decline: declineOf(code), provider_reference: charge, provider_at };
    case 'charge.expired':
      return { kind: 'expired', provider_at };
    case 'charge.voided':
      return amount === null ? null : { kind: 'voided', amount, provider_at };
    case 'charge.captured':
      if (amount === null || movement === null) return null;
      return { kind: 'captured', movement, operation, amount, provider_at };
    case 'refund.succeeded':
      if (amount === null || movement === null) return null;
      return { kind: 'refunded', movement, operation, amount, provider_at };
    case 'charge.reversed':
      if (amount === null || movement === null) return null;
      return { kind: 'reversed', movement, amount, provider_at };
    case 'refund.returned': {
      const of = textOf(data, 'of');
      if (amount === null || movement === null || of === null) return null;
      return { kind: 'refund_returned', movement, of, amount, provider_at };
    }
    case 'dispute.opened':
      if (amount === null || movement === null) return null;
      return { kind: 'disputed', dispute: movement, amount, provider_at };
    case 'dispute.won':
    case 'dispute.lost':
      if (movement === null) return null;
      return {
        kind: type === 'dispute.won' ? 'dispute_won' : 'dispute_lost',
        dispute: movement,
        provider_at,
      };
    default:
      return 'unknown_type';
  }
}

function operationOf(data: Json): string | null {
  const operation = textOf(data, 'operation');
  return operation !== null && isId('operation', operation) ? operation : null;
}

function timeOf(text: string | null): string | null {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

function unreadable(why: string): Parsed {
  return { kind: 'unreadable', why };
}
