/**
 * Adyen's standard webhooks. Eight fields of an item are signed and nothing else is: only those decide here, and of
 * our own only what is in the reference. `reason`, `paymentMethod`, `eventDate` are not even read.
 */

import { isCurrency } from '../../core/currencies.ts';
import { groupOf, isObject, type Json, textOf } from '../json.ts';
import type { Notice, Parsed, Webhooks } from '../port.ts';
import { verifyAdyen } from '../signatures/adyen.ts';
import { readJson } from '../signatures/json.ts';
import { fromAdyen } from './amounts.ts';
import { factsOf, IGNORED, type Item } from './facts.ts';
import { readReference } from './reference.ts';

export function adyenWebhooks(merchantAccount: string): Webhooks {
  return {
    verify: (delivery, secrets) => verifyAdyen(delivery, secrets),
    parse: (body) => parse(body, merchantAccount),
  };
}

/** One key may sign for several merchant accounts of a company: what is about another one is not ours. */
function parse(body: Buffer, merchantAccount: string): Parsed {
  const json = readJson(body);
  const items = isObject(json) ? json['notificationItems'] : null;
  if (!Array.isArray(items) || items.length === 0) return unreadable('no notificationItems');
  const read = items.map((item: unknown) => readItem(item, merchantAccount));
  const wrong = read.find((one) => one.kind === 'unreadable');
  if (wrong) return wrong;
  const notices = read.flatMap((one) => (one.kind === 'notices' ? one.notices : []));
  return notices.length > 0 ? { kind: 'notices', notices } : (read[0] ?? unreadable('no item'));
}

function readItem(entry: unknown, merchantAccount: string): Parsed {
  const json = isObject(entry) ? groupOf(entry, 'NotificationRequestItem') : {};
  const eventCode = textOf(json, 'eventCode');
  if (eventCode === null) return unreadable('eventCode is missing');
  const account = textOf(json, 'merchantAccountCode');
  if (account !== merchantAccount) return ignored(`${eventCode} is about another merchant account`);
  const why = IGNORED.get(eventCode);
  if (why !== undefined) return ignored(`${eventCode}: ${why}`);
  const item = itemOf(json, eventCode);
  return item === null ? unreadable(`${eventCode} lacks what it must have`) : readFacts(item);
}

function readFacts(item: Item): Parsed {
  const told = readReference(item.merchantReference);
  const facts = factsOf(item, told);
  if (typeof facts === 'string') return unreadable(facts);
  const notices = facts.map(
    (fact): Notice => ({
      reference: told?.payment ?? null,
      attempt: told?.attempt ?? null,
      providerReference: item.originalReference ?? item.pspReference,
      currency: item.currency,
      fact,
    }),
  );
  return notices.length > 0
    ? { kind: 'notices', notices }
    : ignored(`${item.eventCode} says nothing about money`);
}

function itemOf(json: Json, eventCode: string): Item | null {
  const amount = groupOf(json, 'amount');
  const currency = textOf(amount, 'currency');
  if (currency === null || !isCurrency(currency)) return null;
  const minor = fromAdyen(numberIn(amount), currency);
  const pspReference = textOf(json, 'pspReference');
  const success = successOf(json['success']);
  if (minor === null || pspReference === null || success === null) return null;
  return {
    eventCode,
    success,
    pspReference,
    originalReference: textOf(json, 'originalReference'),
    merchantReference: textOf(json, 'merchantReference'),
    amount: minor,
    currency,
    bankCode: bankCodeOf(json),
  };
}

/** As SEPA (`AM04`), Nacha (`R10`) and Bacs (`1`) write theirs; Adyen may put a blank before it. */
function bankCodeOf(json: Json): string | null {
  const code = textOf(groupOf(json, 'additionalData'), 'chargebackReasonCode')?.trim() ?? '';
  return /^[A-Z0-9]{1,4}$/.test(code) ? code : null;
}

/** Signed alike as a number and as a text, so either may come. */
function numberIn({ value }: Json): unknown {
  return typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
}

function successOf(value: unknown): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

function unreadable(why: string): Extract<Parsed, { kind: 'unreadable' }> {
  return { kind: 'unreadable', why };
}

function ignored(why: string): Parsed {
  return { kind: 'ignored', why };
}
