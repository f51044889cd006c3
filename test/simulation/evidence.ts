/** What the oracles judge by: the database as it is, the provider's books, and what merchants were told. */

import { fromUuid } from '../../src/core/ids.ts';
import type { Pool } from '../../src/db/pool.ts';
import type { EventRow, JournalRow } from '../../src/db/statements/payments.ts';
import type { StoredPayment } from '../../src/flow/audit.ts';
import type { Faults } from './faults.ts';
import type { Provider } from './provider.ts';
import type { SimulatedProvider } from './providers.ts';
import type { Scheduler } from './scheduler.ts';
import type { Step } from './steps.ts';

export type Evidence = {
  /** Outside the simulated processes: nothing disturbs it. */
  pool: Pool;
  scheduler: Scheduler;
  provider: Provider;
  provided: SimulatedProvider;
  faults: Faults;
  history: readonly Step[];
  /** Payments that somebody interfered with at the provider: what they are told of is deserved. */
  disturbed: ReadonlySet<string>;
  /** Webhooks that were answered 2xx, by their event's id, with their bodies. */
  acknowledged: ReadonlyMap<string, string>;
};

export type Finding = { invariant: string; payment: string | null; what: string };

/** One rule: looked at after each step, on the payments that it touched, and at the end on all there is. */
export type Oracle = {
  name: string;
  afterStep?(evidence: Evidence, touched: readonly Stored[]): Finding[];
  atEnd?(evidence: Evidence): Promise<Finding[]>;
};

export type Stored = { payment: string; stored: StoredPayment };

type Row = EventRow & {
  payment_version: number;
  currency: string;
  head: Buffer;
  state: string | null;
  timers: string[] | null;
  rule: string | null;
  rule_version: number;
  accounts: string[];
  amounts: number[];
};

const STORED = {
  name: 'simulation_stored',
  text: `select e.payment_id, e.version, e.id, e.type, e.data, e.provider_at, e.received_at, e.recorded_at,
      e.correlation, e.commitment, e.hash, d.data as private, d.salt,
      p.version as payment_version, p.currency, p.head, case when e.version = p.version then p.state end as state,
      case when e.version = p.version then
        (select array_agg(s.kind || ' ' || s.subject) from schedule s where s.payment_id = p.id) end as timers,
      j.rule, j.rule_version, j.accounts, j.amounts
    from events e join payments p on p.id = e.payment_id
    left join event_private d on d.payment_id = e.payment_id and d.version = e.version
    left join journals j on j.payment_id = e.payment_id and j.event_id = e.id
    where e.payment_id = any ($1) order by e.payment_id, e.version`,
};

export async function readStored(pool: Pool, uuids: readonly string[]): Promise<Stored[]> {
  const { rows } = await pool.query<Row>({ ...STORED, values: [uuids] });
  return [...Map.groupBy(rows, (row) => row.payment_id).values()].map((of) => ({
    payment: fromUuid('payment', of[0]?.payment_id ?? ''),
    stored: storedOf(of),
  }));
}

function storedOf(rows: Row[]): StoredPayment {
  const last = rows.at(-1) as Row;
  const { payment_version: version, head, currency, payment_id: id } = last;
  return {
    events: rows,
    journals: rows.flatMap((row) => (row.rule === null ? [] : [journalOf(row)])),
    snapshot: { state: last.state ?? '', version, head, id },
    currency,
    timers: (last.timers ?? []).map((timer) => {
      const [kind = '', subject = ''] = timer.split(' ');
      return { kind, subject };
    }),
  };
}

function journalOf(row: Row): JournalRow {
  const { payment_id, id: event_id, currency, rule, rule_version, accounts, amounts, recorded_at } = row;
  return { payment_id, event_id, currency, rule: rule ?? '', rule_version, accounts, amounts, recorded_at };
}
