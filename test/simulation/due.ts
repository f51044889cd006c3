/** When the database's next work is due: so that a worker need not ask five times a second for sixty days. */

import { type Pool, query, type Statement } from '../../src/db/pool.ts';
import { FIRST_PENDING } from '../../src/db/statements/notifications.ts';

/** What is put with the provider $1, with none, and with none yet: each is the first of its part of the index. */
const SCHEDULE = [`provider = $1`, `provider = 'none'`, 'provider is null']
  .map((of) => `(select due_at from schedule where ${of} order by due_at limit 1)`)
  .join(',\n  ');

/** Of each kind of work when the first of it is due; as a time, or as null. */
const DUE = {
  schedule: `least(${SCHEDULE})`,
  inbox: '(select due_at from inbox_due where provider = $1 and due_at is not null order by due_at limit 1)',
  deliveries: `(select min(d.due_at) from webhook_endpoints n cross join lateral (
      select due_at from deliveries d where d.endpoint_id = n.id and d.status = 'pending'
        and (not n.ordered or d.sequence = (${FIRST_PENDING}))
      order by d.due_at, d.id limit 1) d
    where n.status = 'enabled')`,
  fan_out: `case when (select e.position from event_consumers c cross join lateral (
      select position from events where (xid, position) > (c.xid, c.position) order by xid, position limit 1) e
    where c.name = 'merchant_webhooks') is not null then to_timestamp(0) end`,
} as const;
type Kind = keyof typeof DUE;
const KINDS = Object.keys(DUE) as Kind[];
/** What only an endpoint makes work of. */
const OF_ENDPOINTS: readonly Kind[] = ['deliveries', 'fan_out'];

/** What a statement may change. Of one that is not here it is taken for everything. */
const CHANGED: readonly [RegExp, readonly Kind[]][] = [
  [
    /^(load_|due_now|sort_due|payment_of_|merchant_funds|claim_sync|advance_sync|take_checkpoint|list_|event_is_)/,
    [],
  ],
  [/^commit_type_ids$|^inbox_delivery_type$/, []],
  [/^commit/, ['schedule']],
  [/^(claim_due|claim_one|reschedule)$/, ['schedule']],
  [/^store_deliveries$/, []],
  [/^(claim|finish|defer)_deliver(y|ies)$/, ['inbox']],
  [/^notifications_fan_out$/, ['deliveries', 'fan_out']],
  [/^notifications_(claim|finish|finish_in_order|release)$/, ['deliveries']],
];

/** What a statement makes due at once, so that it need not be asked for. */
const MADE_DUE: ReadonlyMap<string, Kind> = new Map([
  ['commit', 'fan_out'],
  ['store_deliveries', 'inbox'],
]);

/** Of these no row means that nothing was there for them. */
const CLAIMS = /^(claim_due|claim_one|claim_deliveries|notifications_claim|notifications_fan_out)$/;

export type DueTimes = {
  /** By the kind of work, on the virtual clock. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** A statement has been run, and has given or changed so many rows. */
  ran(statement: string, rows: number | null): void;
};

/** A statement each: what has changed is mostly one kind. */
function read(kind: Kind): Statement {
  return {
    name: `simulation_due_${kind}`,
    text: `select extract(epoch from ${DUE[kind]})::float8 * 1000 as ms`,
  };
}

const READ = new Map(KINDS.map((kind) => [kind, read(kind)]));

/** `provider`: the only one that work may be for. `endpoint`: whether a merchant wants to hear of anything. */
export function createDueTimes(pool: Pool, provider: string, endpoint: boolean): DueTimes {
  const known = new Map<string, number>();
  const kinds = KINDS.filter((kind) => endpoint || !OF_ENDPOINTS.includes(kind));
  const stale = new Set(kinds);
  const guessed = new Set<Kind>();
  const changes = new Map<string, readonly Kind[]>();

  async function learn(kind: Kind): Promise<void> {
    const values = DUE[kind].includes('$1') ? [provider] : [];
    const [row] = await query<{ ms: number | null }>(pool, READ.get(kind) as Statement, values);
    if (row?.ms == null) known.delete(kind);
    else known.set(kind, row.ms);
  }

  return {
    async read() {
      const asked = [...stale];
      stale.clear();
      for (const kind of asked) guessed.delete(kind);
      for (const kind of asked) await learn(kind);
      return known;
    },
    ran(statement, rows) {
      const of = changes.get(statement) ?? changedBy(statement).filter((kind) => kinds.includes(kind));
      changes.set(statement, of);
      const isIdle = rows === 0 && CLAIMS.test(statement);
      // Nothing was there: what had been taken for due is asked for after all.
      for (const kind of isIdle ? of.filter((each) => guessed.has(each)) : of) stale.add(kind);
      const made = MADE_DUE.get(statement);
      if (made === undefined || !kinds.includes(made)) return;
      guessed.add(made);
      known.set(made, 0);
    },
  };
}

function changedBy(statement: string): readonly Kind[] {
  return CHANGED.find(([names]) => names.test(statement))?.[1] ?? KINDS;
}
