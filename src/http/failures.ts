/** Every failure ends here as a problem document; what nobody expected is logged and told to nobody. */

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../core/errors.ts';
import { Overloaded } from '../flow/commit.ts';
import { failureOf } from '../flow/database-failure.ts';
import { AccountMissing } from '../flow/deps.ts';
import { StreamBusy } from '../flow/streams.ts';
import { type Context, sendProblem } from './context.ts';
import { type ProblemOf, Refused } from './problems.ts';

/** What whoever runs the platform has to see, as the log has it. */
const OURS: Partial<Record<ErrorCode, string>> = {
  internal_error: 'unexpected',
  provider_account_missing: 'a payment was asked for whose provider account is not configured',
};

export function errorHandler({ problem, log }: Context) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refused = refusedOf(error);
    const ours = OURS[refused.code];
    if (ours !== undefined) {
      const { correlation } = request.trace ?? {};
      log.error({ err: error, route: request.routeOptions.url, trace_id: correlation }, ours);
    }
    // The rest of a body that was too large is not read: the connection cannot be used again.
    if (refused.code === 'body_too_large') reply.header('connection', 'close');
    return sendProblem(reply, problem(refused.code, refused.more), refused.headers);
  };
}

function refusedOf(error: FastifyError | Error): Refused {
  if (error instanceof Refused) return error;
  if (error instanceof Overloaded) return new Refused('overloaded', {}, { 'retry-after': '2' });
  if (error instanceof StreamBusy) return new Refused('stream_busy', {}, { 'retry-after': '1' });
  if (error instanceof AccountMissing)
    return new Refused('provider_account_missing', {
      provider: error.provider,
      provider_account: error.account,
    });
  if (failureOf(error).kind === 'connection')
    return new Refused('database_unavailable', {}, { 'retry-after': '2' });
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_')) return new Refused('internal_error');
  return frameworkRefusal(Number(statusCode));
}

/** What Fastify refuses by itself. */
function frameworkRefusal(status: number): Refused {
  if (status === 413) return new Refused('body_too_large');
  if (status === 415) return new Refused('unsupported_media_type');
  if (status === 404) return new Refused('not_found');
  if (status < 400 || status >= 500) return new Refused('internal_error');
  const detail =
    'Send an address that can be decoded, no longer than any here, and a body as long as its header says.';
  return new Refused('invalid_request', { detail });
}

/** What Fastify refuses before any route or hook, such as an address that cannot be decoded. */
export function answerFrameworkError(error: FastifyError, reply: FastifyReply, problem: ProblemOf): void {
  const { code, more } = frameworkRefusal(error.statusCode ?? 400);
  sendProblem(reply, problem(code, more));
}

/** What is no HTTP, or comes too slowly: an answer as far as one can be given, then the end. */
export function clientErrorHandler(problem: ProblemOf) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const { status, detail } = clientRefusal(error.code);
    const body = JSON.stringify(problem('invalid_request', { status, detail }).body);
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
}

function clientRefusal(code: string | undefined): { status: number; detail: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, detail: 'Send the whole request sooner: it had not come to its end in time.' };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, detail: 'Send less than 16 KiB of headers, the address included.' };
    default:
      return { status: 400, detail: 'Send the request in the form of HTTP/1.1.' };
  }
}
