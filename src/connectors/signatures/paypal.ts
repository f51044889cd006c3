/**
 * PayPal: RSA-SHA256 over `<transmission id>|<transmission time>|<webhook id>|<crc32 of the raw body>`, by the
 * certificate that a header names.
 *
 * A CRC is no hash: whoever has seen one genuine delivery can write another body with the same one. The signature
 * proves that PayPal sent something to this endpoint at that time, not what: ask PayPal before money depends on it.
 */

import { constants, verify, type X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Delivery, Verdict } from '../port.ts';
import { BOUNDS } from './bounds.ts';
import { trustedLeaf } from './certificate-chain.ts';
import { eventIdOf } from './event-id.ts';
import { requireShape } from './secret-shape.ts';
import { refused } from './verdict.ts';

export type PayPalTrust = {
  environment: 'live' | 'sandbox';
  /**
   * The PEM text at an address that has passed the allow-list, leaf first; null where it is not known (yet). It
   * comes from a cache, since a stranger must not make us wait or call: fetch beside, and PayPal delivers again.
   */
  certificateAt(url: string): string | null;
  /** For live use those of `tls.rootCertificates`, parsed once. */
  roots: readonly X509Certificate[];
};

type Transmission = { id: string; time: string; sentMs: number; signature: Buffer; certificateUrl: string };

const CERTIFICATE_URL = {
  live: /^https:\/\/api(-m)?\.paypal\.com\/v1\/notifications\/certs\/[\w-]{1,100}$/,
  sandbox: /^https:\/\/api(-m)?\.sandbox\.paypal\.com\/v1\/notifications\/certs\/[\w-]{1,100}$/,
};
/** The name that PayPal's own libraries ask for. */
const SIGNER = /^CN=messageverificationcerts(\.[a-z0-9-]+)?\.paypal\.com$/m;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** PayPal delivers again for three days and does not say that it signs anew each time. */
const RETRIED_MS = 3 * 24 * 3600_000;

/** @param webhookIds the ids that PayPal gave the endpoint: part of what is signed; not secret. */
export function verifyPayPal(
  { headers, body }: Delivery,
  webhookIds: readonly string[],
  nowMs: number,
  trust: PayPalTrust,
): Verdict {
  requireShape(webhookIds, /^\w{1,50}$/, 'the id of the webhook at PayPal');
  if (!headers['paypal-transmission-sig']) return refused('signature_missing');
  const sent = readHeaders(headers);
  if (sent === null) return refused('malformed');
  const signer = signerOf(sent.certificateUrl, trust, nowMs);
  if (signer === null) return refused('signature_wrong');
  const texts = webhookIds.map((webhookId) => `${sent.id}|${sent.time}|${webhookId}|${crc32(body)}`);
  if (!texts.some((text) => isSigned(text, signer, sent.signature))) return refused('signature_wrong');
  const ageMs = nowMs - sent.sentMs;
  if (ageMs > RETRIED_MS + BOUNDS.toleranceMs || ageMs < -BOUNDS.toleranceMs) return refused('too_old');
  return { ok: true, eventId: eventIdOf(body) };
}

function readHeaders(headers: Delivery['headers']): Transmission | null {
  const { 'paypal-transmission-id': id, 'paypal-transmission-time': time } = headers;
  const { 'paypal-cert-url': certificateUrl, 'paypal-transmission-sig': text = '' } = headers;
  if (headers['paypal-auth-algo'] !== 'SHA256withRSA' || !certificateUrl || !id || !time) return null;
  if (text.length > BOUNDS.headerChars || !/^[\w-]{1,50}$/.test(id) || !TIME.test(time)) return null;
  const sentMs = Date.parse(time);
  const signature = Buffer.from(text, 'base64');
  // One spelling a signature: base64 has several.
  if (Number.isNaN(sentMs) || signature.toString('base64') !== text) return null;
  return { id, time, sentMs, signature, certificateUrl };
}

function signerOf(url: string, trust: PayPalTrust, nowMs: number): X509Certificate | null {
  if (!CERTIFICATE_URL[trust.environment].test(url)) return null;
  const pem = trust.certificateAt(url);
  const leaf = pem === null ? null : trustedLeaf(pem, trust.roots, nowMs);
  return leaf && SIGNER.test(leaf.subject) && isStrongRsa(leaf) ? leaf : null;
}

function isStrongRsa({ publicKey }: X509Certificate): boolean {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  return publicKey.asymmetricKeyType === 'rsa' && bits >= 2048;
}

function isSigned(text: string, { publicKey }: X509Certificate, signature: Buffer): boolean {
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PADDING };
  return verify('sha256', Buffer.from(text), key, signature);
}
