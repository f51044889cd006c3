/** The ledger as finance reads it: balances as of a time, the trial balance, the journals. */

import { fromUuid, toUuid } from '../../core/ids.ts';
import { normalSide } from '../../core/postings.ts';
import { type Pool, query } from '../../db/pool.ts';
import { BALANCES, type BalanceRow, LIST_JOURNALS, TAKE_CHECKPOINT } from '../../db/statements/ledger.ts';
import type { JournalRow } from '../../db/statements/payments.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import type { Ledger, Principal, Reply } from './types.ts';

type Deps = { pool: Pool; world: World };

declare global {
  interface JSON {
    /** Of the language, but not yet of its types. */
    rawJSON(text: string): object;
  }
}

export function createLedger(deps: Deps): Ledger {
  return {
    accounts: (principal, at) => accounts(deps, principal, at),
    trialBalance: (principal, at) => trialBalance(deps, principal, at),
    journals: (principal, q) => journals(deps, principal, q),
  };
}

/** Takes a checkpoint when enough has been posted since the last one; for the worker, every so often. */
export async function takeCheckpoint(
  { pool, world }: Deps,
  least: number = LIMITS.ledger.checkpointJournals,
): Promise<boolean> {
  const rows = await query(pool, TAKE_CHECKPOINT, [new Date(world.now()).toISOString(), least]);
  return rows.length > 0;
}

async function accounts(deps: Deps, principal: Principal, at: string | null): Promise<Reply> {
  const { asOf, rows } = await balances(deps, principal, at);
  return { status: 200, body: { object: 'list', as_of: asOf, data: rows.map(presentAccount) } };
}

/** Debits equal credits in every currency, or the books are wrong: `balanced` says so. */
async function trialBalance(deps: Deps, principal: Principal, at: string | null): Promise<Reply> {
  const { asOf, rows } = await balances(deps, principal, at);
  const currencies = [...new Set(rows.map((row) => row.currency))].sort();
  const totals = currencies.map((currency) => {
    const own = rows.filter((row) => row.currency === currency);
    const debits = own.reduce((sum, row) => sum + BigInt(row.debits), 0n);
    const credits = own.reduce((sum, row) => sum + BigInt(row.credits), 0n);
    return { currency, debits: exact(debits), credits: exact(credits), balanced: debits === credits };
  });
  const balanced = totals.every((total) => total.balanced);
  return {
    status: 200,
    body: { object: 'trial_balance', as_of: asOf, balanced, totals, accounts: rows.map(presentAccount) },
  };
}

async function journals(
  { pool }: Deps,
  principal: Principal,
  q: { payment: string | null; account: string | null; limit: number; cursor: string | null },
): Promise<Reply> {
  const rows = await query<JournalRow>(pool, LIST_JOURNALS, [
    toUuid(principal.merchant),
    principal.mode,
    q.payment === null ? null : toUuid(q.payment),
    q.account,
    q.cursor === null ? null : toUuid(q.cursor),
    q.limit + 1,
  ]);
  const data = rows.slice(0, q.limit).map(presentJournal);
  const more = rows.length > q.limit;
  return {
    status: 200,
    body: { object: 'list', data, has_more: more, next_cursor: more ? (data.at(-1)?.id ?? null) : null },
  };
}

async function balances(
  { pool, world }: Deps,
  principal: Principal,
  at: string | null,
): Promise<{ asOf: string; rows: BalanceRow[] }> {
  const asOf = at ?? new Date(world.now()).toISOString();
  // Now is all that is committed: another process, whose clock is ahead of ours, has recorded it later.
  const until = at ?? 'infinity';
  const rows = await query<BalanceRow>(pool, BALANCES, [toUuid(principal.merchant), principal.mode, until]);
  return { asOf, rows };
}

function presentAccount({ account, currency, debits, credits }: BalanceRow): object {
  const net = BigInt(debits) - BigInt(credits);
  const normal = normalSide(account);
  return {
    account,
    currency,
    normal_side: normal,
    debits: exact(BigInt(debits)),
    credits: exact(BigInt(credits)),
    /** On the account's normal side; negative is worth a look. */
    balance: exact(normal === 'debit' ? net : -net),
  };
}

/** A sum may outgrow what a double holds, never what JSON writes: its digits go out as they are. */
function exact(sum: bigint): number | object {
  const near = Number(sum);
  return Number.isSafeInteger(near) ? near : JSON.rawJSON(String(sum));
}

function presentJournal(row: JournalRow): { id: string; object: string; [field: string]: unknown } {
  return {
    id: fromUuid('event', row.event_id),
    object: 'journal',
    payment: fromUuid('payment', row.payment_id),
    currency: row.currency,
    rule: row.rule,
    rule_version: row.rule_version,
    recorded_at: row.recorded_at,
    entries: row.accounts.map((account, i) => {
      const amount = row.amounts[i] ?? 0;
      return { account, debit: Math.max(amount, 0), credit: Math.max(-amount, 0) };
    }),
  };
}
