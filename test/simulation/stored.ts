/**
 * Payments as they are stored, for the oracles. Events are written once, so of a payment that was looked at before only
 * the new ones are read; that none of the old ones has changed since is for `verify` to say, at the end.
 */

import { fromUuid, toUuid } from '../../src/core/ids.ts';
import type { Pool } from '../../src/db/pool.ts';
import type { EventRow, JournalRow } from '../../src/db/statements/payments.ts';
import type { StoredPayment } from '../../src/flow/audit.ts';

/** `fresh`: those of its events that were not there when it was last looked at. */
export type Stored = { payment: string; stored: StoredPayment; fresh: readonly EventRow[] };

export type StoredPayments = { read(payments: readonly string[]): Promise<Stored[]> };

type OfPayment = {
  payment_id: string;
  payment_version: number;
  currency: string;
  head: Buffer;
  state: string | null;
  timers: string[] | null;
};
type OfJournal = Pick<JournalRow, 'rule_version' | 'accounts' | 'amounts'> & { rule: string | null };

/** A new event with its payment; the payment alone where there is none. */
type Row = OfPayment & OfJournal & (EventRow | { version: null });

/** What was read of a payment until now. */
type Known = { events: EventRow[]; journals: JournalRow[] };

/** $1 payments, $2 up to which version each was read before. */
const STORED = {
  name: 'simulation_stored',
  text: `select p.id as payment_id, p.version as payment_version, p.currency, p.head, e.version, e.id, e.type, e.data,
      e.provider_at, e.received_at, e.recorded_at, e.correlation, e.commitment, e.hash, d.data as private, d.salt,
      j.rule, j.rule_version, j.accounts, j.amounts,
      case when e.version is null or e.version = p.version then p.state end as state,
      case when e.version is null or e.version = p.version then
        (select array_agg(s.kind || ' ' || s.subject) from schedule s where s.payment_id = p.id) end as timers
    from unnest($1::uuid[], $2::int[]) as asked (id, seen)
      join payments p on p.id = asked.id
      left join events e on e.payment_id = p.id and e.version > asked.seen
      left join event_private d on d.payment_id = p.id and d.version = e.version
      left join journals j on j.payment_id = p.id and j.event_id = e.id
    order by p.id, e.version`,
};

export function createStoredPayments(pool: Pool): StoredPayments {
  const known = new Map<string, Known>();
  return {
    async read(payments) {
      const ids = payments.map(toUuid);
      const seen = ids.map((id) => known.get(id)?.events.length ?? 0);
      const { rows } = await pool.query<Row>({ ...STORED, values: [ids, seen] });
      return [...Map.groupBy(rows, (row) => row.payment_id)].map(([id, of]) => storedOf(known, id, of));
    },
  };
}

function storedOf(known: Map<string, Known>, id: string, rows: readonly Row[]): Stored {
  const before = known.get(id) ?? { events: [], journals: [] };
  const fresh = rows.filter((row): row is Row & EventRow => row.version !== null);
  const journals = fresh.flatMap((row) => (row.rule === null ? [] : [journalOf(row, row.rule)]));
  const now = { events: [...before.events, ...fresh], journals: [...before.journals, ...journals] };
  known.set(id, now);
  const { payment_version: version, head, currency, state, timers } = rows.at(-1) as Row;
  const snapshot = { state: state ?? '', version, head, id };
  const stored = { ...now, snapshot, currency, timers: (timers ?? []).map(timerOf) };
  return { payment: fromUuid('payment', id), stored, fresh };
}

function timerOf(timer: string): { kind: string; subject: string } {
  const [kind = '', subject = ''] = timer.split(' ');
  return { kind, subject };
}

function journalOf(row: Row & EventRow, rule: string): JournalRow {
  const { payment_id, id: event_id, currency, rule_version, accounts, amounts, recorded_at } = row;
  return { payment_id, event_id, currency, rule, rule_version, accounts, amounts, recorded_at };
}
