/**
 * One HTTP call to the provider, sent once, with a deadline, and an honest word on how it ended.
 *
 * The handler sits below undici's request API because only there is the decisive fact to be had: whether a
 * byte of the request may have been written. Before that moment a failure proves that nothing happened; after
 * it nothing does.
 */

import { type Dispatcher, Pool } from 'undici';
import type { Outcome, ProviderCall } from '../../core/outcome.ts';
import type { World } from '../../ops/world.ts';
import type { Trace } from '../port.ts';

export type Request = {
  method: 'GET' | 'POST';
  path: string;
  /** The path with its ids left out, for people: `/v1/charges/{id}/capture`. */
  route: string;
  body?: object;
  key: string;
  trace: Trace;
  timeoutMs: number;
};

export type Failure = Extract<Outcome, { kind: 'not_sent' | 'unknown' }>;

/** `json` is undefined for a body that cannot be read. */
export type Result =
  | { kind: 'answered'; status: number; json: unknown; call: ProviderCall }
  | { kind: 'failed'; failure: Failure; call: ProviderCall };

export type Client = { call(request: Request): Promise<Result>; close(): Promise<void> };

export type ClientOptions = { url: string; world: World; connections: number; responseBytes: number };

type Ending = { status: number; text: string } | Failure;

export function createClient({ url, world, connections, responseBytes }: ClientOptions): Client {
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    // The deadline is ours, one for the whole call: undici's own are coarse and know only parts of it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    async call(request) {
      const startedAt = new Date(world.now()).toISOString();
      const begin = world.monotonic();
      const ending = await send(pool, request, world, responseBytes);
      const status = 'status' in ending ? ending.status : null;
      const json = 'status' in ending ? parse(ending.text) : undefined;
      const call: ProviderCall = {
        key: request.key,
        endpoint: `${request.method} ${request.route}`,
        http_status: status,
        raw_code: codeOf(json),
        started_at: startedAt,
        duration_ms: Math.round(world.monotonic() - begin),
      };
      return 'status' in ending
        ? { kind: 'answered', status: ending.status, json, call }
        : { kind: 'failed', failure: ending, call };
    },
    close: () => pool.destroy(),
  };
}

function send(pool: Pool, request: Request, world: World, responseBytes: number): Promise<Ending> {
  return new Promise((resolve) => {
    const timer = new AbortController();
    const exchange = receive(responseBytes, (ending) => {
      timer.abort();
      resolve(ending);
    });
    pool.dispatch(optionsOf(request), exchange.handler);
    void world.sleep(request.timeoutMs, timer.signal).then(exchange.timeOut);
  });
}

function optionsOf({ method, path, body, key, trace }: Request): Dispatcher.DispatchOptions {
  const headers = ['traceparent', trace.traceparent];
  if (body === undefined) return { method, path, headers };
  headers.push('content-type', 'application/json', 'idempotency-key', key);
  return { method, path, headers, body: JSON.stringify(body) };
}

/** Collects one answer. `done` hears exactly one ending; whatever undici says later is ignored. */
function receive(responseBytes: number, done: (ending: Ending) => void) {
  let controller: Dispatcher.DispatchController | null = null;
  let over = false;
  let status = 0;
  let size = 0;
  const parts: Buffer[] = [];

  function end(ending: Ending): void {
    if (over) return;
    over = true;
    done(ending);
  }
  /** The connection is given up with the call: what arrives on it later must not be taken for another answer. */
  function giveUp(ending: Ending): void {
    if (over) return;
    end(ending);
    controller?.abort(new Error('The call was given up.'));
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      // A second start would be a second sending; a start after the end, a call nobody waits for.
      if (over || controller !== null) return started.abort(new Error('A call is sent once.'));
      controller = started;
    },
    onResponseStart(_, statusCode) {
      status = statusCode;
    },
    onResponseData(_, chunk) {
      size += chunk.length;
      if (size > responseBytes) giveUp({ kind: 'unknown', reason: 'unreadable_answer' });
      else parts.push(chunk);
    },
    onResponseEnd() {
      end({ status, text: Buffer.concat(parts).toString() });
    },
    onResponseError(_, error) {
      end(controller === null ? notSent(error) : { kind: 'unknown', reason: 'connection_reset' });
    },
  };
  const timeOut = () =>
    giveUp(
      controller === null
        ? notSent(new Error('No connection within the deadline.'))
        : { kind: 'unknown', reason: 'timeout' },
    );
  return { handler, timeOut };
}

function notSent(error: Error): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { kind: 'not_sent', evidence: 'connection_refused', reason: code ?? error.message };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('code' in json)) return null;
  return typeof json.code === 'string' ? json.code : null;
}
