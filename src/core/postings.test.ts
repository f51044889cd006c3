import { describe, expect, test } from 'vitest';
import {
  approved,
  captureOf,
  createCommand,
  DECLINED,
  outcome,
  play,
  refundOf,
  voidOf,
} from './payment/situations.ts';
import { told } from './payment/told.test-support.ts';
import type { Command } from './payment.ts';
import { post } from './postings.ts';

/** Balances after a story, by account; zero balances left out. */
function balances(commands: Command[]): Record<string, number> {
  const { events, state } = play(commands);
  const sums: Record<string, number> = {};
  for (const event of events) {
    for (const { account, amount } of (state && post(event, state)?.lines) ?? [])
      sums[account] = (sums[account] ?? 0) + amount;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

const AUTHORIZED = [createCommand(), outcome('op_auth_1', approved())];
const CAPTURED = [...AUTHORIZED, captureOf(100), outcome('op_cap_1', approved(100, { movement: 'm1' }))];

test('authorised: only the memo accounts hold the amount', () => {
  expect(balances(AUTHORIZED)).toEqual({ memo_authorized: 100, memo_authorized_contra: -100 });
});

test('voided: nothing is left', () => {
  expect(
    balances([...AUTHORIZED, voidOf(), outcome('op_void_1', approved(100, { movement: 'v1' }))]),
  ).toEqual({});
});

test('captured: the provider owes what was sold', () => {
  expect(balances(CAPTURED)).toEqual({ 'provider_receivable:simulator': 100, sales: -100 });
});

test('captured for others: the merchant is owed, nothing is sold', () => {
  const story = [createCommand({ funds: 'held' }), ...CAPTURED.slice(1)];
  expect(balances(story)).toEqual({ 'provider_receivable:simulator': 100, merchant_pending: -100 });
});

test('captured in part, more to come: the rest stays in the memo', () => {
  const story = [...AUTHORIZED, captureOf(40, false), outcome('op_cap_1', approved(40, { movement: 'm1' }))];
  expect(balances(story)).toEqual({
    memo_authorized: 60,
    memo_authorized_contra: -60,
    'provider_receivable:simulator': 40,
    sales: -40,
  });
});

test('captured in part and final: the rest is released', () => {
  const story = [...AUTHORIZED, captureOf(40), outcome('op_cap_1', approved(40, { movement: 'm1' }))];
  expect(balances(story)).toEqual({ 'provider_receivable:simulator': 40, sales: -40 });
});

test('refund requested, then settled, rejected, or failed after it had settled', () => {
  const requested = [...CAPTURED, refundOf(40)];
  expect(balances(requested)).toEqual({
    'provider_receivable:simulator': 100,
    'refund_in_flight:simulator': -40,
    sales: -60,
  });
  const settled = [...requested, outcome('op_ref_1', approved(40, { movement: 'r1' }))];
  expect(balances(settled)).toEqual({ 'provider_receivable:simulator': 60, sales: -60 });
  expect(balances([...requested, outcome('op_ref_1', DECLINED)])).toEqual({
    'provider_receivable:simulator': 100,
    sales: -100,
  });
  const fact = {
    kind: 'refund_returned' as const,
    attempt: 'att_1',
    movement: 'r2',
    of: 'r1',
    amount: 40,
    provider_at: null,
    received_at: null,
  };
  expect(balances([...settled, { type: 'record_fact', fact }])).toEqual({
    'provider_receivable:simulator': 100,
    sales: -100,
  });
});

test('a provider that refunds another sum than asked: the difference is the merchant’s, nothing stays in flight', () => {
  const story = [...CAPTURED, refundOf(40), outcome('op_ref_1', approved(41, { movement: 'r1' }))];
  expect(balances(story)).toEqual({ 'provider_receivable:simulator': 59, sales: -59 });
});

test('a refund that nobody here asked for', () => {
  const fact = {
    kind: 'refunded' as const,
    attempt: 'att_1',
    movement: 'r9',
    operation: null,
    amount: 40,
    provider_at: null,
    received_at: null,
  };
  expect(balances([...CAPTURED, { type: 'record_fact', fact }])).toEqual({
    'provider_receivable:simulator': 60,
    sales: -60,
  });
});

test('a capture that comes back late', () => {
  const fact = {
    kind: 'reversed' as const,
    attempt: 'att_1',
    movement: 'x1',
    amount: 100,
    provider_at: null,
    received_at: null,
  };
  expect(balances([...CAPTURED, { type: 'record_fact', fact }])).toEqual({});
});

test('captured before the authorisation was heard of: the same balances as in the usual order', () => {
  const captured = {
    type: 'record_fact' as const,
    fact: {
      kind: 'captured' as const,
      attempt: 'att_1',
      movement: 'm1',
      operation: null,
      amount: 100,
      provider_at: null,
      received_at: null,
    },
  };
  const sale = createCommand({ capture: 'automatic' });
  const usual = balances([sale, outcome('op_auth_1', approved(100, { captured: 100, movement: 'm1' }))]);
  expect(balances([sale, captured, outcome('op_auth_1', approved(100))])).toEqual(usual);
});

describe('disputes', () => {
  const opened = told({ kind: 'disputed', dispute: 'dp_1', amount: 60 });
  const won = told({ kind: 'dispute_won', dispute: 'dp_1' });
  const lost = told({ kind: 'dispute_lost', dispute: 'dp_1' });
  const forOthers = [createCommand({ funds: 'held' }), ...CAPTURED.slice(1)];

  test('opened: the bank has the money, and what is kept for others is held back from them', () => {
    expect(balances([...CAPTURED, opened])).toEqual({
      'provider_receivable:simulator': 40,
      'dispute_receivable:simulator': 60,
      sales: -100,
    });
    expect(balances([...forOthers, opened])).toEqual({
      'provider_receivable:simulator': 40,
      'dispute_receivable:simulator': 60,
      merchant_pending: -40,
      merchant_dispute_hold: -60,
    });
  });

  test('won: as if it had never been', () => {
    expect(balances([...CAPTURED, opened, won])).toEqual(balances(CAPTURED));
    expect(balances([...forOthers, opened, won])).toEqual(balances(forOthers));
  });

  test('lost: the expense is the company’s own, or the merchant’s whose money it was', () => {
    expect(balances([...CAPTURED, opened, lost])).toEqual({
      'provider_receivable:simulator': 40,
      dispute_loss: 60,
      sales: -100,
    });
    expect(balances([...forOthers, opened, lost])).toEqual({
      'provider_receivable:simulator': 40,
      merchant_pending: -40,
    });
  });

  test('told to be won and lost: the loss stands, in either order', () => {
    for (const story of [CAPTURED, forOthers])
      expect(balances([...story, won, lost, opened])).toEqual(balances([...story, opened, lost]));
  });
});

test('a refund that a provider listed before it answered ours is booked once, as ours', () => {
  const listed = told({ kind: 'refunded', movement: 'r1', operation: null, amount: 40 });
  const answer = outcome('op_ref_1', approved(40, { movement: 'r1' }));
  const usual = balances([...CAPTURED, refundOf(40), answer]);
  expect(usual).toEqual({ 'provider_receivable:simulator': 60, sales: -60 });
  expect(balances([...CAPTURED, refundOf(40), listed, answer])).toEqual(usual);
});

test('a total that was booked, and the movements that are named after it, are the same money', () => {
  const total = told({ kind: 'captured_total', amount: 100, version: 'v1' });
  const parts = [30, 70].map((amount, i) =>
    told({ kind: 'captured', movement: `m${i}`, operation: null, amount }),
  );
  expect(balances([...AUTHORIZED, total])).toEqual(balances(CAPTURED));
  expect(balances([...AUTHORIZED, total, ...parts, total])).toEqual(balances(CAPTURED));
});
