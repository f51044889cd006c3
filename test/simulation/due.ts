/** When the database's next work is due: so that a worker need not ask five times a second for sixty days. */

import type { Pool } from '../../src/db/pool.ts';

/** Of each kind of work what may have changed when it is due is read anew. */
const DUE = {
  schedule: 'select extract(epoch from min(due_at)) * 1000 from schedule',
  inbox: 'select extract(epoch from min(due_at)) * 1000 from inbox_due',
  deliveries: `select extract(epoch from min(d.due_at)) * 1000 from deliveries d
    join webhook_endpoints n on n.id = d.endpoint_id and n.status = 'enabled'
    where d.status = 'pending' and not (n.ordered and exists (select from deliveries before
      where before.endpoint_id = d.endpoint_id and before.status = 'pending'
        and before.payment_id = d.payment_id and before.sequence < d.sequence))`,
  fan_out: `select 0 where exists (select from webhook_endpoints)
    and exists (select from events e, event_consumers c
      where c.name = 'merchant_webhooks' and (e.xid, e.position) > (c.xid, c.position))`,
} as const;
type Kind = keyof typeof DUE;
const KINDS = Object.keys(DUE) as Kind[];

/** What a statement may change. Of one that is not here it is taken for everything. */
const CHANGED: readonly [RegExp, readonly Kind[]][] = [
  [
    /^(load_|due_now|sort_due|payment_of_|merchant_funds|claim_sync|advance_sync|take_checkpoint|list_|event_is_)/,
    [],
  ],
  [/^commit_type_ids$|^inbox_delivery_type$/, []],
  [/^commit/, ['schedule', 'fan_out']],
  [/^(claim_due|claim_one|reschedule)$/, ['schedule']],
  [/^(store|claim|finish|defer)_deliver(y|ies)$/, ['inbox']],
  [/^notifications_fan_out$/, ['deliveries', 'fan_out']],
  [/^notifications_(claim|finish|release)$/, ['deliveries']],
];

/** Of these no row means that nothing was there for them. */
const CLAIMS = /^(claim_due|claim_one|claim_deliveries|notifications_claim|notifications_fan_out)$/;

export type DueTimes = {
  /** By the kind of work, on the virtual clock. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** For a statement that tells them on the way: which are wanted, in the order of `DUE_COLUMNS`; and what it told. */
  wanted(): boolean[];
  told(row: DueRow): void;
  /** A statement has been run, and has given or changed so many rows. */
  ran(statement: string, rows: number | null): void;
};

export type DueRow = { [kind in Kind as `due_${kind}`]: number | null };

/** $1 to $4: whether each kind is wanted. */
export const DUE_COLUMNS = KINDS.map(
  (kind, n) => `case when $${n + 1} then (${DUE[kind]})::float8 end as due_${kind}`,
).join(',\n  ');

const READ = { name: 'simulation_due', text: `select ${DUE_COLUMNS}` };

export function createDueTimes(pool: Pool): DueTimes {
  const known = new Map<string, number>();
  const stale = new Set(KINDS);
  const changes = new Map<string, readonly Kind[]>();
  const wanted = () => KINDS.map((kind) => stale.has(kind));

  function told(row: DueRow): void {
    for (const kind of stale) {
      const ms = row[`due_${kind}`];
      if (ms === null) known.delete(kind);
      else known.set(kind, ms);
    }
    stale.clear();
  }

  return {
    async read() {
      if (stale.size === 0) return known;
      const { rows } = await pool.query<DueRow>({ ...READ, values: wanted() });
      told(rows[0] as DueRow);
      return known;
    },
    wanted,
    told,
    ran(statement, rows) {
      if (rows === 0 && CLAIMS.test(statement)) return;
      const kinds = changes.get(statement) ?? changedBy(statement);
      changes.set(statement, kinds);
      for (const kind of kinds) stale.add(kind);
    },
  };
}

function changedBy(statement: string): readonly Kind[] {
  return CHANGED.find(([names]) => names.test(statement))?.[1] ?? KINDS;
}
