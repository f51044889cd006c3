/**
 * The certificates that PayPal signs its webhooks with, from an authority of the simulator's own: made when they are
 * first needed, and kept with the books, so that whoever trusts the authority may go on doing so after a restart.
 */

import { generateKeyPairSync, sign, verify, X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { refuse } from '../../problems.ts';
import { apply } from '../../rows.ts';
import { findThing, type Thing } from '../../shelf.ts';
import type { Said, Simulator } from '../../simulator.ts';
import type { Keeper } from '../../webhooks/letters.ts';
import { refuseInWords } from './errors.ts';
import { at, PAYPAL, type PayPalRequest, textOf } from './request.ts';
import { issueCertificate, type Party } from './x509.ts';

/** The hosts of the sandbox: a verifier asks for them, wherever it then fetches from. */
const FOLDER = '/v1/notifications/certs/';
const PUBLISHED_AT = `https://api.sandbox.paypal.com${FOLDER}`;
const AUTHORITY = 'authority';
const YEARS_10_MS = 10 * 365 * 24 * 3600_000;

type Signer = { id: string; certificate: string; authority: string; privateKey: string };

export type Transmission = { id: string; time: string; webhookId: string; body: string };

/** The headers of a delivery; a corrupted one is signed for another body. */
export function signed(keeper: Keeper, transmission: Transmission, now: number, corrupted: boolean) {
  const signer = signerOf(keeper, now);
  const { id, time, body } = transmission;
  const text = textToSign({ ...transmission, body: corrupted ? `${body} ` : body });
  return {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': sign('sha256', Buffer.from(text), signer.privateKey).toString('base64'),
    'paypal-cert-url': `${PUBLISHED_AT}${signer.id}`,
    'paypal-auth-algo': 'SHA256withRSA',
  };
}

/** `/v1/notifications/certs/authority` is the simulator's own addition: what a verifier has to trust. */
export function certificateFile(sim: Simulator, path: string): Said | null {
  if (!path.startsWith(FOLDER)) return null;
  const signer = signerOf(sim, sim.moment().now);
  const name = path.slice(FOLDER.length);
  const file = name === AUTHORITY ? signer.authority : name === signer.id ? signer.certificate : null;
  if (file === null) return { is: 'said', reply: refuseInWords(refuse('not_found')) };
  const headers = { 'content-type': 'application/x-pem-file' };
  return { is: 'said', reply: { status: 200, body: file, headers } };
}

/** Whom a verifier has to trust. */
export function authorityOf(keeper: Keeper, now: number): string {
  return signerOf(keeper, now).authority;
}

/** PayPal's own check of a delivery, for whoever does not want to do it themselves. */
export function checkSignature({ sim, body }: PayPalRequest): Said {
  const { certificate } = signerOf(sim, sim.moment().now);
  const told = (name: string) => textOf(body, name) ?? '';
  const text = textToSign({
    id: told('transmission_id'),
    time: told('transmission_time'),
    webhookId: told('webhook_id'),
    body: JSON.stringify(at(body, 'webhook_event')),
  });
  const { publicKey } = new X509Certificate(certificate);
  const signature = Buffer.from(told('transmission_sig'), 'base64');
  const good = verify('sha256', Buffer.from(text), publicKey, signature);
  const reply = { status: 200, body: { verification_status: good ? 'SUCCESS' : 'FAILURE' } };
  return { is: 'said', reply };
}

function textToSign({ id, time, webhookId, body }: Transmission): string {
  return `${id}|${time}|${webhookId}|${crc32(body)}`;
}

function signerOf({ books, journal }: Keeper, now: number): Signer {
  const known = findThing(books.shelf, PAYPAL, 'signer', 'signer');
  if (known !== undefined) return known.data as Signer;
  const made: Thing = { dialect: PAYPAL, type: 'signer', id: 'signer', at: now, data: makeSigner(now) };
  apply(books, { things: [made] });
  journal.append({ things: [made] });
  return made.data as Signer;
}

function makeSigner(now: number): Signer {
  const root = party('Truepenny Simulator Test CA');
  const leaf = party('messageverificationcerts.sandbox.paypal.com');
  const term = { fromMs: now - YEARS_10_MS, toMs: now + YEARS_10_MS };
  const certificate = issueCertificate({ subject: leaf, issuer: root, authority: false, ...term });
  return {
    id: `CERT-${new X509Certificate(certificate).fingerprint256.replaceAll(':', '').slice(0, 24).toLowerCase()}`,
    certificate,
    authority: issueCertificate({ subject: root, issuer: root, authority: true, ...term }),
    privateKey: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function party(name: string): Party {
  return { name, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}
