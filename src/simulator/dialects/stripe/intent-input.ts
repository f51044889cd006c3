/** What a caller says of a PaymentIntent, read and checked before any of it is done. */

import type { Books } from '../../books.ts';
import type { Settings } from '../../settings.ts';
import type { Said } from '../../simulator.ts';
import { booksAmount } from './amounts.ts';
import { invalid, missing } from './errors.ts';
import { flagOf, groupOf, listOf, metadataOf, type Params, textOf } from './form.ts';
import { findMagic, type Magic } from './methods.ts';
import { describedMagic } from './methods-api.ts';
import { find, type IntentData, type Method } from './things.ts';

const MAX_AMOUNT = 999_999_999_999;

export function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'is' in value;
}

export function readIntent({ books }: { books: Books }, params: Params): IntentData | Said {
  const currency = textOf(params, 'currency');
  if (currency === null || !/^[a-z]{3}$/i.test(currency)) {
    return invalid('currency', `Invalid currency: ${currency ?? ''}.`, 'parameter_invalid_string_blank');
  }
  const amount = readAmount(params, 'amount', currency.toUpperCase());
  if (typeof amount === 'object')
    return amount ?? invalid('amount', 'Missing required param: amount.', 'parameter_missing');
  const customer = textOf(params, 'customer');
  if (customer !== null && find(books, 'customer', customer) === undefined) {
    return missing('customer', customer, 'customer');
  }
  return {
    amount,
    currency: currency.toUpperCase(),
    captureMethod: captureMethodOf(params),
    confirmationMethod: textOf(params, 'confirmation_method') === 'manual' ? 'manual' : 'automatic',
    multicapture: textOf(cardOptions(params), 'request_multicapture') === 'if_available',
    customer,
    description: textOf(params, 'description'),
    metadata: metadataOf(params),
    method: textOf(params, 'payment_method'),
    methodTypes: methodTypes(params),
    setupFutureUsage: futureUsage(params),
    returnUrl: textOf(params, 'return_url'),
    statementDescriptor: textOf(params, 'statement_descriptor'),
    charge: null,
    canceledAt: null,
    cancellationReason: null,
  };
}

/** Of a currency as the books count it; null where it is not named. */
export function readAmount(params: Params, name: string, currency: string): number | null | Said {
  const text = textOf(params, name);
  if (text === null) return null;
  if (!/^\d{1,13}$/.test(text))
    return invalid(name, `Invalid integer: ${text.slice(0, 40)}`, 'parameter_invalid_integer');
  if (Number(text) < 1)
    return invalid(name, 'This value must be greater than or equal to 1.', 'parameter_invalid_integer');
  if (Number(text) > MAX_AMOUNT) return invalid(name, 'Amount is too large.', 'amount_too_large');
  const amount = booksAmount(Number(text), currency);
  return (
    amount ?? invalid(name, `Amounts in ${currency} have fewer decimals than that.`, 'invalid_charge_amount')
  );
}

/** What is to be charged: a stored method, or a magic one that becomes a stored one. */
export type Chosen = { known: Method | null; name: string; magic: Magic };

/** Null where none is named. */
export function chosenMethod(
  { books, settings }: { books: Books; settings: Settings },
  params: Params,
  fallback: string | null,
): Chosen | Said | null {
  const described = describedMagic(groupOf(params, 'payment_method_data'));
  const id = described ?? textOf(params, 'payment_method') ?? fallback;
  if (id === null) return null;
  const known = find(books, 'payment_method', id) ?? null;
  const name = known?.data.magic ?? id;
  const magic = findMagic(name, settings);
  return magic === undefined ? missing('PaymentMethod', id, 'payment_method') : { known, name, magic };
}

/** Merged with what is there; an empty value takes a name out. */
export function mergedMetadata(before: Record<string, string>, params: Params): Record<string, string> {
  const merged = { ...before, ...metadataOf(params) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
}

/** Null is "not said". */
export function returnUrlOf(params: Params): string | null | Said {
  const text = textOf(params, 'return_url');
  if (text === null) return null;
  const url = URL.parse(text);
  const isWeb = url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
  return isWeb ? text : invalid('return_url', 'Not a valid URL', 'url_invalid');
}

function captureMethodOf(params: Params): IntentData['captureMethod'] {
  const text = textOf(params, 'capture_method');
  return text === 'manual' || text === 'automatic_async' ? text : 'automatic';
}

export function futureUsage(params: Params): IntentData['setupFutureUsage'] {
  const text = textOf(params, 'setup_future_usage');
  return text === 'off_session' || text === 'on_session' ? text : null;
}

export function isOffSession(params: Params): boolean {
  const text = textOf(params, 'off_session');
  return text !== null && text !== 'false';
}

function cardOptions(params: Params): Params {
  return groupOf(groupOf(params, 'payment_method_options'), 'card');
}

function methodTypes(params: Params): string[] {
  const types = listOf(params, 'payment_method_types');
  if (types.length > 0) return types;
  return flagOf(groupOf(params, 'automatic_payment_methods'), 'enabled')
    ? ['card', 'ideal', 'sepa_debit', 'us_bank_account', 'bacs_debit']
    : ['card'];
}
