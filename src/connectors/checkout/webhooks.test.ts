import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { receiver, until } from '../../simulator/webhooks/test-kit.ts';
import { authorize, capture, refund } from '../simulator/test-kit.ts';
import { OURS, ours, testPair } from './test-kit.ts';
import { checkoutWebhooks } from './webhooks.ts';

const SECRET = 'a-signature-key-of-a-workflow';
const ID = 'pay_mbabizu24mvu3mela5njyhpit4';
const { operation } = ours(2);

function parse(type: string, data: object = {}) {
  const whole = { id: ID, action_id: 'act_1', amount: 4200, currency: 'EUR', ...data };
  return checkoutWebhooks.parse(Buffer.from(JSON.stringify({ id: 'evt_1', type, data: whole })));
}

const facts = (type: string, data?: object) => {
  const parsed = parse(type, data);
  return parsed.kind === 'notices' ? parsed.notices.map(({ fact }) => fact) : parsed.kind;
};

const asked = { reference: operation, metadata: { payment: OURS.reference, attempt: OURS.attempt } };
const sold = { reference: OURS.reference, metadata: { attempt: OURS.attempt, asked: 'sale' } };

test('what the simulator sends is signed as Checkout.com signs, and is read', async () => {
  const { simulator, perform } = await testPair();
  const target = await receiver();
  const endpoint = { url: target.url, secret: SECRET, dialect: 'checkout' };
  await simulator.post('/webhook-endpoints', endpoint);
  const paid = await perform(authorize('tok_approve', { ...ours(1), capture: false }));
  const id = paid.kind === 'approved' ? paid.provider_reference : '';
  await perform(capture(id, ours(2)));
  await perform(refund(id, ours(3)));
  await until(() => target.got.length === 3);
  const told = target.got.flatMap(({ headers, body }) => {
    const delivery = {
      headers: { 'cko-signature': String(headers['cko-signature']) },
      body: Buffer.from(body),
    };
    const verdict = checkoutWebhooks.verify(delivery, [SECRET], 0);
    expect(verdict).toMatchObject({ ok: true, eventId: expect.stringMatching(/^evt_/) });
    const forged = { ...delivery, body: Buffer.from(`${body} `) };
    expect(checkoutWebhooks.verify(forged, [SECRET], 0).ok).toBe(false);
    const parsed = checkoutWebhooks.parse(Buffer.from(body));
    return parsed.kind === 'notices' ? parsed.notices : [];
  });
  expect(told.map(({ fact }) => fact.kind).sort()).toEqual(['authorized', 'captured', 'refunded']);
  for (const notice of told)
    expect(notice).toMatchObject({ ...OURS, providerReference: id, currency: 'EUR' });
  expect(told.find(({ fact }) => fact.kind === 'captured')?.fact).toMatchObject({ operation, amount: 1000 });
});

test('a signature is the HMAC of the raw body in hexadecimal', () => {
  const body = Buffer.from('{"id":"evt_1"}');
  const signature = createHmac('sha256', SECRET).update(body).digest('hex');
  const delivery = { headers: { 'cko-signature': signature }, body };
  expect(checkoutWebhooks.verify(delivery, [SECRET], 0)).toEqual({ ok: true, eventId: 'evt_1' });
});

test.each<[string, object, object[]]>([
  ['payment_captured', asked, [{ kind: 'captured', movement: 'act_1', operation, amount: 4200 }]],
  ['payment_captured', {}, [{ kind: 'captured', operation: null }]],
  ['payment_captured', sold, [{ kind: 'captured', operation: null, movement: 'act_1' }]],
  ['payment_refunded', asked, [{ kind: 'refunded', operation }]],
  ['payment_voided', asked, [{ kind: 'voided', amount: 4200 }]],
  ['payment_expired', sold, [{ kind: 'expired' }]],
  ['payment_declined', { ...sold, response_code: '20051' }, [{ decline: { reason: 'insufficient_funds' } }]],
  ['payment_approved', { ...sold, metadata: {} }, [{ kind: 'authorized', amount: 4200 }]],
  ['payment_approved', sold, [{ kind: 'authorized' }, { kind: 'captured_total', amount: 4200 }]],
  ['payment_capture_declined', asked, [{ kind: 'capture_failed', operation, movement: 'act_1' }]],
  [
    'payment_capture_declined',
    { ...sold, response_code: '20091' },
    [{ kind: 'reversed', raw_code: '20091' }],
  ],
  ['payment_void_declined', asked, [{ kind: 'void_failed', operation }]],
  ['payment_refund_declined', asked, [{ kind: 'refund_failed', operation }]],
])('%s of %j', (type, data, expected) => {
  expect(facts(type, data)).toMatchObject(expected);
});

test('what nobody here asked for cannot fail', () => {
  const foreign = { metadata: sold.metadata };
  expect(facts('payment_refund_declined', foreign)).toBe('ignored');
});

test.each([
  ['dispute_received', 'disputed'],
  ['dispute_won', 'dispute_won'],
  ['dispute_canceled', 'dispute_won'],
  ['dispute_lost', 'dispute_lost'],
  ['dispute_accepted', 'dispute_lost'],
])('%s is %s, of the payment that it names', (type, kind) => {
  const parsed = parse(type, { id: 'dsp_1', payment_id: ID });
  expect(parsed).toMatchObject({
    kind: 'notices',
    notices: [{ providerReference: ID, reference: null, fact: { kind, dispute: 'dsp_1' } }],
  });
});

test.each(['payment_pending', 'dispute_evidence_required', 'payout_paid'])('%s moves nothing', (type) => {
  expect(facts(type)).toBe('ignored');
});

test.each([
  ['an event that is new', parse('payment_considered')],
  ['no amount', parse('payment_captured', { amount: null })],
  ['no currency', parse('payment_captured', { currency: 'XXQ' })],
  ['no payment', parse('payment_captured', { id: '' })],
  ['no JSON', checkoutWebhooks.parse(Buffer.from('{"type'))],
])('%s is for a person', (_, parsed) => {
  expect(parsed.kind).toBe('unreadable');
});
