/** `truepenny webhooks replay|replays|approve|reject|stop`: the same acts as over the API, by a person at a terminal. */

import { userInfo } from 'node:os';
import { fromUuid } from '../core/ids.ts';
import type { ReplayResultRow, ReplayRow } from '../db/statements/replays.ts';
import type { Applied } from '../features/webhooks/apply.ts';
import type { Summary } from '../features/webhooks/dry-run.ts';
import { presentReplay } from '../features/webhooks/present.ts';
import {
  type Decision,
  decideReplay,
  loadReplay,
  type Plan,
  planReplay,
  type Refused,
  listReplays as replaysOf,
  requestReplay,
  resultsOf,
} from '../features/webhooks/replay.ts';
import { inboxId, type Selection } from '../features/webhooks/selection.ts';
import { createPlatform, type Platform } from '../main.ts';
import { LIMITS } from '../ops/limits.ts';
import { attachDatabase, type CommandContext, configuration, Problem, WrongUse } from './context.ts';

export type ReplayOptions = { reason: string | null; by: string | null; override: boolean };

const PAGE = 200;

/** Decides everything and writes nothing. */
export function tryOut(selection: Selection, { override }: ReplayOptions): Promise<number> {
  return withPlatform(async ({ deps }) => {
    const { would, summary } = planned(await planReplay(deps, { selection, override }));
    for (const { id, result } of would) console.log(`${inboxId(id)}  ${wouldText(result)}`);
    console.log(`${summaryText(summary)} Nothing was written.`);
    return 0;
  });
}

export function replay(selection: Selection, options: ReplayOptions): Promise<number> {
  const { override } = options;
  const who = { by: actorOf(options), reason: reasonOf(options) };
  return withPlatform(async ({ deps }) => {
    const plan = planned(await planReplay(deps, { selection, override }));
    const requested = await requestReplay(deps, { selection, override, ...who }, plan);
    if (requested.kind === 'too_many_open')
      throw new Problem(
        `${requested.most} replays are open already.`,
        'Wait for one to finish, or decide on those that wait: truepenny webhooks replays',
      );
    console.log(`${requested.id}  ${requested.deliveries} deliveries. ${summaryText(plan.summary)}`);
    console.log(
      requested.status === 'running'
        ? `The worker processes them. What came of them: truepenny webhooks replays show ${requested.id}`
        : `Another person has to approve it within ${LIMITS.inbox.approvalMs / 3600_000} hours: truepenny webhooks approve ${requested.id} --by name --reason "why"`,
    );
    return 0;
  });
}

export async function decide(
  context: CommandContext,
  { id, kind }: Pick<Decision, 'id' | 'kind'>,
  options: ReplayOptions,
): Promise<number> {
  const decided = await decideReplay(context, {
    id,
    kind,
    by: actorOf(options),
    reason: reasonOf(options),
  });
  switch (decided.kind) {
    case 'decided':
      console.log(`${id}  ${kind}.`);
      return 0;
    case 'not_found':
      throw new Problem('There is no such replay.', 'truepenny webhooks replays lists them.');
    case 'same_person':
      throw new Problem('Who asked for a replay cannot approve it.', 'Have another person do it: --by name.');
    case 'not_open':
      throw new Problem(
        `The replay is ${decided.status}: there is nothing left to decide.`,
        'Ask for it again.',
      );
    default:
      return decided satisfies never;
  }
}

export async function listReplays(context: CommandContext): Promise<number> {
  const rows = await replaysOf(context, { before: null, limit: PAGE });
  for (const row of rows) console.log(lineOf(row));
  console.log(rows.length === PAGE ? `The latest ${PAGE}.` : `${rows.length} in all.`);
  return 0;
}

export async function showReplay(context: CommandContext, id: string): Promise<number> {
  const row = await loadReplay(context, id);
  if (!row) throw new Problem('There is no such replay.', 'truepenny webhooks replays lists them.');
  console.log(`${JSON.stringify(presentReplay(row), null, 2)}\n`);
  let after: string | null = null;
  for (;;) {
    const results: ReplayResultRow[] = await resultsOf(context.pool, id, { after, limit: PAGE });
    for (const result of results) console.log(resultLine(result));
    const last = results.at(-1);
    if (!last || results.length < PAGE) return 0;
    after = inboxId(last.inbox_id);
  }
}

function lineOf(row: ReplayRow): string {
  const id = fromUuid('replay', row.id);
  const far = `${row.finished} of ${row.deliveries}, ${row.changed} changed something`;
  return `${id}  ${row.requested_at}  ${row.status}  ${far}  by ${row.requested_by}: ${row.reason}`;
}

function resultLine({ inbox_id, result, why, events }: ReplayResultRow): string {
  const written = JSON.parse(events ?? '[]') as { payment: string; version: number; type: string }[];
  const what = written.map(({ payment, version, type }) => `${payment} ${version} ${type}`).join(', ');
  const nothing = result === 'applied' ? 'changed nothing' : '';
  return `${inboxId(inbox_id)}  ${result ?? 'not yet'}  ${what || why || nothing}`;
}

function wouldText(result: Applied): string {
  if (result.kind !== 'applied') return `${result.kind}: ${result.why}`;
  const raised = result.exceptions.map((type) => `exception ${type}`);
  const changes = [...result.events.filter((type) => type !== 'exception_raised'), ...raised];
  return `${result.payments.join(' ')}  ${changes.join(', ') || 'changes nothing'}`;
}

function summaryText(summary: Summary): string {
  const { looked_at, of, would_change, would_change_nothing, exceptions } = summary;
  const some = looked_at < of ? ` (the first ${looked_at} of ${of} looked at)` : '';
  const raised = Object.entries(exceptions).map(([type, count]) => `${count} ${type}`);
  const exceptionsText = raised.length > 0 ? `; exceptions: ${raised.join(', ')}` : '';
  return `${would_change} would change something, ${would_change_nothing} nothing${exceptionsText}${some}.`;
}

function planned(plan: Plan | Refused): Plan {
  switch (plan.kind) {
    case 'plan':
      return plan;
    case 'none':
      throw new Problem('No delivery is selected.', 'truepenny webhooks list shows what is there.');
    case 'too_many':
      throw new Problem(
        `That is more than ${plan.most} deliveries at once.`,
        plan.override
          ? 'Narrow it with --from and --to, or say --override if all of them are meant.'
          : 'Narrow it with --from and --to.',
      );
    default:
      return plan satisfies never;
  }
}

/** Who acts, for the record: the same name for the same person, or four eyes mean nothing. */
function actorOf({ by }: ReplayOptions): string {
  const name = (by ?? userInfo().username).trim().toLowerCase();
  if (!/^[\w.@-]{1,100}$/.test(name)) throw new WrongUse('--by takes a name without blanks.', '--by ann');
  return `cli:${name}`;
}

function reasonOf({ reason }: ReplayOptions): string {
  if (!reason) throw new WrongUse('A reason is needed, which is kept.', '--reason "why"');
  return reason.slice(0, LIMITS.fields.reason);
}

async function withPlatform(work: (platform: Platform) => Promise<number>): Promise<number> {
  const config = configuration();
  const database = await attachDatabase(config);
  const platform = await createPlatform(config, { name: 'webhooks', databaseUrl: database.url });
  try {
    return await work(platform);
  } finally {
    await platform.close();
    await database.stop?.();
  }
}
