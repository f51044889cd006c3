/** `truepenny webhooks list|show|replay`: what providers sent, what came of it, and the same once more. */

import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { isId, toUuid } from '../core/ids.ts';
import { query } from '../db/pool.ts';
import { type InboxRow, READ_INBOX } from '../db/statements/inbox.ts';
import type { Applied } from '../features/webhooks/apply.ts';
import {
  dryRun,
  inboxId,
  listInbox,
  type Refused,
  replay,
  type Selection,
} from '../features/webhooks/replay.ts';
import { createPlatform } from '../main.ts';
import { attachDatabase, type CommandContext, configuration, Problem, withDatabase } from './context.ts';

const USAGE = `Usage: truepenny webhooks list   [which]
       truepenny webhooks show   whk_…
       truepenny webhooks replay [which] --reason "why" [--dry-run] [--override]
Which: whk_… …  --payment pay_…  --provider name  --from time  --to time
       --state received|parked|set_aside|applied|ignored`;

const PAGE = 200;
const STATES = ['received', 'parked', 'set_aside', 'applied', 'ignored'] as const;

const OPTIONS = {
  payment: { type: 'string' },
  provider: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  state: { type: 'string' },
  reason: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  override: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];

export function run(args: string[]): Promise<number> {
  const { positionals, values } = parse(args);
  const [action, ...ids] = positionals;
  if (action === 'replay' && values['dry-run']) return tryOut(chosen(ids, values));
  return withDatabase(async (context) => {
    if (action === 'list') return list(context, selectionOf(ids, values));
    if (action === 'show' && ids.length === 1) return show(context, uuidOf(ids[0] ?? ''));
    if (action === 'replay') return replayAll(context, chosen(ids, values), values);
    throw new Problem('What shall be done with webhooks?', USAGE);
  });
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new Problem((error as Error).message, USAGE);
  }
}

function selectionOf(ids: string[], { payment, provider, from, to, state }: Values): Selection {
  if (payment !== undefined && !isId('payment', payment))
    throw new Problem(`${payment} is no payment's id.`, USAGE);
  const known = STATES.find((s) => s === state);
  if (state !== undefined && !known) throw new Problem('There is no such state.', USAGE);
  return {
    ...(ids.length > 0 ? { ids: ids.map(uuidOf) } : {}),
    ...(payment === undefined ? {} : { payment }),
    ...(provider === undefined ? {} : { provider }),
    ...(from === undefined ? {} : { from: timeOf(from) }),
    ...(to === undefined ? {} : { to: timeOf(to) }),
    ...(known ? { state: known } : {}),
  };
}

/** A replay of everything is never meant. */
function chosen(ids: string[], values: Values): Selection {
  const selection = selectionOf(ids, values);
  if (Object.keys(selection).length === 0) throw new Problem('Which webhooks?', USAGE);
  return selection;
}

function uuidOf(id: string): string {
  if (!isId('webhook', id)) throw new Problem(`${JSON.stringify(id)} is no webhook's id.`, USAGE);
  return toUuid(id);
}

function timeOf(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new Problem(`${JSON.stringify(text)} is no time.`, 'Write 2026-11-22T18:00:00Z.');
  return new Date(ms).toISOString();
}

async function list({ pool }: CommandContext, selection: Selection): Promise<number> {
  const rows = await listInbox({ pool }, selection, { limit: PAGE });
  for (const row of rows) console.log(lineOf(row));
  console.log(rows.length === PAGE ? `The first ${PAGE}; narrow it with --from.` : `${rows.length} in all.`);
  return 0;
}

function lineOf(row: InboxRow): string {
  const again = row.repeats > 0 ? `  came ${row.repeats + 1} times` : '';
  const why = row.why === null ? '' : `  ${row.why}`;
  return `${inboxId(row.id)}  ${row.received_at}  ${row.provider}/${row.account}  ${row.state ?? row.result}${again}${why}`;
}

async function show({ pool }: CommandContext, id: string): Promise<number> {
  const [row] = await listInbox({ pool }, { ids: [id] }, { limit: 1 });
  const [stored] = await query<{ body: Buffer }>(pool, READ_INBOX, [[id]]);
  if (!row || !stored) throw new Problem('There is no such webhook.', 'truepenny webhooks list shows them.');
  console.log(lineOf(row));
  console.log(`event      ${row.event_id}`);
  if (row.processed_at) console.log(`processed  ${row.processed_at}  ${row.result_detail ?? ''}`);
  if (row.state) console.log(`tries      ${row.tries}, next ${row.due_at ?? 'never by itself: replay it'}`);
  console.log(`\n${stored.body.toString()}`);
  return 0;
}

async function replayAll(
  { pool, world }: CommandContext,
  selection: Selection,
  values: Values,
): Promise<number> {
  if (!values.reason) throw new Problem('A replay needs a reason, which is kept.', USAGE);
  const by = userInfo().username;
  const { reason, override } = values;
  const replayed = await replay({ pool, world }, { selection, by, reason, override });
  if (replayed.kind === 'too_many') throw tooMany(replayed);
  console.log(
    `${replayed.deliveries} are processed again by the worker; recorded as ${replayed.id}, by ${by}.`,
  );
  return 0;
}

async function tryOut(selection: Selection): Promise<number> {
  const config = configuration();
  const database = await attachDatabase(config);
  const platform = await createPlatform(config, { name: 'webhooks', databaseUrl: database.url });
  try {
    const result = await dryRun(platform.deps, selection);
    if (result.kind === 'too_many') throw tooMany(result);
    for (const one of result.would) console.log(wouldLine(one));
    console.log(`${result.would.length} looked at; nothing was written.`);
    return 0;
  } finally {
    await platform.close();
    await database.stop?.();
  }
}

function wouldLine({ id, result }: { id: string; result: Applied }): string {
  if (result.kind !== 'applied') return `${inboxId(id)}  ${result.kind}: ${result.why}`;
  return `${inboxId(id)}  ${result.payments.join(' ')}  ${result.events.join(', ') || 'changes nothing'}`;
}

function tooMany({ deliveries, most }: Refused): Problem {
  return new Problem(
    `That is ${deliveries} deliveries; at most ${most} go at once.`,
    'Narrow it with --from and --to, or say --override if all of them are meant.',
  );
}
