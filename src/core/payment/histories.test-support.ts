/**
 * Provider histories for properties: what has happened at a provider, and by which ways it is told. Each is a
 * beginning, played in order, and the news about it, which may come in any order and any number of times.
 */

import fc from 'fast-check';
import { decline } from '../declines.ts';
import type { Outcome } from '../outcome.ts';
import type { Command } from '../payment.ts';
import {
  approved,
  CHALLENGE,
  captureOf,
  createCommand,
  DECLINED,
  outcome,
  PENDING,
  refundOf,
  UNKNOWN,
  voidOf,
} from './situations.ts';
import { told } from './told.test-support.ts';

export type History = { beginning: Command[]; news: Command[] };

/** What the provider's own books say in the end. */
export type Truth = { captured: number; refunded: number; reversed: number; disputed: number; memo: number };

export const authorizedFact = told({
  kind: 'authorized',
  amount: 100,
  provider_reference: 'ch_1',
  details: null,
});
const declinedFact = told({
  kind: 'declined',
  decline: decline('do_not_honor', '05'),
  provider_reference: 'ch_1',
});

/** By which ways a movement of ours is told: at least one; without the operation where the provider leaves it out. */
type Ways = { answer: boolean; fact: boolean; nameless: boolean };
const ways: fc.Arbitrary<Ways> = fc
  .record({ answer: fc.boolean(), fact: fc.boolean(), nameless: fc.boolean() })
  .filter((w) => w.answer || w.fact || w.nameless);

/** `failsLater`: it succeeded and then failed, told in any order. */
type Part = { amount: number; ours: boolean; ways: Ways; failedFirst: boolean; failsLater: boolean };
const part = fc.record({
  amount: fc.integer({ min: 1, max: 40 }),
  ours: fc.boolean(),
  ways,
  failedFirst: rarely(),
  failsLater: rarely(),
});

const smallPart = part.map((p) => ({ ...p, amount: Math.ceil(p.amount / 4) }));

/** Mostly before all else: only then is there something of ours under way. */
const APPROVALS = ['before', 'before', 'before', 'before', 'answer', 'fact', 'both', 'never'] as const;

const world = fc.record({
  automatic: rarely(),
  approval: fc.constantFrom(...APPROVALS),
  onTheWay: fc.subarray([UNKNOWN, PENDING, CHALLENGE]),
  declinedFirst: fc.constantFrom(null, null, 'answer' as const, 'fact' as const),
  captures: fc.array(part, { maxLength: 3 }),
  refunds: fc.array(fc.record({ part: smallPart, back: rarely() }), { maxLength: 3 }),
  totals: fc.array(
    fc.record({ of: fc.constantFrom('captured' as const, 'refunded' as const), upTo: fc.nat(4) }),
    {
      maxLength: 2,
    },
  ),
  release: fc.constantFrom(null, null, 'voided' as const, 'expired' as const),
  /** Our last capture releases the rest; where none of ours is under way, we void it ourselves. */
  final: fc.boolean(),
  voidFailsFirst: rarely(),
  reversal: rarely(),
  disputes: fc.array(
    fc.record({ amount: fc.integer({ min: 1, max: 30 }), end: fc.constantFrom(null, 'won', 'lost', 'both') }),
    { maxLength: 2 },
  ),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

export const histories: fc.Arbitrary<History & { truth: Truth }> = world.map((w) =>
  historyOf(w.approval === 'never' ? { ...w, ...NOTHING_MOVED } : w),
);

const NOTHING_MOVED = {
  automatic: false,
  captures: [],
  refunds: [],
  totals: [],
  reversal: false,
  disputes: [],
};

function historyOf(w: World): History & { truth: Truth } {
  const sale = w.automatic;
  const early = w.approval === 'before' && !sale;
  const captures = sale
    ? []
    : w.captures.map((p, i) => ({ ...p, ours: p.ours && early && (i > 0 || w.refunds.length === 0) }));
  const taken = sale ? 100 : captures.reduce((sum, p) => sum + p.amount, 0);
  let back = 0;
  const beginning: Command[] = [createCommand({ capture: sale ? 'automatic' : 'manual' })];
  if (early) beginning.push(outcome('op_auth_1', approved()));
  const final = lastOfOurs(w, captures);
  captures.forEach((p, i) => {
    if (p.ours && taken <= 100) beginning.push(captureOf(p.amount, i === final, i + 1));
  });
  const asked = (id: string) => beginning.some((c) => 'operation' in c && c.operation === id);
  const news: Command[] = [...approvalNews(w, early), ...(sale ? saleNews(w) : [])];
  captures.forEach((p, i) => {
    const operation = asked(`op_cap_${i + 1}`) ? `op_cap_${i + 1}` : null;
    news.push(...movementNews('captured', p, `mv_cap_${i + 1}`, operation));
    if (!comesBack(p, operation) || w.reversal || w.disputes.length > 0) return;
    news.push(
      told({ ...FAILED, kind: 'capture_failed', operation: operation ?? '', movement: `mv_cap_${i + 1}` }),
    );
    back += p.amount;
  });
  // Refunds of ours need a capture that is known: then the first is told in the beginning.
  const first = captures[0];
  const refundable = early && first && !first.ours ? first.amount : 0;
  if (refundable > 0 && first)
    beginning.push(told({ kind: 'captured', movement: 'mv_cap_1', operation: null, amount: first.amount }));
  const voids = isOurVoid(w, early, captures, taken);
  if (voids) beginning.push(voidOf(1));
  let left = refundable;
  let refundsBack = 0;
  w.refunds.forEach(({ part: p, back }, i) => {
    const ours = p.ours && p.amount <= left;
    if (ours) {
      left -= p.amount;
      beginning.push(refundOf(p.amount, i + 1));
    }
    const operation = ours ? `op_ref_${i + 1}` : null;
    news.push(...movementNews('refunded', p, `mv_ref_${i + 1}`, operation));
    if (comesBack(p, operation) && !back) {
      news.push(
        told({ ...FAILED, kind: 'refund_failed', operation: operation ?? '', movement: `mv_ref_${i + 1}` }),
      );
      refundsBack += p.amount;
    }
    if (back)
      news.push(
        told({
          kind: 'refund_returned',
          movement: `mv_back_${i + 1}`,
          of: `mv_ref_${i + 1}`,
          amount: p.amount,
        }),
      );
  });
  if (voids) news.push(...ourVoidNews(w, 100 - taken));
  news.push(...totalNews(w, sale ? [100] : captures.map((p) => p.amount)), ...laterNews(w, taken));
  const truth = truthOf(w, taken, taken <= 100 && final >= 0);
  const { refunded, reversed } = truth;
  return {
    beginning,
    news,
    truth: { ...truth, refunded: refunded - refundsBack, reversed: reversed + back },
  };
}

/** One that was refused first as well is a contradiction, and another story. */
function comesBack({ failsLater, failedFirst }: Part, operation: string | null): boolean {
  return operation !== null && failsLater && !failedFirst;
}

const FAILED = { decline: null, raw_code: 'failed_later' };

/** The place of our capture that releases the rest; -1 where none does. One that was refused first is not it. */
function lastOfOurs(w: World, captures: Part[]): number {
  const last = captures.at(-1);
  const named = last?.ours && (last.ways.answer || last.ways.fact) && !last.failedFirst;
  return w.final && named ? captures.length - 1 : -1;
}

/** Of all of it, or of what captures that others made have left. */
function isOurVoid(w: World, early: boolean, captures: Part[], taken: number): boolean {
  return early && w.final && w.release === 'voided' && taken < 100 && captures.every((c) => !c.ours);
}

function ourVoidNews(w: World, rest: number): Command[] {
  const done = outcome('op_void_1', approved(rest, { movement: 'mv_void' }));
  return w.voidFailsFirst ? [outcome('op_void_1', REJECTED), done] : [done];
}

function truthOf(w: World, captured: number, final: boolean): Truth {
  const sum = (amounts: number[]) => amounts.reduce((a, b) => a + b, 0);
  const open = !w.automatic && w.release === null && w.approval !== 'never' && !final;
  return {
    captured,
    refunded: sum(w.refunds.map((r) => (r.back ? 0 : r.part.amount))),
    reversed: w.reversal ? captured : 0,
    disputed: sum(w.disputes.map((d) => (d.end === 'won' ? 0 : d.amount))),
    memo: open ? Math.max(0, 100 - captured) : 0,
  };
}

function approvalNews(w: World, early: boolean): Command[] {
  const captured = w.automatic && w.captures.length % 2 === 0 ? { captured: 100, movement: 'mv_sale' } : {};
  const news: Command[] = [];
  // What an answer or a look-up said before it was over: true then, and nothing new afterwards.
  news.push(...w.onTheWay.map((said) => outcome('op_auth_1', said)));
  if (w.approval === 'answer' || w.approval === 'both' || (w.approval === 'before' && !early))
    news.push(outcome('op_auth_1', approved(100, captured)));
  if (w.approval === 'fact' || w.approval === 'both') news.push(authorizedFact);
  if (w.declinedFirst && !early)
    news.push(w.declinedFirst === 'fact' ? declinedFact : outcome('op_auth_1', DECLINED));
  return news;
}

function saleNews(w: World): Command[] {
  const parts = w.captures.length === 3 ? [40, 60] : [100];
  return parts.map((amount, i) =>
    told({
      kind: 'captured',
      movement: i === 0 ? 'mv_sale' : `mv_sale_${i + 1}`,
      operation: 'op_auth_1',
      amount,
    }),
  );
}

function movementNews(
  kind: 'captured' | 'refunded',
  p: Part,
  movement: string,
  operation: string | null,
): Command[] {
  const { amount } = p;
  const plain = told({ kind, movement, operation: null, amount });
  if (operation === null) return [plain];
  const news: Command[] = [];
  if (p.ways.answer) news.push(outcome(operation, approved(amount, { movement })));
  if (p.ways.fact) news.push(told({ kind, movement, operation, amount }));
  if (p.ways.nameless) news.push(plain);
  if (p.failedFirst && (p.ways.answer || p.ways.fact)) news.push(outcome(operation, REJECTED));
  return news;
}

export const REJECTED: Outcome = { kind: 'rejected', raw_code: '99', message: '', provider_reference: null };

/** Cumulative amounts as they stood after the first few movements. */
function totalNews(w: World, captures: number[]): Command[] {
  const refunds = w.refunds.map((r) => r.part.amount);
  return w.totals.flatMap(({ of, upTo }) => {
    const amount = (of === 'captured' ? captures : refunds).slice(0, upTo).reduce((a, b) => a + b, 0);
    return amount > 0 ? [told({ kind: `${of}_total`, amount, version: `v${upTo}` })] : [];
  });
}

function laterNews(w: World, taken: number): Command[] {
  const news: Command[] = [];
  const open = !w.automatic && taken < 100;
  if (open && w.release === 'voided') news.push(told({ kind: 'voided', amount: 100 - taken }));
  if (open && w.release === 'expired') news.push(told({ kind: 'expired' }));
  if (w.reversal && taken > 0) news.push(told({ kind: 'reversed', movement: 'mv_rev', amount: taken }));
  w.disputes.forEach(({ amount, end }, i) => {
    const dispute = `dp_${i + 1}`;
    news.push(told({ kind: 'disputed', dispute, amount }));
    if (end === 'won' || end === 'both') news.push(told({ kind: 'dispute_won', dispute }));
    if (end === 'lost' || end === 'both') news.push(told({ kind: 'dispute_lost', dispute }));
  });
  return news;
}

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat(4).map((n) => n === 0);
}
