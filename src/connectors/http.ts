/**
 * One HTTP call to a provider, sent once, with a deadline, and an honest word on how it ended.
 *
 * The handler sits below undici's request API because only there is the decisive fact to be had: whether a
 * byte of the request may have been written. Before that moment a failure proves that nothing happened; after
 * it nothing does.
 */

import type { Dispatcher } from 'undici';
import type { Outcome, ProviderCall } from '../core/outcome.ts';
import { LIMITS } from '../ops/limits.ts';
import type { Connections, World } from '../ops/world.ts';
import type { Trace } from './port.ts';

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the client's address, with its query. */
  path: string;
  /** The path with its ids left out, for people: `/v1/charges/{id}/capture`. */
  route: string;
  /** Credentials, idempotency key, content type: as the provider spells them, names in lower case. */
  headers?: Readonly<Record<string, string>>;
  /** Encoded already: see `jsonBody`, `formBody`, `xmlBody`. */
  body?: string;
  /** What the call is known by in its record: the idempotency key, if one is sent. */
  key: string;
  trace: Trace;
  timeoutMs: number;
};

export type HttpFailure = Extract<Outcome, { kind: 'not_sent' | 'unknown' }>;

/** `call` has no `raw_code` and no record of the exchange yet: the connector reads those from what it understands. */
export type HttpResult =
  | { kind: 'answered'; status: number; headers: HttpHeaders; text: string; call: ProviderCall }
  | { kind: 'failed'; failure: HttpFailure; call: ProviderCall };

/** Names in lower case; a repeated header is joined with `, `. */
export type HttpHeaders = Readonly<Record<string, string>>;

export type HttpClient = {
  send(request: HttpRequest): Promise<HttpResult>;
  /** Drops the connections; calls that are under way end as unknown. */
  close(): Promise<void>;
};

export type HttpClientOptions = {
  /** With a path, that goes before every request's. */
  url: string;
  world: World;
  connections?: number;
  responseBytes?: number;
};

type Ending = { status: number; headers: HttpHeaders; text: string } | HttpFailure;

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { url, world } = options;
  const { connections, responseBytes } = { ...LIMITS.provider, ...options };
  const { origin, pathname } = new URL(url);
  const prefix = pathname.replace(/\/+$/, '');
  const pool = world.connect(origin, connections);
  return {
    async send(request) {
      const startedAt = new Date(world.now()).toISOString();
      const begin = world.monotonic();
      const ending = await exchange(pool, prefix, request, world, responseBytes);
      const call: ProviderCall = {
        key: request.key,
        endpoint: `${request.method} ${request.route}`,
        http_status: 'status' in ending ? ending.status : null,
        raw_code: null,
        started_at: startedAt,
        duration_ms: Math.round(world.monotonic() - begin),
        request: null,
        response: null,
      };
      return 'status' in ending
        ? { kind: 'answered', ...ending, call }
        : { kind: 'failed', failure: ending, call };
    },
    close: () => pool.destroy(),
  };
}

type Encoded = { headers: Record<string, string>; body: string };

export function jsonBody(value: object): Encoded {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** Names as the provider spells them: `metadata[operation]`. */
export function formBody(fields: Readonly<Record<string, string>>): Encoded {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { headers, body: new URLSearchParams(fields).toString() };
}

export function xmlBody(text: string): Encoded {
  return { headers: { 'content-type': 'application/xml' }, body: text };
}

/** Undefined for a text that cannot be read. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function exchange(
  pool: Connections,
  prefix: string,
  request: HttpRequest,
  world: World,
  responseBytes: number,
): Promise<Ending> {
  const timeoutMs = Math.min(request.timeoutMs, leftMs(request.trace, world));
  if (timeoutMs <= 0) return Promise.resolve(notSent(new Error('no time was left for it')));
  return new Promise((resolve) => {
    const timer = new AbortController();
    const received = receive(responseBytes, (ending) => {
      // Without a reason an exception is made for it each time.
      timer.abort('answered');
      resolve(ending);
    });
    pool.dispatch(optionsOf(prefix, request), received.handler);
    void world.sleep(timeoutMs, timer.signal).then(received.timeOut);
  });
}

function leftMs({ untilMs = Number.POSITIVE_INFINITY }: Trace, world: World): number {
  return untilMs - world.monotonic();
}

function optionsOf(
  prefix: string,
  { method, path, headers, body, trace }: HttpRequest,
): Dispatcher.DispatchOptions {
  const all = { traceparent: trace.traceparent, ...headers };
  return { method, path: prefix + path, headers: all, ...(body === undefined ? {} : { body }) };
}

/** Collects one answer. `done` hears exactly one ending; whatever undici says later is ignored. */
function receive(responseBytes: number, done: (ending: Ending) => void) {
  let controller: Dispatcher.DispatchController | null = null;
  let over = false;
  let status = 0;
  let headers: HttpHeaders = {};
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
    onResponseStart(_, statusCode, given) {
      status = statusCode;
      headers = headersOf(given);
    },
    onResponseData(_, chunk) {
      size += chunk.length;
      if (size > responseBytes) giveUp({ kind: 'unknown', reason: 'unreadable_answer' });
      else parts.push(chunk);
    },
    onResponseEnd() {
      end({ status, headers, text: Buffer.concat(parts).toString() });
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

function headersOf(given: Record<string, string | string[] | undefined>): HttpHeaders {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.toLowerCase(), [value ?? []].flat().join(', ')]),
  );
}

function notSent(error: Error): HttpFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { kind: 'not_sent', evidence: 'connection_refused', reason: code ?? error.message };
}
