import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { mintId } from '../../core/ids.ts';
import type { Parsed } from '../port.ts';
import { cancelReference, operationReference, paymentReference } from './reference.ts';
import { adyenWebhooks } from './webhooks.ts';

const KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
const PSP = 'QFQTPCQ8HXSKGK82';
const MODIFICATION = 'TJQTPCQ8HXSKGK83';
const random = new Uint8Array(10).fill(3);
const IDS = {
  reference: mintId('payment', 1_790_000_000_000, random),
  attempt: mintId('attempt', 1_790_000_000_001, random),
  operation: mintId('operation', 1_790_000_000_002, random),
};
const { reference, attempt, operation } = IDS;
const MANUAL = paymentReference(IDS, { capture: false, method: 'card' });
const SALE = paymentReference(IDS, { capture: true, method: 'card' });
const DEBIT = paymentReference(IDS, { capture: true, method: 'sepa_debit' });
const OURS = operationReference(IDS);
const CANCEL = cancelReference(IDS);

type Item = Record<string, unknown>;
const payment = (eventCode: string, merchantReference: string, more: Item = {}): Item => ({
  additionalData: {},
  amount: { currency: 'EUR', value: 4200 },
  eventCode,
  eventDate: '2026-11-22T01:00:00+01:00',
  merchantAccountCode: 'TestMerchant',
  merchantReference,
  paymentMethod: 'visa',
  pspReference: PSP,
  reason: '',
  success: 'true',
  ...more,
});
const modification = (eventCode: string, merchantReference: string, more: Item = {}): Item =>
  payment(eventCode, merchantReference, { pspReference: MODIFICATION, originalReference: PSP, ...more });
const NO = { success: 'false' };

const webhooks = adyenWebhooks('TestMerchant');
const bodyOf = (...items: Item[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      live: 'false',
      notificationItems: items.map((NotificationRequestItem) => ({ NotificationRequestItem })),
    }),
  );
const parse = (...items: Item[]): Parsed => webhooks.parse(bodyOf(...items));
const factsOf = (item: Item) => {
  const parsed = parse(item);
  return parsed.kind === 'notices' ? parsed.notices.map(({ fact }) => fact) : parsed;
};
const AT = { provider_at: null };
const GONE = { decline: null, ...AT };

describe('what each event says of money', () => {
  test.each<[string, Item, object[]]>([
    [
      'approved, to be captured later',
      payment('AUTHORISATION', MANUAL),
      [{ kind: 'authorized', amount: 4200, provider_reference: PSP, details: null, ...AT }],
    ],
    [
      'approved and captured, of a sale',
      payment('AUTHORISATION', SALE),
      [
        { kind: 'authorized', amount: 4200, provider_reference: PSP, details: null, ...AT },
        { kind: 'captured_total', amount: 4200, version: PSP, ...AT },
      ],
    ],
    [
      'refused',
      payment('AUTHORISATION', MANUAL, NO),
      [
        {
          kind: 'declined',
          provider_reference: PSP,
          decline: { reason: 'generic', category: 'soft_decline', raw_code: 'AUTHORISATION' },
          ...AT,
        },
      ],
    ],
    [
      'never paid at the bank',
      payment('OFFER_CLOSED', SALE),
      [
        {
          kind: 'declined',
          provider_reference: PSP,
          decline: {
            reason: 'authentication_abandoned',
            category: 'needs_authentication',
            raw_code: 'OFFER_CLOSED',
          },
          ...AT,
        },
      ],
    ],
    ['lapsed', payment('EXPIRE', MANUAL), [{ kind: 'expired', ...AT }]],
    [
      'captured',
      modification('CAPTURE', OURS),
      [{ kind: 'captured', movement: MODIFICATION, operation, amount: 4200, ...AT }],
    ],
    [
      'captured in the dashboard',
      modification('CAPTURE', MANUAL),
      [{ kind: 'captured', movement: MODIFICATION, operation: null, amount: 4200, ...AT }],
    ],
    [
      'not captured',
      modification('CAPTURE', OURS, NO),
      [{ kind: 'capture_failed', operation, movement: MODIFICATION, raw_code: 'CAPTURE', ...GONE }],
    ],
    [
      'captured, and refused by the scheme',
      modification('CAPTURE_FAILED', OURS),
      [{ kind: 'capture_failed', operation, movement: MODIFICATION, raw_code: 'CAPTURE_FAILED', ...GONE }],
    ],
    [
      'a sale that the scheme refused',
      modification('CAPTURE_FAILED', SALE),
      [
        {
          kind: 'reversed',
          movement: `${MODIFICATION}/CAPTURE_FAILED`,
          amount: 4200,
          raw_code: 'CAPTURE_FAILED',
          ...AT,
        },
      ],
    ],
    ['cancelled', modification('CANCELLATION', OURS), [{ kind: 'voided', amount: 4200, ...AT }]],
    [
      'not cancelled',
      modification('CANCELLATION', OURS, NO),
      [{ kind: 'void_failed', operation, raw_code: 'CANCELLATION', ...GONE }],
    ],
    [
      'cancelled by reference',
      modification('TECHNICAL_CANCEL', CANCEL),
      [{ kind: 'voided', amount: 4200, ...AT }],
    ],
    [
      'not cancelled by reference',
      modification('TECHNICAL_CANCEL', CANCEL, NO),
      [{ kind: 'void_failed', operation, raw_code: 'TECHNICAL_CANCEL', ...GONE }],
    ],
    [
      'refunded',
      modification('REFUND', OURS),
      [{ kind: 'refunded', movement: MODIFICATION, operation, amount: 4200, ...AT }],
    ],
    [
      'not refunded',
      modification('REFUND', OURS, NO),
      [{ kind: 'refund_failed', operation, movement: MODIFICATION, raw_code: 'REFUND', ...GONE }],
    ],
    [
      'a refund that the scheme refused',
      modification('REFUND_FAILED', OURS),
      [{ kind: 'refund_failed', operation, movement: MODIFICATION, raw_code: 'REFUND_FAILED', ...GONE }],
    ],
    [
      'a refund of the dashboard that came back',
      modification('REFUNDED_REVERSED', MANUAL),
      [
        {
          kind: 'refund_returned',
          movement: `${MODIFICATION}/REFUNDED_REVERSED`,
          of: MODIFICATION,
          amount: 4200,
          ...AT,
        },
      ],
    ],
    [
      'disputed',
      modification('CHARGEBACK', SALE),
      [{ kind: 'disputed', dispute: MODIFICATION, amount: 4200, ...AT }],
    ],
    [
      'a bank debit that was returned',
      modification('CHARGEBACK', DEBIT),
      [{ kind: 'reversed', movement: MODIFICATION, amount: 4200, ...AT }],
    ],
    [
      'a dispute that was won',
      modification('CHARGEBACK_REVERSED', SALE),
      [{ kind: 'dispute_won', dispute: MODIFICATION, ...AT }],
    ],
    [
      'a dispute that nobody defended',
      modification('DISPUTE_DEFENSE_PERIOD_ENDED', SALE),
      [{ kind: 'dispute_lost', dispute: MODIFICATION, ...AT }],
    ],
    [
      'lost after it had been won',
      modification('SECOND_CHARGEBACK', SALE),
      [
        { kind: 'disputed', dispute: `${MODIFICATION}/SECOND_CHARGEBACK`, amount: 4200, ...AT },
        { kind: 'dispute_lost', dispute: `${MODIFICATION}/SECOND_CHARGEBACK`, ...AT },
      ],
    ],
  ])('%s', (_, item, facts) => {
    expect(factsOf(item)).toEqual(facts);
  });

  test.each([
    'NOTIFICATION_OF_CHARGEBACK',
    'REQUEST_FOR_INFORMATION',
    'REPORT_AVAILABLE',
    'NOTIFICATION_OF_FRAUD',
  ])('%s moves nothing, and is told to be left aside', (eventCode) => {
    expect(parse(payment(eventCode, MANUAL))).toMatchObject({
      kind: 'ignored',
      why: expect.stringContaining(eventCode),
    });
  });

  test.each(['CANCEL_OR_REFUND', 'PREARBITRATION_WON', 'SOMETHING_NEW'])(
    '%s is for a person: what decides it is not signed, or nobody here knows it',
    (eventCode) => {
      expect(parse(modification(eventCode, OURS))).toMatchObject({
        kind: 'unreadable',
        why: expect.stringContaining(eventCode),
      });
    },
  );
});

describe('whose it is', () => {
  const named = (item: Item) => {
    const parsed = parse(item);
    if (parsed.kind !== 'notices') throw new Error(parsed.kind);
    const { fact: _, currency: __, ...rest } = parsed.notices[0] ?? { fact: null };
    return rest;
  };

  test('an approval names payment and attempt by our reference, before Adyen’s is known here', () => {
    expect(named(payment('AUTHORISATION', MANUAL))).toEqual({ reference, attempt, providerReference: PSP });
  });

  test('a capture names the payment twice: by our reference and by the original one', () => {
    expect(named(modification('CAPTURE', OURS))).toEqual({
      reference,
      attempt: null,
      providerReference: PSP,
    });
  });

  test('a cancel by reference names the attempt that nobody had heard of', () => {
    expect(named(modification('TECHNICAL_CANCEL', CANCEL))).toEqual({
      reference,
      attempt,
      providerReference: PSP,
    });
  });

  test('somebody else’s payment is named by Adyen’s reference alone', () => {
    expect(named(payment('AUTHORISATION', 'order-1'))).toEqual({
      reference: null,
      attempt: null,
      providerReference: PSP,
    });
  });

  test('another merchant account of the same company is left aside', () => {
    const other = payment('AUTHORISATION', MANUAL, { merchantAccountCode: 'OtherMerchant' });
    expect(parse(other)).toMatchObject({ kind: 'ignored' });
    expect(parse(other, payment('AUTHORISATION', MANUAL))).toMatchObject({
      kind: 'notices',
      notices: [{ attempt }],
    });
  });
});

test('what is not signed decides nothing, whatever it says', () => {
  const strange = {
    additionalData: {
      'modification.action': 'refund',
      'metadata.operation': 'op_other',
      chargebackReasonCode: '10.4',
      disputeStatus: 'Lost',
    },
    reason: 'Expired Card',
    paymentMethod: 'sepadirectdebit',
    eventDate: '1999-01-01T00:00:00Z',
    operations: ['CANCEL', 'REFUND'],
    live: 'true',
  };
  const all = [
    'AUTHORISATION',
    'CAPTURE',
    'CANCELLATION',
    'REFUND',
    'REFUND_FAILED',
    'CHARGEBACK',
    'CANCEL_OR_REFUND',
    'DISPUTE_DEFENSE_PERIOD_ENDED',
  ];
  for (const eventCode of all)
    for (const success of ['true', 'false']) {
      const item = modification(eventCode, OURS, { success });
      expect(parse({ ...item, ...strange }), eventCode).toEqual(parse(item));
    }
});

test('what decides is signed: whatever is changed in it, the signature breaks', () => {
  const item = modification('CAPTURE', OURS);
  const signed = sign(item);
  const verdict = (told: Item) => webhooks.verify({ headers: {}, body: bodyOf(told) }, [KEY], 0);
  expect(verdict(signed)).toEqual({ ok: true, eventId: null });
  const changes: Item[] = [
    { pspReference: PSP },
    { originalReference: MODIFICATION },
    { merchantAccountCode: 'OtherMerchant' },
    { merchantReference: MANUAL },
    { amount: { currency: 'EUR', value: 4201 } },
    { amount: { currency: 'USD', value: 4200 } },
    { eventCode: 'REFUND' },
    { success: 'false' },
  ];
  for (const change of changes) {
    expect(parse({ ...signed, ...change }), JSON.stringify(change)).not.toEqual(parse(signed));
    expect(verdict({ ...signed, ...change }), JSON.stringify(change)).toEqual({
      ok: false,
      reason: 'signature_wrong',
    });
  }
});

test.each<[string, Buffer]>([
  ['no JSON', Buffer.from('{"live":')],
  ['no items', Buffer.from('{"live":"false","notificationItems":[]}')],
  ['no event', bodyOf({})],
  [
    'an amount that is none',
    bodyOf(payment('AUTHORISATION', MANUAL, { amount: { currency: 'EUR', value: 10.5 } })),
  ],
  [
    'a currency that is none',
    bodyOf(payment('AUTHORISATION', MANUAL, { amount: { currency: 'XXX', value: 1 } })),
  ],
  [
    'an amount between two of ours',
    bodyOf(payment('AUTHORISATION', MANUAL, { amount: { currency: 'CLP', value: 4250 } })),
  ],
  ['no success', bodyOf(payment('AUTHORISATION', MANUAL, { success: 'perhaps' }))],
])('%s is not read as a fact', (_, body) => {
  expect(webhooks.parse(body).kind).toBe('unreadable');
});

function sign(item: Item): Item {
  const { currency, value } = item['amount'] as { currency: string; value: number };
  const fields = ['pspReference', 'originalReference', 'merchantAccountCode', 'merchantReference'].map(
    (f) => item[f] ?? '',
  );
  const text = [...fields, value, currency, item['eventCode'], item['success']].join(':');
  const hmacSignature = createHmac('sha256', Buffer.from(KEY, 'hex')).update(text).digest('base64');
  return { ...item, additionalData: { hmacSignature } };
}
