/** The Idempotency-Key header: bare, or quoted as the IETF draft has it (a structured-field string). */

import type { IncomingMessage } from 'node:http';
import { LIMITS } from '../ops/limits.ts';
import { refuseHarmfulText } from './json-body.ts';
import { Refused } from './problems.ts';

const PRINTABLE = /^[ -~]+$/;
const QUOTED = /^"((?:[^"\\]|\\["\\])*)"$/;

/** The bare key. Throws Refused when it is missing or malformed. */
export function readIdempotencyKey(message: IncomingMessage): string {
  const header = message.headers['idempotency-key'];
  if (header === undefined || header === '') throw new Refused('idempotency_key_missing');
  if (typeof header !== 'string' || sentTwice(message, header)) throw new Refused('idempotency_key_invalid');
  const key = unquote(header);
  if (key === null || key.length > LIMITS.fields.idempotencyKey || !PRINTABLE.test(key))
    throw new Refused('idempotency_key_invalid');
  refuseHarmfulText(key, 'Idempotency-Key');
  return key;
}

function unquote(header: string): string | null {
  if (!header.startsWith('"')) return header;
  return QUOTED.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1') ?? null;
}

/** Node joins repeated headers by a comma; two keys are no key. */
function sentTwice(message: IncomingMessage, header: string): boolean {
  if (!header.includes(', ')) return false;
  return message.rawHeaders.filter((name, n) => n % 2 === 0 && /^idempotency-key$/i.test(name)).length > 1;
}
