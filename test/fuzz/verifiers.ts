/** Every verifier of providers' signatures, with how its provider signs: to tell refusals from rightly signed rubbish. */

import { createHmac, sign, X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Delivery, Verdict } from '../../src/connectors/port.ts';
import { verifyAdyen } from '../../src/connectors/signatures/adyen.ts';
import { verifyAdyenPlatform } from '../../src/connectors/signatures/adyen-platform.ts';
import { verifyBodyMac } from '../../src/connectors/signatures/body-mac.ts';
import { verifyBraintree } from '../../src/connectors/signatures/braintree.ts';
import { braintreeDigest } from '../../src/connectors/signatures/braintree-digest.ts';
import { verifyCheckout } from '../../src/connectors/signatures/checkout.ts';
import { verifyGoCardless } from '../../src/connectors/signatures/gocardless.ts';
import { type PayPalTrust, verifyPayPal } from '../../src/connectors/signatures/paypal.ts';
import { verifyRazorpay } from '../../src/connectors/signatures/razorpay.ts';
import {
  signStandardWebhook,
  verifyStandardWebhook,
} from '../../src/connectors/signatures/standard-webhooks.ts';
import { verifyStripe } from '../../src/connectors/signatures/stripe.ts';
import { certificate, rsaKeys } from '../../src/connectors/signatures/test-kit.ts';

export const NOW_MS = 1_790_000_000_000;

export type Verifier = {
  secret: string;
  /** The header that a stranger would have to guess. */
  header: string;
  verify(delivery: Delivery): Verdict;
  /** The body as the provider would send and sign it. */
  sign(body: Buffer): Delivery;
};

const TEXT = 'a_secret_of_these_tests_alone';
const HEX = '0f'.repeat(32);
const STANDARD = `whsec_${Buffer.from(TEXT).toString('base64')}`;

const mac = (key: string | Buffer, body: Buffer, encoding: 'hex' | 'base64') =>
  createHmac('sha256', key).update(body).digest(encoding);

/** A header with the MAC of the body, as several have it. */
function bodyMac(
  header: string,
  secret: string,
  encoding: 'hex' | 'base64',
  verify: (delivery: Delivery, secrets: readonly string[]) => Verdict,
): Verifier {
  const key = secret === HEX ? Buffer.from(HEX, 'hex') : secret;
  return {
    secret,
    header,
    verify: (delivery) => verify(delivery, [secret]),
    sign: (body) => ({ headers: { [header]: mac(key, body, encoding) }, body }),
  };
}

const stripe: Verifier = {
  secret: TEXT,
  header: 'stripe-signature',
  verify: (delivery) => verifyStripe(delivery, [TEXT], NOW_MS),
  sign(body) {
    const seconds = String(NOW_MS / 1000);
    const signature = createHmac('sha256', TEXT).update(`${seconds}.`).update(body).digest('hex');
    return { headers: { 'stripe-signature': `t=${seconds},v1=${signature}` }, body };
  },
};

const standard: Verifier = {
  secret: STANDARD,
  header: 'webhook-signature',
  verify: (delivery) => verifyStandardWebhook(delivery, [STANDARD], NOW_MS),
  sign(body) {
    const message = { id: 'msg_1', timestampSeconds: NOW_MS / 1000, body };
    return { headers: signStandardWebhook(message, [STANDARD]), body };
  },
};

const braintree: Verifier = {
  secret: 'public|private',
  header: 'bt_signature',
  verify: (delivery) => verifyBraintree(delivery, ['public|private']),
  sign(body) {
    const payload = `${body.toString('base64')}\n`;
    const form = new URLSearchParams({
      bt_signature: `public|${braintreeDigest('private', payload)}`,
      bt_payload: payload,
    });
    return { headers: {}, body: Buffer.from(form.toString()) };
  },
};

/** What is signed are fields in the body: the body given becomes our reference in it. */
const adyen: Verifier = {
  secret: HEX,
  header: 'hmacsignature',
  verify: (delivery) => verifyAdyen(delivery, [HEX]),
  sign(body) {
    const reference = body.toString();
    const text = `P1::Shop:${reference}:100:EUR:CAPTURE:true`;
    const item = {
      pspReference: 'P1',
      merchantAccountCode: 'Shop',
      merchantReference: reference,
      amount: { value: 100, currency: 'EUR' },
      eventCode: 'CAPTURE',
      success: 'true',
      additionalData: { hmacSignature: mac(Buffer.from(HEX, 'hex'), Buffer.from(text), 'base64') },
    };
    const json = { live: 'false', notificationItems: [{ NotificationRequestItem: item }] };
    return { headers: {}, body: Buffer.from(JSON.stringify(json)) };
  },
};

function paypal(): Verifier {
  const root = { name: 'Root', keys: rsaKeys() };
  const keys = rsaKeys();
  const valid = { fromMs: NOW_MS - 86_400_000, toMs: NOW_MS + 86_400_000 };
  const name = 'messageverificationcerts.paypal.com';
  const pem = certificate({ name, keys, issuer: root, ...valid });
  const rootPem = certificate({ name: 'Root', keys: root.keys, issuer: root, ca: true, ...valid });
  const trust: PayPalTrust = {
    environment: 'live',
    certificateAt: () => pem,
    roots: [new X509Certificate(rootPem)],
  };
  const time = new Date(NOW_MS).toISOString();
  return {
    secret: 'WEBHOOKID',
    header: 'paypal-transmission-sig',
    verify: (delivery) => verifyPayPal(delivery, ['WEBHOOKID'], NOW_MS, trust),
    sign: (body) => ({
      headers: {
        'paypal-auth-algo': 'SHA256withRSA',
        'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-1',
        'paypal-transmission-id': 't-1',
        'paypal-transmission-time': time,
        'paypal-transmission-sig': sign(
          'sha256',
          Buffer.from(`t-1|${time}|WEBHOOKID|${crc32(body)}`),
          keys.privateKey,
        ).toString('base64'),
      },
      body,
    }),
  };
}

/** By the name of the function. */
export function verifiers(): Readonly<Record<string, Verifier>> {
  const plain = (delivery: Delivery) =>
    verifyBodyMac(delivery, { header: 'x-mac', encoding: 'hex', keys: [TEXT] });
  return {
    verifyAdyen: adyen,
    verifyAdyenPlatform: bodyMac('hmacsignature', HEX, 'base64', verifyAdyenPlatform),
    verifyBodyMac: bodyMac('x-mac', TEXT, 'hex', plain),
    verifyBraintree: braintree,
    verifyCheckout: bodyMac('cko-signature', TEXT, 'hex', verifyCheckout),
    verifyGoCardless: bodyMac('webhook-signature', TEXT, 'hex', verifyGoCardless),
    verifyPayPal: paypal(),
    verifyRazorpay: bodyMac('x-razorpay-signature', TEXT, 'hex', verifyRazorpay),
    verifyStandardWebhook: standard,
    verifyStripe: stripe,
  };
}
