import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { braintreeWebhooks } from './webhooks.ts';

type Sample = { kind: string; bt_signature: string; bt_payload: string };

const url = new URL('../../../test/fixtures/webhook-signatures/braintree-samples.json', import.meta.url);
const { samples, publicKey, privateKey } = JSON.parse(readFileSync(url, 'utf8')) as {
  samples: Sample[];
  publicKey: string;
  privateKey: string;
};

const PAYMENT = 'pay_01jd3q5v8mf6gt2wz9xk4c7h0a';
const ATTEMPT = 'att_01jd3q5v8mf6gt2wz9xk4c7h0b';
const REFUND = 'op_01jd3q5v8mf6gt2wz9xk4c7h0c';
const AT = '2026-11-22T15:37:20.000Z';

function parse({ bt_signature, bt_payload }: Pick<Sample, 'bt_signature' | 'bt_payload'>) {
  return braintreeWebhooks.parse(Buffer.from(new URLSearchParams({ bt_signature, bt_payload }).toString()));
}

function told(kind: string, subject: string) {
  const xml = `<notification><timestamp type="datetime">${AT}</timestamp><kind>${kind}</kind><subject>${subject}</subject></notification>`;
  return parse({ bt_signature: '', bt_payload: Buffer.from(xml).toString('base64') });
}

function transaction(status: string, more = '', type = 'sale', orderId = `${PAYMENT}.${ATTEMPT}`) {
  return `<transaction><id>tx1</id><status>${status}</status><type>${type}</type><amount>42.00</amount>
    <currency-iso-code>EUR</currency-iso-code><order-id>${orderId}</order-id>${more}</transaction>`;
}

const SETTLED =
  '<status-history type="array"><status-event><status>settled</status></status-event></status-history>';
const DEBIT = '<payment-instrument-type>sepa_debit_account</payment-instrument-type>';

describe('the published sample of', () => {
  test.each(samples.map((sample) => [sample.kind, sample] as const))(
    '%s verifies, and is not a riddle',
    (_, sample) => {
      const body = Buffer.from(new URLSearchParams(sample).toString());
      const verdict = braintreeWebhooks.verify({ headers: {}, body }, [`${publicKey}|${privateKey}`], 0);
      expect(verdict).toEqual({ ok: true, eventId: null });
      const parsed = parse(sample);
      // The SDK's sample of a failed refund lacks its currency: an amount without one is none.
      const wished =
        sample.kind === 'refund_failed' ? 'unreadable' : MONEY.has(sample.kind) ? 'notices' : 'ignored';
      expect(parsed.kind, JSON.stringify(parsed)).toBe(wished);
    },
  );
});

const MONEY = new Set([
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'dispute_accepted',
  'dispute_auto_accepted',
  'dispute_expired',
  'transaction_settled',
  'transaction_settlement_declined',
]);

describe('what Braintree tells', () => {
  test('a bank debit that settled was approved and captured', () => {
    const parsed = told('transaction_settled', transaction('settled', DEBIT));
    expect(parsed).toMatchObject({
      kind: 'notices',
      notices: [
        {
          reference: PAYMENT,
          attempt: ATTEMPT,
          providerReference: 'tx1',
          fact: { kind: 'authorized', amount: 4200 },
        },
        { fact: { kind: 'captured_total', amount: 4200, provider_at: AT } },
      ],
    });
  });

  test('a bank debit that never settled is declined', () => {
    const parsed = told('transaction_settlement_declined', transaction('settlement_declined', DEBIT));
    expect(parsed).toMatchObject({ notices: [{ fact: { kind: 'declined', provider_reference: 'tx1' } }] });
    expect(parsed).toHaveProperty('notices.length', 1);
  });

  test.each([
    ['a bank debit that had settled', DEBIT + SETTLED],
    ['a card that was submitted', ''],
  ])('%s and is declined later was captured, and is taken back', (_, more) => {
    const parsed = told('transaction_settlement_declined', transaction('settlement_declined', more));
    expect(parsed).toMatchObject({
      notices: [
        { fact: { kind: 'authorized' } },
        { fact: { kind: 'captured_total', amount: 4200 } },
        { fact: { kind: 'reversed', movement: 'tx1/settlement_declined', amount: 4200 } },
      ],
    });
  });

  test('a part of a settlement is a capture of its own, of the operation that asked for it', () => {
    const part = transaction(
      'settled',
      '<authorized-transaction-id>tx0</authorized-transaction-id>',
      'sale',
      `${PAYMENT}.${REFUND}`,
    );
    expect(told('transaction_settled', part)).toMatchObject({
      notices: [
        {
          providerReference: 'tx0',
          currency: 'EUR',
          fact: { kind: 'captured', movement: 'tx1', operation: REFUND, amount: 4200 },
        },
      ],
    });
  });

  const of = '<refunded-transaction-id>tx0</refunded-transaction-id>';
  test('a refund of ours that failed names its operation', () => {
    const refund = transaction('processor_declined', of, 'credit', `${PAYMENT}.${REFUND}`);
    expect(told('refund_failed', refund)).toMatchObject({
      notices: [
        { providerReference: 'tx0', fact: { kind: 'refund_failed', movement: 'tx1', operation: REFUND } },
      ],
    });
  });

  test('a refund of the control panel that failed was made, and came back', () => {
    const refund = transaction('processor_declined', of, 'credit', 'by hand');
    expect(told('refund_failed', refund)).toMatchObject({
      notices: [
        { reference: null, fact: { kind: 'refunded', movement: 'tx1', operation: null } },
        { fact: { kind: 'refund_returned', of: 'tx1', movement: 'tx1/failed' } },
      ],
    });
  });

  test('a retrieval takes no money, and a new kind is for a person', () => {
    const retrieval =
      '<dispute><id>d1</id><kind>retrieval</kind><amount-disputed>1.00</amount-disputed><currency-iso-code>EUR</currency-iso-code><transaction><id>tx1</id></transaction></dispute>';
    expect(told('dispute_opened', retrieval)).toMatchObject({ kind: 'ignored' });
    expect(told('dispute_opened', retrieval.replace('retrieval', 'chargeback'))).toMatchObject({
      notices: [{ providerReference: 'tx1', fact: { kind: 'disputed', dispute: 'd1', amount: 100 } }],
    });
    expect(told('transaction_abducted', '')).toMatchObject({ kind: 'unreadable' });
    expect(braintreeWebhooks.parse(Buffer.from('bt_payload=!'))).toMatchObject({ kind: 'unreadable' });
    expect(braintreeWebhooks.parse(Buffer.from(''))).toMatchObject({ kind: 'unreadable' });
  });
});
