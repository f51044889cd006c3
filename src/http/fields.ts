/** The fields that requests are made of, each with its bounds. What the schemas say is what is checked. */

import { type TSchema, Type } from 'typebox';
import { CURRENCIES } from '../core/currencies.ts';
import { type IdKind, isId, PREFIXES } from '../core/ids.ts';
import { MAX_AMOUNT_MINOR } from '../core/money.ts';
import { LONGEST_TOKEN } from '../core/payment/payload.ts';
import { PAYMENT_STATUSES } from '../core/payment/summary.ts';
import { LIMITS } from '../ops/limits.ts';
import { COUNTRIES } from './countries.ts';

/** Any script, no control characters. */
const PLAIN = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$';
const METADATA_KEY = `^(?!(?:__proto__|constructor|prototype)$)[^\\u0000-\\u001f\\u007f-\\u009f]{1,${LIMITS.fields.metadataKey}}$`;

const { fields: max, http } = LIMITS;

export function strictObject<P extends Record<string, TSchema>>(properties: P, options: object = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

function plainText(maxLength: number, description: string, minLength = 0) {
  return Type.String({ minLength, maxLength, pattern: PLAIN, description });
}

export function id(kind: IdKind, description: string) {
  const pattern = `^${PREFIXES[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`;
  return Type.Refine(
    Type.String({ pattern, description, examples: [`${PREFIXES[kind]}_01k3h9v7w2e4r8t0y6n5m1q3za`] }),
    (text) => isId(kind, text),
    () => 'Send a well-formed id.',
  );
}

export const amount = Type.Integer({
  minimum: 1,
  maximum: MAX_AMOUNT_MINOR,
  description: "In the currency's minor unit: 4200 is EUR 42.00, JPY 4200, KWD 4.200.",
  examples: [4200],
});
export const currency = Type.Enum([...CURRENCIES], {
  type: 'string',
  description: 'ISO 4217, upper case.',
  examples: ['EUR'],
});
export const captureMethod = Type.Enum(['automatic', 'manual'] as const, {
  type: 'string',
  default: 'automatic',
  description:
    'automatic: a sale, captured with the authorisation. manual: capture later, in one or more parts.',
});
const METHODS = [
  'card',
  'apple_pay',
  'google_pay',
  'sepa_debit',
  'ach_debit',
  'bacs_debit',
  'ideal',
  'paypal',
] as const;
const printable = (description: string, examples: string[] = []) =>
  Type.String({ minLength: 1, maxLength: LONGEST_TOKEN, pattern: '^[!-~]+$', description, examples });

/** Which other fields a type needs and may have. */
const FIELDS_OF: Readonly<Record<(typeof METHODS)[number], { needs: string[]; may: string[] }>> = {
  card: { needs: ['token'], may: ['stored', 'customer'] },
  apple_pay: { needs: ['token'], may: [] },
  google_pay: { needs: ['token'], may: [] },
  sepa_debit: { needs: ['token'], may: ['mandate', 'stored', 'customer'] },
  ach_debit: { needs: ['token'], may: ['mandate', 'stored', 'customer'] },
  bacs_debit: { needs: ['token'], may: ['mandate', 'stored', 'customer'] },
  ideal: { needs: [], may: ['bank'] },
  paypal: { needs: [], may: ['token', 'stored'] },
};

export const paymentMethod = Type.Refine(
  strictObject(
    {
      type: Type.Enum([...METHODS], { type: 'string' }),
      token: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: max.walletToken,
          pattern: '^[!-~]+$',
          description:
            "The provider's token of a card or bank account, or the wallet's; never a card or account number. All but ideal and paypal need one. The simulator lists its own at GET /tokens.",
          examples: ['tok_approve'],
        }),
      ),
      stored: Type.Optional(Type.Literal(true, { description: 'The provider keeps the method.' })),
      customer: Type.Optional(
        printable("The provider's id of the customer whom a stored method belongs to."),
      ),
      mandate: Type.Optional(printable("The provider's id of the mandate for a bank debit.")),
      bank: Type.Optional(printable("For ideal: the payer's bank, as the provider names it.")),
    },
    { description: 'What to charge.' },
  ),
  (method) => methodProblem(method as Method) === null,
  (method) => methodProblem(method as Method) ?? '',
);

type Method = { type: (typeof METHODS)[number]; [name: string]: unknown };

function methodProblem({ type, ...rest }: Method): string | null {
  const { needs, may } = FIELDS_OF[type];
  const missing = needs.find((name) => rest[name] === undefined);
  if (missing !== undefined) return `Send ${missing} with ${type}.`;
  // A card's token may be the encrypted document of a provider's form, as long as a wallet's.
  const long = type === 'card' || type === 'apple_pay' || type === 'google_pay';
  if (!long && String(rest['token'] ?? '').length > LONGEST_TOKEN)
    return `Send a token of at most ${LONGEST_TOKEN} characters with ${type}.`;
  const strange = Object.keys(rest).find((name) => ![...needs, ...may].includes(name));
  return strange === undefined ? null : `Leave out what does not go with ${type}: ${strange}.`;
}

export const providerAccount = Type.String({
  minLength: 1,
  maxLength: 40,
  pattern: '^[a-z0-9_-]+$',
  description: 'The provider account that takes the payment; left out, the first that can.',
  examples: ['default'],
});
export const reference = plainText(max.reference, 'Your own name for it, such as an order number.', 1);
export const description = plainText(max.description, 'For people; not shown to the customer.');
export const reason = plainText(max.reason, 'Why, for people.');
export const metadata = Type.Record(
  Type.String({ pattern: METADATA_KEY }),
  plainText(max.metadataValue, 'Text.'),
  {
    maxProperties: max.metadataKeys,
    additionalProperties: false,
    description: `Up to ${max.metadataKeys} texts of your own, given back as they came.`,
    examples: [{ order: '1001' }],
  },
);
export const returnUrl = Type.Refine(
  Type.String({
    minLength: 1,
    maxLength: max.returnUrl,
    pattern: '^https?://[^\\u0000-\\u0020\\u007f-\\u009f\\\\]+$',
    description:
      "Where the customer's browser goes after a challenge. http or https, without user and password.",
    examples: ['https://shop.example/orders/1001'],
  }),
  isReturnUrl,
  () => 'Send an http or https address without user and password.',
);
export const customer = strictObject(
  {
    id: Type.Optional(plainText(max.customerField, 'Your own id of the customer.', 1)),
    name: Type.Optional(plainText(max.customerField, 'Full name.', 1)),
    email: Type.Optional(
      Type.String({
        minLength: 3,
        maxLength: max.customerField,
        pattern: '^[^\\s@\\u0000-\\u001f\\u007f-\\u009f]+@[^\\s@\\u0000-\\u001f\\u007f-\\u009f]+$',
        description: 'Address for receipts.',
        examples: ['ada@example.com'],
      }),
    ),
  },
  { description: 'Who pays. Kept apart from the events, so that it can be erased.' },
);
export const channel = Type.Enum(['web', 'app', 'moto', 'recurring', 'in_store'] as const, {
  type: 'string',
  description: 'How the customer ordered.',
});
export const billingCountry = Type.Enum([...COUNTRIES], {
  type: 'string',
  description: 'ISO 3166-1 alpha-2.',
  examples: ['DE'],
});
export const flag = (fallback: boolean, description: string) =>
  Type.Boolean({ default: fallback, description });

export const limit = Type.Integer({
  minimum: 1,
  maximum: http.pageSize,
  default: http.pageSizeDefault,
  description: 'How many at most.',
});
export const status = Type.Enum([...PAYMENT_STATUSES], {
  type: 'string',
  description: 'Status of the payment.',
});
export const after = Type.Integer({
  minimum: 0,
  maximum: 1_000_000_000,
  default: 0,
  description: 'Only events with a higher version.',
});
export const account = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[a-z0-9_:.-]+$',
  description: 'Name of an account.',
  examples: ['provider_receivable:simulator'],
});
export function time(description: string) {
  return Type.Refine(
    Type.String({
      maxLength: 40,
      pattern: '^[12]\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:\\d\\d)$',
      description: `${description} ISO 8601 with a zone.`,
      examples: ['2026-01-31T12:00:00Z'],
    }),
    isTime,
    () => 'Send a time that exists, as 2026-01-31T12:00:00Z.',
  );
}

function isReturnUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && url.hostname !== '' && url.username === '' && url.password === '';
}

/** `Date` takes 31 February for 3 March. */
function isTime(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  return (
    !Number.isNaN(Date.parse(text)) &&
    !Number.isNaN(midnight.getTime()) &&
    midnight.toISOString().startsWith(day)
  );
}

/** PostgreSQL takes fewer offsets than ISO 8601 has: it gets all times in UTC. */
export function inUtc(text: string | undefined): string | null {
  return text === undefined ? null : new Date(text).toISOString();
}
