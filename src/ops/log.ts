/**
 * Structured logs, one JSON object a line. What may be logged is chosen by type: ids, codes, numbers and
 * durations. Free text of callers, tokens and keys are redacted even where somebody logs a whole object.
 */

import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

const SECRET_FIELDS = [
  'authorization',
  'token',
  'secret',
  'password',
  'card',
  'number',
  'cvc',
  'payment_method',
  'paymentMethod',
  'metadata',
  'description',
  'customer',
  'key',
  'return_url',
  'returnUrl',
];

/**
 * Lines go out a tenth of a second later at most, many at once: a write for each took 3 % of a payment's time.
 * What is left is written when the process ends, by an error too; only `kill -9` takes it along.
 */
const BUFFERED = { dest: 1, sync: false, minLength: 8192, periodicFlush: 100 };

export function createLog(options: { level?: string; name: string; destination?: DestinationStream }): Log {
  const settings = {
    level: options.level ?? 'info',
    base: { process: options.name },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap((f) => [f, `*.${f}`]), censor: '[redacted]' },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return pino(settings, options.destination ?? pino.destination(BUFFERED));
}

/** Of an error that came of an error that came of an error. */
const MOST_CAUSES = 4;

/** Type, code, stack and causes of an error; never its `detail`, where PostgreSQL repeats the values of a row. */
export function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const isTold = cause instanceof Error && depth < MOST_CAUSES;
  return {
    type: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: error.message,
    stack: error.stack,
    ...(isTold && { cause: describeError(cause, depth + 1) }),
  };
}
