/** Just enough of X.509 to issue test certificates: `node:crypto` can read them, and make none. */

import { type KeyObject, sign } from 'node:crypto';

export type Party = { name: string; publicKey: KeyObject; privateKey: KeyObject };

export type Issue = { subject: Party; issuer: Party; authority: boolean; fromMs: number; toMs: number };

/** As PEM, signed with SHA-256 and RSA. */
export function issueCertificate({ subject, issuer, authority, fromMs, toMs }: Issue): string {
  const body = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.from([1])),
    SHA256_WITH_RSA,
    commonName(issuer.name),
    sequence(generalizedTime(fromMs), generalizedTime(toMs)),
    commonName(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    ...(authority ? [element(0xa3, sequence(IS_AUTHORITY))] : []),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const bits = element(0x03, Buffer.concat([Buffer.from([0]), signature]));
  return pem(sequence(body, SHA256_WITH_RSA, bits));
}

const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
/** basicConstraints, critical, CA:TRUE. */
const IS_AUTHORITY = Buffer.from('300f0603551d130101ff040530030101ff', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');

function pem(der: Buffer): string {
  const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function commonName(name: string): Buffer {
  return sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(name)))));
}

function generalizedTime(ms: number): Buffer {
  return element(0x18, Buffer.from(`${new Date(ms).toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`));
}

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

/** Tag, length, content: a length of 128 or more is told in two bytes after one that says how many. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
