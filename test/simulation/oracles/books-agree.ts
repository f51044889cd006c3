/** `books-agree`: once all is quiet, payment by payment, our columns and our ledger say what the provider's books say. */

import { fromUuid } from '../../../src/core/ids.ts';
import type { Charge } from '../../../src/simulator/books.ts';
import type { Dispute } from '../../../src/simulator/movements.ts';
import type { Evidence, Finding, Oracle } from '../evidence.ts';

export const BOOKS_AGREE: Oracle = { name: 'books-agree', atEnd: compare };

type Row = {
  id: string;
  authorized: number;
  captured: number;
  refunded: number;
  reversed: number;
  disputed: number;
  held: boolean;
  receivable: number;
  contested: number;
  hold: number;
  in_flight: number;
  memo: number;
};

const BOOKS = `
select p.id, p.amount_authorized as authorized, p.amount_captured as captured, p.amount_refunded as refunded,
  p.amount_reversed as reversed, p.amount_disputed as disputed, m.funds = 'held' as held,
  coalesce(sum(l.amount) filter (where l.account like 'provider_receivable:%'), 0)::int8 as receivable,
  coalesce(sum(l.amount) filter (where l.account like 'dispute_receivable:%'), 0)::int8 as contested,
  coalesce(sum(-l.amount) filter (where l.account = 'merchant_dispute_hold'), 0)::int8 as hold,
  coalesce(sum(l.amount) filter (where l.account like 'refund_in_flight:%'), 0)::int8 as in_flight,
  coalesce(sum(l.amount) filter (where l.account = 'memo_authorized'), 0)::int8 as memo
from payments p join merchants m on m.id = p.merchant_id left join journals j on j.payment_id = p.id
left join lateral unnest(j.accounts, j.amounts) as l (account, amount) on true
group by p.id, m.funds order by p.id`;

async function compare({ pool, provider }: Evidence): Promise<Finding[]> {
  const { rows } = await pool.query<Row>(BOOKS);
  const known = new Set(rows.map(({ id }) => fromUuid('payment', id)));
  const strangers = [...provider.books.byReference.keys()].filter((reference) => !known.has(reference));
  return [
    ...rows.flatMap((row) => differences(row, provider.charges(fromUuid('payment', row.id)))),
    ...strangers.map((payment) => found(payment, 'the provider has charges of it, and we do not know it')),
  ];
}

function differences(row: Row, charges: readonly Charge[]): Finding[] {
  const sum = (pick: (charge: Charge) => number) => charges.reduce((total, c) => total + pick(c), 0);
  const reversed = sum((c) => (c.reversals ?? []).reduce((total, r) => total + r.amount, 0));
  const open = sum((c) => amountOf(c, ['open']));
  const disputed = sum((c) => amountOf(c, ['open', 'lost']));
  const [captured, refunded] = [sum((c) => c.captured), sum((c) => c.refunded)];
  const compared: [string, number, number][] = [
    ['authorized', row.authorized, sum((c) => c.authorized)],
    ['captured', row.captured, captured],
    ['refunded', row.refunded, refunded],
    ['reversed', row.reversed, reversed],
    ['disputed', row.disputed, disputed],
    ['provider_receivable', row.receivable, captured - refunded - reversed - disputed],
    // Of what is closed nothing is left on either.
    ['dispute_receivable', row.contested, open],
    ['merchant_dispute_hold', row.hold, row.held ? open : 0],
    ['refund_in_flight', row.in_flight, 0],
    ['memo_authorized', row.memo, sum((c) => Math.max(0, c.authorized - c.captured - c.voided))],
  ];
  return compared
    .filter(([, ours, theirs]) => ours !== theirs)
    .map(([what, ours, theirs]) =>
      found(fromUuid('payment', row.id), `${what} is ${ours} here, ${theirs} there`),
    );
}

function amountOf({ disputes = [] }: Charge, statuses: Dispute['status'][]): number {
  const counted = disputes.filter(({ status }) => statuses.includes(status));
  return counted.reduce((total, { amount }) => total + amount, 0);
}

function found(payment: string, what: string): Finding {
  return { invariant: 'books-agree', payment, what };
}
