/** When the database's next work is due: so that a worker need not ask five times a second for sixty days. */

import type { Pool } from '../../src/db/pool.ts';
import type { Provider } from './provider.ts';

const DUE = {
  name: 'simulation_due',
  text: `select
    (select extract(epoch from min(due_at)) * 1000 from schedule)::float8 as schedule,
    (select extract(epoch from min(due_at)) * 1000 from inbox_due)::float8 as inbox,
    (select extract(epoch from min(d.due_at)) * 1000 from deliveries d
      join webhook_endpoints n on n.id = d.endpoint_id and n.status = 'enabled'
      where d.status = 'pending')::float8 as deliveries,
    (select 0 where exists (select from events e, event_consumers c
      where c.name = 'merchant_webhooks' and (e.xid, e.position) > (c.xid, c.position)))::float8 as fan_out`,
};

export async function dueOf(pool: Pool, { books }: Provider): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<Record<string, number | null>>(DUE);
  const due = Object.entries(rows[0] ?? {}).flatMap(([kind, ms]) =>
    ms === null ? [] : [[kind, ms] as const],
  );
  const provider = books.due[0];
  return new Map([...due, ...(provider === undefined ? [] : [['provider', provider.at] as const])]);
}
