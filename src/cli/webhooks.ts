/** `truepenny webhooks list|show|replay`: what providers sent, what came of it, and the same once more. */

import { parseArgs } from 'node:util';
import { isId, toUuid } from '../core/ids.ts';
import { query } from '../db/pool.ts';
import {
  type InboxRow,
  PAYMENTS_OF_DELIVERY,
  READ_INBOX,
  type StoredDelivery,
} from '../db/statements/inbox.ts';
import { presentWhole } from '../features/webhooks/present.ts';
import type { Decision } from '../features/webhooks/replay.ts';
import { inboxId, listInbox, type Selection, STATES } from '../features/webhooks/selection.ts';
import { type CommandContext, Problem, withDatabase } from './context.ts';
import { decide, listReplays, type ReplayOptions, replay, showReplay, tryOut } from './replays.ts';

export const USAGE = `Usage: truepenny webhooks list    [which]
       truepenny webhooks show    whk_… [--body]
       truepenny webhooks replay  [which] --reason "why" [--by name] [--dry-run] [--override]
       truepenny webhooks replays [show rpl_…]
       truepenny webhooks approve|reject|stop rpl_… --reason "why" [--by name]
Which: whk_… …  --payment pay_…  --provider name  --from time  --to time
       --state received|parked|set_aside|applied|ignored
--body prints what was sent, which may hold personal data.`;

const PAGE = 200;
const DECISIONS: Readonly<Record<string, Decision['kind']>> = {
  approve: 'approved',
  reject: 'rejected',
  stop: 'stopped',
};

const OPTIONS = {
  payment: { type: 'string' },
  provider: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  state: { type: 'string' },
  reason: { type: 'string' },
  by: { type: 'string' },
  body: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  override: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse>['values'];

export function run(args: string[]): Promise<number> {
  const { positionals, values } = parse(args);
  const [action = '', ...ids] = positionals;
  const { reason = null, by = null, override } = values;
  const options: ReplayOptions = { reason, by, override };
  if (action === 'replay')
    return values['dry-run'] ? tryOut(chosen(ids, values), options) : replay(chosen(ids, values), options);
  const decision = DECISIONS[action];
  return withDatabase(async (context) => {
    if (action === 'list') return list(context, selectionOf(ids, values));
    if (action === 'show' && ids.length === 1) return show(context, ids[0] ?? '', values.body);
    if (action === 'replays' && ids.length === 0) return listReplays(context);
    if (action === 'replays' && ids[0] === 'show') return showReplay(context, replayOf(ids[1]));
    if (decision) return decide(context, { id: replayOf(ids[0]), kind: decision }, options);
    throw new Problem('What shall be done with webhooks?', USAGE);
  });
}

function replayOf(id = ''): string {
  if (!isId('replay', id)) throw new Problem(`${JSON.stringify(id)} is no replay's id.`, USAGE);
  return id;
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
    ...(ids.length > 0 ? { ids: ids.map(webhookOf) } : {}),
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

function webhookOf(id: string): string {
  if (!isId('webhook', id)) throw new Problem(`${JSON.stringify(id)} is no webhook's id.`, USAGE);
  return id;
}

function timeOf(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new Problem(`${JSON.stringify(text)} is no time.`, 'Write 2026-11-22T18:00:00Z.');
  return new Date(ms).toISOString();
}

async function list({ pool }: CommandContext, selection: Selection): Promise<number> {
  const rows = await listInbox(pool, selection, { after: null, limit: PAGE });
  for (const row of rows) console.log(lineOf(row));
  console.log(rows.length === PAGE ? `The first ${PAGE}; narrow it with --from.` : `${rows.length} in all.`);
  return 0;
}

function lineOf(row: InboxRow): string {
  const again = row.repeats > 0 ? `  came ${row.repeats + 1} times` : '';
  const why = row.why === null ? '' : `  ${row.why}`;
  return `${inboxId(row.id)}  ${row.received_at}  ${row.provider}/${row.account}  ${row.state ?? row.result}${again}${why}`;
}

async function show({ pool }: CommandContext, id: string, body: boolean): Promise<number> {
  const uuid = toUuid(webhookOf(id));
  const [row] = await listInbox(pool, { ids: [id] }, { after: null, limit: 1 });
  const [stored] = await query<StoredDelivery>(pool, READ_INBOX, [[uuid]]);
  if (!row || !stored) throw new Problem('There is no such webhook.', 'truepenny webhooks list shows them.');
  const payments = await query<{ payment_id: string }>(pool, PAYMENTS_OF_DELIVERY, [uuid]);
  const whole = presentWhole(
    row,
    stored,
    payments.map((p) => p.payment_id),
  );
  console.log(JSON.stringify(whole, null, 2));
  if (row.state === 'set_aside') console.log('\nA person has to look; then: truepenny webhooks replay');
  if (body) console.log(`\n${stored.body.toString()}`);
  return 0;
}
