/** One call to an endpoint: sent once, no redirect followed, and no more read of the answer than is kept. */

import { Agent, type Dispatcher, request } from 'undici';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { AddressRefused, guardedLookup, literalAddress, publicAddresses } from './addresses.ts';
import type { SignedHeaders } from './secret.ts';

const { timeoutMs, responseBytes, inFlight } = LIMITS.notifications;

/** `error` says why there was no answer: `timeout`, `address_refused`, or the code of the connection's failure. */
export type Sent = { httpStatus: number | null; response: string | null; error: string | null };

export type Sender = {
  send(url: string, headers: SignedHeaders, body: string): Promise<Sent>;
  close(): Promise<void>;
};

export function createSender(world: World, allowPrivate: boolean): Sender {
  const isPublic = publicAddresses();
  const guard = allowPrivate ? {} : { lookup: guardedLookup(isPublic) };
  const agent = new Agent({
    connect: { ...guard, timeout: timeoutMs },
    connections: inFlight,
    pipelining: 1,
  });
  return {
    async send(url, headers, body) {
      const address = literalAddress(new URL(url));
      if (!allowPrivate && address !== null && !isPublic(address)) return failure(new AddressRefused());
      const over = new AbortController();
      const deadline = new AbortController();
      void world.sleep(timeoutMs, over.signal).then(() => deadline.abort(new TimedOut()));
      try {
        return await call(agent, url, { ...FIXED, ...headers }, body, deadline.signal);
      } catch (error) {
        return failure(error);
      } finally {
        over.abort();
      }
    },
    close: () => agent.destroy(),
  };
}

const FIXED = { 'content-type': 'application/json', 'user-agent': 'Truepenny-Webhooks/1' };

class TimedOut extends Error {
  readonly code = 'timeout';
}

async function call(
  dispatcher: Dispatcher,
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Sent> {
  const answer = await request(url, { dispatcher, method: 'POST', headers, body, signal });
  return { httpStatus: answer.statusCode, response: await beginningOf(answer.body), error: null };
}

/** The status has been given: an answer that breaks off later is an answer. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      parts.push(part as Buffer);
      size += (part as Buffer).length;
      // Leaving the loop destroys the rest.
      if (size >= responseBytes) break;
    }
  } catch {
    // What came until then is kept.
  }
  return legible(Buffer.concat(parts).subarray(0, responseBytes).toString());
}

/** PostgreSQL stores no U+0000, and a log is no place for control characters. */
function legible(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}--[\n\t]]/gv, ' ');
}

function failure(error: unknown): Sent {
  const { code } = error as { code?: unknown };
  const name = typeof code === 'string' ? code : 'failed';
  return { httpStatus: null, response: null, error: name.slice(0, 100) };
}
