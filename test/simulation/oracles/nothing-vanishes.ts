/** `nothing-vanishes`: after sixty quiet days every payment is final, no queue holds anything, and nobody waits. */

import { fromUuid, toUuid } from '../../../src/core/ids.ts';
import type { Pool } from '../../../src/db/pool.ts';
import type { Charge } from '../../../src/simulator/books.ts';
import type { Evidence, Finding, Oracle } from '../evidence.ts';

export const NOTHING_VANISHES: Oracle = {
  name: 'nothing-vanishes',
  atEnd: async (evidence) => [...(await whatIsLeft(evidence)), ...(await notStored(evidence))],
};

const LEFT = `
select 'is ' || status || ' after sixty quiet days' as what, id as payment from payments
  where status not in ('captured', 'voided', 'failed', 'expired')
union all
select 'a timer ' || kind || ' is left, tried ' || tries || ' times: ' || coalesce(last_result, ''), payment_id
  from schedule
union all
select 'a webhook is ' || d.state || ': ' || coalesce(d.why, '') || ' ' || convert_from(i.body, 'UTF8'), null
  from inbox_due d join inbox i on i.id = d.inbox_id
union all
select 'the delivery of ' || d.type || ' waits', d.payment_id from deliveries d
  join webhook_endpoints n on n.id = d.endpoint_id and n.status = 'enabled' where d.status = 'pending'
union all
select 'events were not handed on', null from event_consumers c where exists (select from webhook_endpoints) and exists (
  select from events e where (e.xid, e.position) > (c.xid, c.position)) and c.name = 'merchant_webhooks'
union all
select 'the exception ' || type || ' is open, and nothing in the plan explains it', payment_id from exceptions
  where status = 'open' and not payment_id = any ($1)`;

async function whatIsLeft(evidence: Evidence): Promise<Finding[]> {
  const { pool, disturbed } = evidence;
  const persons = await forPersons(evidence);
  const values = [[...disturbed].map(toUuid)];
  const { rows } = await pool.query<{ what: string; payment: string | null }>({ text: LEFT, values });
  return rows
    .filter(({ payment }) => payment === null || !persons.has(payment))
    .map(({ what, payment }) => ({
      invariant: 'nothing-vanishes',
      payment: payment === null ? null : fromUuid('payment', payment),
      what,
    }));
}

/** The subject of the exception is the operation. */
const ASKED = `select x.payment_id, o ->> 'attempt' as attempt
  from exceptions x join payments p on p.id = x.payment_id, json_array_elements(p.state -> 'operations') o
  where x.status = 'open' and x.type = 'unresolved_too_long' and o ->> 'id' = x.subject`;

/**
 * A provider that cannot be asked, and never heard of the attempt, will never tell; nor of a challenge that never came
 * to the customer, since its address was lost with the answer, nor of one that was passed and could not be completed,
 * since the provider was out of service for longer than the customer waits. `unknown-needs-evidence`, so it stays as it
 * is, and a person has been told. Where the provider holds any other charge it must come to an end by itself.
 */
async function forPersons({ pool, provider, provided, faults }: Evidence): Promise<ReadonlySet<string>> {
  if (provided.askable) return new Set();
  const { rows } = await pool.query<{ payment_id: string; attempt: string }>(ASKED);
  const wasOut = faults.fired().some((name) => /^(partial_)?outage#/.test(name));
  const isStuck = ({ state, challenge }: Charge) =>
    wasOut && state === 'requires_action' && challenge === 'passed';
  const tells = ({ payment_id, attempt }: (typeof rows)[number]) =>
    provider
      .charges(fromUuid('payment', payment_id))
      .some((charge) => charge.attempt === attempt && charge.challenge !== 'abandoned' && !isStuck(charge));
  return new Set(rows.filter((row) => !tells(row)).map(({ payment_id }) => payment_id));
}

/** What was read from the provider's list alone has no headers. Not every provider tells an event's id. */
const STORED = `select event_id, convert_from(body, 'UTF8') as body from inbox
  where headers::text <> '{}' or repeats > 0`;

async function notStored({ pool, acknowledged }: Evidence): Promise<Finding[]> {
  const { rows } = await pool.query<{ event_id: string; body: string }>(STORED);
  const stored = new Set(rows.flatMap(({ event_id, body }) => [event_id, body]));
  const lost = [...acknowledged].filter(([id, body]) => !stored.has(id) && !stored.has(body));
  return lost.map(([id]) => ({
    invariant: 'nothing-vanishes',
    payment: null,
    what: `the webhook ${id} was acknowledged and is not stored`,
  }));
}

const BUSIEST = `select 'a timer ' || kind || ' finds no end, tried ' || tries || ' times: ' || coalesce(last_result, '') as what,
  payment_id as payment from schedule order by tries desc limit 1`;

/** What keeps the quiet days from being quiet. */
export async function restless(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ what: string; payment: string }>(BUSIEST);
  const [row] = rows;
  return {
    invariant: 'nothing-vanishes',
    payment: row ? fromUuid('payment', row.payment) : null,
    what: row?.what ?? 'there is work without end, and no timer for it',
  };
}
