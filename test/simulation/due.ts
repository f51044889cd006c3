/** When the database's next work is due: so that a worker need not ask five times a second for sixty days. */

import type { Pool } from '../../src/db/pool.ts';

export type DueTimes = {
  /** By the kind of work, on the virtual clock. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** A statement has been run: unless it only read, what is due may be another now. */
  ran(statement: string): void;
};

const DUE = {
  name: 'simulation_due',
  text: `select
    (select extract(epoch from min(due_at)) * 1000 from schedule)::float8 as schedule,
    (select extract(epoch from min(due_at)) * 1000 from inbox_due)::float8 as inbox,
    (select extract(epoch from min(d.due_at)) * 1000 from deliveries d
      join webhook_endpoints n on n.id = d.endpoint_id and n.status = 'enabled'
      where d.status = 'pending' and not (n.ordered and exists (select from deliveries before
        where before.endpoint_id = d.endpoint_id and before.status = 'pending'
          and before.payment_id = d.payment_id and before.sequence < d.sequence)))::float8 as deliveries,
    (select 0 where exists (select from webhook_endpoints)
      and exists (select from events e, event_consumers c
        where c.name = 'merchant_webhooks' and (e.xid, e.position) > (c.xid, c.position)))::float8 as fan_out`,
};

const ONLY_READS =
  /^(load_|due_now|payment_of_|merchant_funds|claim_sync|advance_sync|take_checkpoint|list_)/;

export function createDueTimes(pool: Pool): DueTimes {
  let known: ReadonlyMap<string, number> | null = null;
  return {
    async read() {
      known ??= await readDue(pool);
      return known;
    },
    ran(statement) {
      if (!ONLY_READS.test(statement)) known = null;
    },
  };
}

async function readDue(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<Record<string, number | null>>(DUE);
  return new Map(
    Object.entries(rows[0] ?? {}).flatMap(([kind, ms]) => (ms === null ? [] : [[kind, ms] as const])),
  );
}
