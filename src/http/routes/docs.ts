/** The API's description for programs, the schemas of events, and the page on errors that problem documents lead to. */

import { readFile } from 'node:fs/promises';
import { ERROR_CODES, type ErrorCode, errorRule } from '../../core/errors.ts';
import type { Context, Server } from '../context.ts';
import { Refused, STATUS_OF } from '../problems.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** Generated from the types, and published as they are: events of the stream name them in `dataschema`. */
const EVENT_SCHEMAS = new URL('../../../docs/reference/events/', import.meta.url);

const IDEMPOTENCY = `Send an Idempotency-Key with every POST: a name of your own for what you want done, such as
an order number with a step, or a UUID; 1 to 255 printable ASCII characters. Sent again, the same request with the
same key gets the first answer (with Idempotent-Replayed: true) and has no further effect. The same key with another
request is refused. After a lost connection or an answer of 5xx send the same request with the same key. Keys are
kept for 30 days.`;

export function docsRoutes(server: Server, _context: Context): void {
  let description: string | undefined;
  server.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    description ??= JSON.stringify(server.swagger());
    return reply.type('application/json; charset=utf-8').send(description);
  });
  server.get<{ Params: { file: string } }>(
    '/schemas/events/:file',
    { schema: { hide: true } },
    async (request, reply) =>
      reply.type('application/schema+json; charset=utf-8').send(await eventSchema(request.params.file)),
  );
  const page = errorsPage();
  server.get('/docs/errors', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(page),
  );
}

async function eventSchema(file: string): Promise<string> {
  if (!/^[a-z_.]{1,80}\.v\d{1,4}\.json$/.test(file)) throw new Refused('not_found');
  try {
    return await readFile(new URL(file, EVENT_SCHEMAS), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Refused('not_found');
    throw error;
  }
}

function errorsPage(): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Truepenny: errors</title>
<style>body{font:1em/1.5 system-ui;margin:2em auto;max-width:48em;padding:0 1em}h2{font:bold 1em monospace;margin-top:2em}:target{background:#ffc}</style>
<h1>Errors</h1>
<p>Every error is a problem document (RFC 9457) with a stable code. The reference of the API is at <a href="/docs">/docs</a>.</p>
<h2 id="idempotency">Idempotency</h2><p>${IDEMPOTENCY}</p>
${ERROR_CODES.map(section).join('\n')}
</html>`;
}

function section(code: ErrorCode): string {
  const { title, remedy, retry, customer_action_required, outcome } = errorRule(code);
  const facts = `status ${STATUS_OF[code]} · retry: ${retry} · outcome: ${outcome}`;
  const customer = customer_action_required ? ' · the customer must act' : '';
  return `<h2 id="${code}">${code}</h2><p>${escapeHtml(title)} ${escapeHtml(remedy)}<br><small>${facts}${customer}</small></p>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
