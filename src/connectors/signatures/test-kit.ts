/** What the tests of the schemes share: bits to change, certificates to make, and the published vectors. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Delivery, Verdict } from '../port.ts';

export type Verify = (delivery: Delivery, secrets: readonly string[], nowMs: number) => Verdict;

export function fixture<T>(name: string): T {
  const folder = new URL('../../../test/fixtures/webhook-signatures/', import.meta.url);
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as T;
}

/** The same bytes with one bit changed, for each bit; or for one bit of each byte. */
export function* flips(bytes: Buffer, bitsPerByte: 1 | 8 = 8): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1) {
    const bits = bitsPerByte === 1 ? [at % 8] : [0, 1, 2, 3, 4, 5, 6, 7];
    for (const bit of bits) yield flipped(bytes, at * 8 + bit);
  }
}

export function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return copy;
}

/** Headers travel as latin1: a changed bit is another character there. */
export function* textFlips(text: string): Generator<string> {
  for (const bytes of flips(Buffer.from(text, 'latin1'))) yield bytes.toString('latin1');
}

/** A text secret must stay one that could be configured, or it would be refused for another reason. */
export function* secretFlips(secret: string): Generator<string> {
  for (const changed of textFlips(secret)) if (/^[\x21-\x7e]+$/.test(changed)) yield changed;
}

export type TestKeys = { publicKey: KeyObject; privateKey: KeyObject };

export function rsaKeys(bits = 2048): TestKeys {
  return generateKeyPairSync('rsa', { modulusLength: bits });
}

export type CertificateOf = {
  name: string;
  keys: { publicKey: KeyObject };
  issuer: { name: string; keys: { privateKey: KeyObject } };
  ca?: boolean;
  fromMs: number;
  toMs: number;
};

/** An X.509 certificate as PEM: node:crypto reads them only, and a key in a file would look like a leaked one. */
export function certificate({ name, keys, issuer, ca = false, fromMs, toMs }: CertificateOf): string {
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1])),
    SHA256_WITH_RSA,
    commonName(issuer.name),
    sequence(time(fromMs), time(toMs)),
    commonName(name),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(ca ? [tagged(0xa3, sequence(IS_CA))] : []),
  );
  const signature = sign('sha256', body, issuer.keys.privateKey);
  const der = sequence(body, SHA256_WITH_RSA, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
/** basicConstraints, critical: CA:TRUE. */
const IS_CA = Buffer.from('300f0603551d130101ff040530030101ff', 'hex');

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(Buffer.from('0603550403', 'hex'), tagged(0x0c, Buffer.from(name)))));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(digits));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
