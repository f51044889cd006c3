/** Deliveries and replays as they are shown. Never a body: it holds personal data, so its shape is told instead. */

import { createHash } from 'node:crypto';
import { fromUuid } from '../../core/ids.ts';
import type { InboxRow, StoredDelivery } from '../../db/statements/inbox.ts';
import type { ReplayResultRow, ReplayRow } from '../../db/statements/replays.ts';
import type { Summary, Would } from './dry-run.ts';
import { shapeOfBody } from './refused.ts';
import { inboxId } from './selection.ts';

export type Shown = { id: string; object: string; [field: string]: unknown };

export function presentWebhook(row: InboxRow): Shown {
  return {
    id: inboxId(row.id),
    object: 'provider_webhook',
    provider: row.provider,
    account: row.account,
    event_id: row.event_id,
    received_at: row.received_at,
    repeats: row.repeats,
    state: row.state ?? row.result,
    why: row.why,
    tries: row.tries,
    next_try_at: row.due_at,
    processed_at: row.processed_at,
    result: row.result_detail === null ? null : (JSON.parse(row.result_detail) as object),
  };
}

export function presentWhole(row: InboxRow, { body }: StoredDelivery, payments: string[]): Shown {
  const sha256 = createHash('sha256').update(body).digest('hex');
  return {
    ...presentWebhook(row),
    payments: payments.map((payment) => fromUuid('payment', payment)),
    body: { bytes: body.length, sha256, shape: shapeOfBody(body) },
  };
}

type Decisions = { kind: string; by: string; reason: string; at: string }[];

export function presentReplay(row: ReplayRow): Shown {
  const decisions = (JSON.parse(row.decisions) as Decisions).map((one) => ({
    ...one,
    at: new Date(one.at).toISOString(),
  }));
  return {
    id: fromUuid('replay', row.id),
    object: 'webhook_replay',
    status: row.status,
    requested_by: row.requested_by,
    reason: row.reason,
    selection: presentSelection(row.selection),
    override: row.override,
    requested_at: row.requested_at,
    approve_before: row.approve_before,
    decisions,
    deliveries: row.deliveries,
    finished: row.finished,
    changed: row.changed,
    dry_run: row.would === null ? null : (JSON.parse(row.would) as Summary),
  };
}

function presentSelection(text: string): object {
  const { ids, ...rest } = JSON.parse(text) as { ids?: string[] };
  return { ...(ids ? { webhooks: ids } : {}), ...rest };
}

export function presentResult(row: ReplayResultRow): Shown {
  const events = row.events === null ? [] : (JSON.parse(row.events) as object[]);
  return {
    id: inboxId(row.inbox_id),
    object: 'webhook_replay_result',
    result: row.result,
    why: row.why,
    changed: events.length > 0,
    events,
    finished_at: row.finished_at,
  };
}

export function presentWould({ id, result }: Would): Shown {
  const { kind, ...rest } = result;
  return { id: inboxId(id), object: 'webhook_dry_run_result', result: kind, ...rest };
}

/** `rows` has one more than the page where there is more. */
export function presentPage<Row>(rows: Row[], limit: number, present: (row: Row) => Shown): object {
  const data = rows.slice(0, limit).map(present);
  const more = rows.length > limit;
  return { object: 'list', data, has_more: more, next_cursor: more ? (data.at(-1)?.id ?? null) : null };
}
