/** `truepenny webhooks list|show|replay`: what providers sent, what came of it, and the same once more. */

import { isId, toUuid } from '../core/ids.ts';
import { type Pool, query } from '../db/pool.ts';
import {
  type InboxRow,
  PAYMENTS_OF_DELIVERY,
  READ_INBOX,
  type StoredDelivery,
} from '../db/statements/inbox.ts';
import { presentWhole } from '../features/webhooks/present.ts';
import type { Decision } from '../features/webhooks/replay.ts';
import { inboxId, listInbox, type Selection, STATES } from '../features/webhooks/selection.ts';
import { readArguments, refuseMore, refuseOptions } from './arguments.ts';
import { Problem, WrongUse, withDatabase } from './context.ts';
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
const OPTIONS = {
  payment: { type: 'string' },
  provider: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  state: { type: 'string' },
  reason: { type: 'string' },
  by: { type: 'string' },
  body: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  override: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];
type Action = {
  options: readonly (keyof typeof OPTIONS)[];
  run(ids: string[], values: Values): Promise<number>;
};

const WHICH = ['payment', 'provider', 'from', 'to', 'state'] as const;
const ACTIONS: Readonly<Record<string, Action>> = {
  list: { options: WHICH, run: list },
  show: { options: ['body'], run: show },
  replay: { options: [...WHICH, 'reason', 'by', 'dry-run', 'override'], run: replayChosen },
  replays: { options: [], run: replays },
  approve: deciding('approved'),
  reject: deciding('rejected'),
  stop: deciding('stopped'),
};

export async function run(args: string[]): Promise<number> {
  const { positionals, values } = readArguments(args, USAGE, OPTIONS);
  const [name = '', ...ids] = positionals;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new WrongUse('What shall be done with webhooks?', USAGE);
  refuseOptions(values, action.options, USAGE);
  return action.run(ids, values);
}

function deciding(kind: Decision['kind']): Action {
  return {
    options: ['reason', 'by'],
    run(ids, values) {
      const id = replayOf(only(ids));
      return withDatabase((context) => decide(context, { id, kind }, replayOptions(values)));
    },
  };
}

function replayChosen(ids: string[], values: Values): Promise<number> {
  const selection = chosen(ids, values);
  const options = replayOptions(values);
  return values['dry-run'] ? tryOut(selection, options) : replay(selection, options);
}

function replayOptions({ reason, by, override }: Values): ReplayOptions {
  return { reason: reason ?? null, by: by ?? null, override: override ?? false };
}

function replays([verb, ...ids]: string[]): Promise<number> {
  if (verb === undefined) return withDatabase(listReplays);
  if (verb !== 'show') throw new WrongUse('What shall be done with replays?', USAGE);
  const id = replayOf(only(ids));
  return withDatabase((context) => showReplay(context, id));
}

function only([id = '', ...more]: string[]): string {
  refuseMore(more, USAGE);
  return id;
}

function replayOf(id: string): string {
  if (!isId('replay', id)) throw new WrongUse(`${JSON.stringify(id)} is no replay's id.`, USAGE);
  return id;
}

function selectionOf(ids: string[], { payment, provider, from, to, state }: Values): Selection {
  if (payment !== undefined && !isId('payment', payment))
    throw new WrongUse(`${payment} is no payment's id.`, USAGE);
  const known = STATES.find((s) => s === state);
  if (state !== undefined && !known) throw new WrongUse('There is no such state.', USAGE);
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
  if (Object.keys(selection).length === 0) throw new WrongUse('Which webhooks?', USAGE);
  return selection;
}

function webhookOf(id: string): string {
  if (!isId('webhook', id)) throw new WrongUse(`${JSON.stringify(id)} is no webhook's id.`, USAGE);
  return id;
}

function timeOf(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new WrongUse(`${JSON.stringify(text)} is no time.`, 'Write 2026-11-22T18:00:00Z.');
  return new Date(ms).toISOString();
}

function list(ids: string[], values: Values): Promise<number> {
  const selection = selectionOf(ids, values);
  return withDatabase(async ({ pool }) => {
    const rows = await listInbox(pool, selection, { after: null, limit: PAGE });
    for (const row of rows) console.log(lineOf(row));
    const narrow = `The first ${PAGE}; narrow it with --from.`;
    console.log(rows.length === PAGE ? narrow : `${rows.length} in all.`);
    return 0;
  });
}

function lineOf(row: InboxRow): string {
  const again = row.repeats > 0 ? `  came ${row.repeats + 1} times` : '';
  const why = row.why === null ? '' : `  ${row.why}`;
  return `${inboxId(row.id)}  ${row.received_at}  ${row.provider}/${row.account}  ${row.state ?? row.result}${again}${why}`;
}

function show(ids: string[], { body = false }: Values): Promise<number> {
  const id = webhookOf(only(ids));
  return withDatabase(({ pool }) => showOne(pool, id, body));
}

async function showOne(pool: Pool, id: string, body: boolean): Promise<number> {
  const uuid = toUuid(id);
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
