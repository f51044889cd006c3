import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyAdyenPlatform } from './adyen-platform.ts';
import { verifyCheckout } from './checkout.ts';
import { verifyGoCardless } from './gocardless.ts';
import { verifyRazorpay } from './razorpay.ts';
import { flipped, textFlips, type Verify } from './test-kit.ts';

const HEX_KEY = 'ab'.repeat(32);
const TEXT_KEY = 'a-key-of-these-tests-alone';

/** Provider, header, verifier, secret, its key, encoding: as each provider's documentation says. */
const SCHEMES: [string, string, Verify, string, Buffer, 'hex' | 'base64'][] = [
  ['Checkout.com', 'cko-signature', verifyCheckout, TEXT_KEY, Buffer.from(TEXT_KEY), 'hex'],
  ['GoCardless', 'webhook-signature', verifyGoCardless, TEXT_KEY, Buffer.from(TEXT_KEY), 'hex'],
  ['Razorpay', 'x-razorpay-signature', verifyRazorpay, TEXT_KEY, Buffer.from(TEXT_KEY), 'hex'],
  ['Adyen platform', 'hmacsignature', verifyAdyenPlatform, HEX_KEY, Buffer.from(HEX_KEY, 'hex'), 'base64'],
];

describe.each(SCHEMES)('%s', (_, header, verify, secret, key, encoding) => {
  const mac = (body: Buffer) => createHmac('sha256', key).update(body).digest(encoding);
  const other = secret.replace(/^./, 'c');
  const body = Buffer.from('{"id":"evt_1"}');

  test('any body that was signed verifies, and with any one bit changed it does not', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.nat(), (any, bit) => {
        const headers = { [header]: mac(any) };
        expect(verify({ headers, body: any }, [secret], 0).ok).toBe(true);
        expect(verify({ headers, body: flipped(any, bit % (any.length * 8)) }, [secret], 0).ok).toBe(false);
      }),
    );
  });
  test('each bit of the signature counts', () => {
    for (const changed of textFlips(mac(body)))
      expect(verify({ headers: { [header]: changed }, body }, [secret], 0).ok).toBe(false);
  });
  test('an old secret holds beside the new one, an unknown one does not', () => {
    const headers = { [header]: mac(body) };
    expect(verify({ headers, body }, [other, secret], 0).ok).toBe(true);
    expect(verify({ headers, body }, [other], 0)).toEqual({ ok: false, reason: 'signature_wrong' });
    expect(verify({ headers, body }, [], 0)).toEqual({ ok: false, reason: 'signature_wrong' });
  });
  test('what is missing or too long is told apart', () => {
    const verdict = (headers: Record<string, string>) => verify({ headers, body }, [secret], 0);
    expect(verdict({})).toEqual({ ok: false, reason: 'signature_missing' });
    expect(verdict({ [header]: '' })).toEqual({ ok: false, reason: 'signature_missing' });
    expect(verdict({ [header]: 'x'.repeat(4_097) })).toEqual({ ok: false, reason: 'malformed' });
  });
  test('an empty secret is a mistake in the configuration', () => {
    expect(() => verify({ headers: {}, body }, [''], 0)).toThrow('webhook secret 1 of 1 is not usable');
  });
});

test("only Checkout.com's deliveries carry one event id that is signed", () => {
  const ids = SCHEMES.map(([, header, verify, secret, key, encoding]) => {
    const body = Buffer.from('{"id":"evt_1"}');
    const signature = createHmac('sha256', key).update(body).digest(encoding);
    const headers = { [header]: signature, 'x-razorpay-event-id': 'evt_2' };
    return verify({ headers, body }, [secret], 0);
  });
  expect(ids).toEqual(['evt_1', null, null, null].map((eventId) => ({ ok: true, eventId })));
});
