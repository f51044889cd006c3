/** The simulator's own door: books, tokens, faults, settings, outage, webhooks, and what happens in a dashboard. */

import type { Charge } from './books.ts';
import { handleDashboard } from './dashboard.ts';
import { applies, FAULTS, FAULTY_OPERATIONS, MAX_ARMED } from './faults.ts';
import { type AdminRequest, integer, isRefusal, oneOf, optional, read, text } from './input.ts';
import { fresh } from './keeping.ts';
import { refuse } from './problems.ts';
import { clearedBooks, rowsOf } from './rows.ts';
import { changeSettings } from './settings.ts';
import type { Simulator } from './simulator.ts';
import { TOKENS } from './tokens.ts';
import { bookView, callView, problem, type Reply, totals } from './view.ts';
import { handleWebhooks } from './webhooks/admin.ts';

const PAGE = 10_000;

/** Null where there is no such route. */
export function handleAdmin(sim: Simulator, request: AdminRequest): Reply | null {
  const { method, path, query, body } = request;
  switch (`${method} ${path}`) {
    case 'GET /health/ready':
      return ok({ status: 'ready' });
    case 'GET /tokens':
      return ok({ tokens: TOKENS.map(({ token, explanation }) => ({ token, explanation })) });
    case 'GET /dialects':
      return ok({ dialects: Object.fromEntries(sim.dialectUrls) });
    case 'GET /books':
      return readBooks(sim, query);
    case 'DELETE /books':
      return clearBooks(sim);
    case 'GET /faults':
      return ok({ faults: sim.armed });
    case 'POST /faults':
      return arm(sim, body);
    case 'DELETE /faults':
      sim.armed = [];
      return ok({ faults: [] });
    case 'GET /settings':
      return ok(sim.settings);
    case 'POST /settings':
      return applySettings(sim, body);
    case 'GET /outage':
      return ok({ mode: sim.outage });
    case 'POST /outage':
      return applyOutage(sim, body);
    default:
      return handleWebhooks(sim, request) ?? (method === 'POST' ? handleDashboard(sim, path, body) : null);
  }
}

function readBooks(sim: Simulator, query: URLSearchParams): Reply {
  const page = read(
    { cursor: Number(query.get('cursor') ?? 0), limit: Number(query.get('limit') ?? PAGE) },
    { cursor: integer(0), limit: integer(1, PAGE) },
  );
  if (isRefusal(page)) return problem(page);
  const reference = query.get('reference');
  const all = reference === null ? sim.books.charges : (sim.books.byReference.get(reference) ?? []);
  const strays = sim.books.strays.filter((call) => reference === null || call.reference === reference);
  const size = Array.isArray(all) ? all.length : all.size;
  const end = page.cursor + page.limit;
  const caughtUp = [...all.values()].map((charge) => fresh(sim, charge) as Charge);
  return ok({
    charges: caughtUp.slice(page.cursor, end).map(bookView),
    calls_without_charge: strays.map(callView),
    totals: totals(sim.books, caughtUp),
    next_cursor: end < size ? String(end) : null,
  });
}

function clearBooks(sim: Simulator): Reply {
  sim.books = clearedBooks(sim.books);
  sim.journal.rewrite(rowsOf(sim.books));
  sim.outbox.reset();
  return { status: 204, body: null };
}

function arm(sim: Simulator, body: unknown): Reply {
  const input = read(body, {
    operation: oneOf(...FAULTY_OPERATIONS),
    fault: oneOf(...FAULTS),
    times: { ...integer(1, 1_000_000), fallback: 1 },
    reference: optional(text, null),
  });
  if (isRefusal(input)) return problem(input);
  if (!applies(input.fault, input.operation)) return problem(refuse('fault_does_not_apply'));
  if (sim.armed.length >= MAX_ARMED) return problem(refuse('too_many_faults'));
  const armed = { ...input, fired: 0 };
  sim.armed.push(armed);
  return { status: 201, body: armed };
}

function applySettings(sim: Simulator, body: unknown): Reply {
  const changed = changeSettings(sim.settings, body);
  if (isRefusal(changed)) return problem(changed);
  sim.settings = changed;
  return ok(changed);
}

function applyOutage(sim: Simulator, body: unknown): Reply {
  const input = read(body, { mode: oneOf('up', 'down', 'hanging') });
  if (isRefusal(input)) return problem(input);
  sim.outage = input.mode;
  return ok(input);
}

function ok(body: object): Reply {
  return { status: 200, body };
}
