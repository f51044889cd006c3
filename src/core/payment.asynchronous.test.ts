import { describe, expect, test } from 'vitest';
import type { ProviderCall } from './outcome.ts';
import type { Can } from './payment/draft.ts';
import {
  approved,
  CHALLENGE,
  captureOf,
  confirmWith,
  countingIds,
  createCommand,
  outcome,
  PENDING,
  play,
  refundOf,
  type Story,
  UNKNOWN,
  voidOf,
} from './payment/situations.ts';
import { amounts, status } from './payment/summary.ts';
import { told } from './payment/told.test-support.ts';
import { type Command, decide } from './payment.ts';
import { post } from './postings.ts';

const AUTHORIZED = [createCommand(), outcome('op_auth_1', approved())];
const CAPTURED = [...AUTHORIZED, captureOf(100), outcome('op_cap_1', approved(100, { movement: 'cap_x' }))];
const CAPTURING = [...AUTHORIZED, captureOf(60, false), outcome('op_cap_1', PENDING)];
const REFUNDING = [...CAPTURED, refundOf(40), outcome('op_ref_1', PENDING)];
const VOIDING = [...AUTHORIZED, voidOf(), outcome('op_void_1', PENDING)];

const REFUSED = { decline: null, raw_code: 'refused' };
const captured = told({ kind: 'captured', movement: 'cap_1', operation: 'op_cap_1', amount: 60 });
const captureFailed = (movement: string | null = null) =>
  told({ kind: 'capture_failed', operation: 'op_cap_1', movement, ...REFUSED });
const refunded = told({ kind: 'refunded', movement: 'ref_1', operation: 'op_ref_1', amount: 40 });
const refundFailed = (movement: string | null = null) =>
  told({ kind: 'refund_failed', operation: 'op_ref_1', movement, ...REFUSED });
const voidFailed = told({ kind: 'void_failed', operation: 'op_void_1', ...REFUSED });

/** What is left to say of a payment: its status and amounts, what is open, what a person has to look at. */
function end(...commands: Command[]) {
  const { state, events } = play(commands);
  if (!state) throw new Error('a payment was created');
  const { captured, refunded, refundable, reversed } = amounts(state);
  return {
    status: status(state),
    amounts: { captured, refunded, refundable, reversed },
    open: state.operations.filter((o) => ['sending', 'pending', 'unknown'].includes(o.status)).length,
    exceptions: state.exceptions.map((x) => x.type),
    balances: balancesOf({ state, events } as Story),
  };
}

function balancesOf({ state, events }: Story): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const event of events)
    for (const { account, amount } of (state && post(event, state)?.lines) ?? [])
      sums[account] = (sums[account] ?? 0) + amount;
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

describe('what a provider accepts now and decides later ends by its word', () => {
  test('a pending capture that succeeds is captured', () => {
    expect(end(...CAPTURING, captured)).toMatchObject({
      status: 'partially_captured',
      amounts: { captured: 60 },
      open: 0,
      exceptions: [],
    });
  });

  test('a pending capture that fails took nothing, and can be asked for again', () => {
    const failed = end(...CAPTURING, captureFailed());
    expect(failed).toMatchObject({ status: 'authorized', amounts: { captured: 0 }, open: 0, exceptions: [] });
    expect(
      decide(captureOf(100, true, 2), play([...CAPTURING, captureFailed()]).state, countingIds()).ok,
    ).toBe(true);
  });

  test('a pending refund that succeeds is settled', () => {
    expect(end(...REFUNDING, refunded)).toMatchObject({ amounts: { refunded: 40 }, open: 0, exceptions: [] });
  });

  test('a pending refund that fails leaves the money with the merchant, and nothing in flight', () => {
    expect(end(...REFUNDING, refundFailed())).toEqual({ ...end(...CAPTURED), open: 0 });
  });

  test('a pending void that succeeds releases the authorisation', () => {
    const done = told({ kind: 'voided', amount: 100 });
    expect(end(...VOIDING, done)).toMatchObject({ status: 'voided', open: 0, exceptions: [], balances: {} });
  });

  test('a pending void that fails leaves the authorisation as it was', () => {
    expect(end(...VOIDING, voidFailed)).toMatchObject({ status: 'authorized', open: 0, exceptions: [] });
  });
});

describe('success and failure of one movement come to the same in either order', () => {
  test('a capture that succeeded and then failed is captured and reversed', () => {
    const inOrder = end(...CAPTURING, captured, captureFailed('cap_1'));
    expect(inOrder).toMatchObject({ amounts: { captured: 60, reversed: 60 }, open: 0, exceptions: [] });
    expect(end(...CAPTURING, captureFailed('cap_1'), captured)).toEqual(inOrder);
    expect(end(...CAPTURING, captureFailed('cap_1'), captured, captureFailed('cap_1'))).toEqual(inOrder);
  });

  test('a refund that succeeded and then failed is with the merchant again', () => {
    const inOrder = end(...REFUNDING, refunded, refundFailed('ref_1'));
    expect(inOrder).toMatchObject({ amounts: { refunded: 0, refundable: 100 }, open: 0, exceptions: [] });
    expect(inOrder.balances).toEqual(end(...CAPTURED).balances);
    expect(end(...REFUNDING, refundFailed('ref_1'), refunded)).toEqual(inOrder);
  });

  test('a success that was told without naming its operation is found to be of the one that failed', () => {
    const nameless = told({ kind: 'refunded', movement: 'ref_1', operation: null, amount: 40 });
    const inOrder = end(...REFUNDING, refunded, refundFailed('ref_1'));
    expect(end(...REFUNDING, nameless, refundFailed('ref_1'))).toEqual(inOrder);
    expect(end(...REFUNDING, refundFailed('ref_1'), nameless)).toEqual(inOrder);
  });

  test('a failure of an operation that succeeded under no name that failed is for a person', () => {
    expect(end(...REFUNDING, refunded, refundFailed()).exceptions).toEqual(['contradicting_outcome']);
    expect(end(...REFUNDING, refundFailed(), refunded).exceptions).toEqual(['contradicting_outcome']);
  });

  test('a failure of what we never asked for is for a person', () => {
    expect(end(...CAPTURED, refundFailed('ref_9')).exceptions).toEqual(['contradicting_outcome']);
  });
});

describe('what the provider does not offer is refused, and nothing happens', () => {
  const ALL: Can = {
    partial_capture: true,
    multiple_captures: true,
    void: true,
    void_remainder: true,
    partial_refund: true,
    multiple_refunds: true,
    refund_across_captures: true,
  };
  const FIRST_REFUND = [...CAPTURED, refundOf(40), outcome('op_ref_1', approved(40, { movement: 'r' }))];
  const FIRST_CAPTURE = [
    ...AUTHORIZED,
    captureOf(40, false),
    outcome('op_cap_1', approved(40, { movement: 'c' })),
  ];

  test.each([
    ['partial_capture', AUTHORIZED, captureOf(40, true)],
    ['multiple_captures', AUTHORIZED, captureOf(40, false)],
    ['multiple_captures', FIRST_CAPTURE, captureOf(60, true, 2)],
    ['void', AUTHORIZED, voidOf()],
    ['void_remainder', FIRST_CAPTURE, voidOf()],
    ['partial_refund', CAPTURED, refundOf(40)],
    ['multiple_refunds', FIRST_REFUND, refundOf(60, 2)],
  ] as const)('%s', (capability, before, command) => {
    const { state } = play([...before]);
    const without = { ...countingIds(), can: () => ({ ...ALL, [capability]: false }) };
    const about = { capability, provider: 'simulator' };
    expect(decide(command, state, without)).toEqual({ ok: false, code: 'not_supported_by_provider', about });
    expect(decide(command, state, { ...countingIds(), can: () => ALL }).ok).toBe(true);
  });

  test('a refund is given back of the capture with the least left that is enough', () => {
    const BOTH = [
      ...FIRST_CAPTURE,
      captureOf(60, true, 2),
      outcome('op_cap_2', approved(60, { movement: 'd' })),
    ];
    const given = (...amounts: number[]) =>
      play([...BOTH, ...amounts.map((amount, n) => refundOf(amount, n + 1))]).state?.refunds.map(
        (r) => r.capture,
      );
    expect(given(60, 40)).toEqual(['cap_2', 'cap_1']);
    expect(given(30, 20, 40)).toEqual(['cap_1', 'cap_2', 'cap_2']);
    expect(given(100)).toEqual([undefined]);
    const context = { ...countingIds(), can: () => ({ ...ALL, refund_across_captures: false }) };
    const about = { capability: 'refund_across_captures', provider: 'simulator' };
    const refused = { ok: false, code: 'not_supported_by_provider', about };
    expect(decide(refundOf(70), play(BOTH).state, context)).toEqual(refused);
    expect(decide(refundOf(60), play(BOTH).state, context).ok).toBe(true);
  });

  test('all at once is asked for even where parts are not offered', () => {
    const nothing = { ...ALL, partial_capture: false, multiple_captures: false, partial_refund: false };
    const context = { ...countingIds(), can: () => nothing };
    expect(decide(captureOf(100), play(AUTHORIZED).state, context).ok).toBe(true);
    expect(decide(refundOf(100), play(CAPTURED).state, context).ok).toBe(true);
  });
});

describe('an authorisation that nobody knows of, and nobody wants any more', () => {
  const unknown = [createCommand(), outcome('op_auth_1', UNKNOWN)];
  const wished = [...unknown, voidOf()];
  const cancel: Command = { type: 'cancel_unresolved', operation: 'op_auth_1', cancel: 'op_cancel' };
  const cancelled = told({ kind: 'voided', amount: 100 });
  const authorized = told({ kind: 'authorized', amount: 100, provider_reference: 'ch_1', details: null });
  const notCancelled = told({ kind: 'void_failed', operation: 'op_cancel', ...REFUSED });
  const pending = outcome('op_cancel', PENDING);

  test('is cancelled unseen, once, and only then', () => {
    const asked = (...commands: Command[]) =>
      play(commands).events.filter((event) => event.type === 'void_requested').length;
    expect(asked(...unknown, cancel)).toBe(0);
    expect(asked(...wished)).toBe(0);
    expect(asked(...wished, cancel)).toBe(1);
    expect(asked(...wished, cancel, { ...cancel, cancel: 'op_cancel_2' })).toBe(1);
    expect(asked(...wished, authorized, cancel)).toBe(1);
  });

  test('ends as voided, whichever of the two is told first', () => {
    const one = end(...wished, cancel, pending, cancelled, authorized);
    expect(one).toMatchObject({ status: 'voided', open: 0, exceptions: [], balances: {} });
    expect(end(...wished, cancel, pending, authorized, cancelled)).toEqual(one);
  });

  test('is over once the provider has cancelled it, and an approval that is told after that changes nothing', () => {
    const over: Command = { type: 'end_canceled', operation: 'op_auth_1' };
    const last = (...commands: Command[]) => play(commands).events.at(-1)?.type;
    expect(last(...wished, cancel, pending, over)).toBe('operation_pending');
    expect(last(...wished, cancel, pending, cancelled, over)).toBe('operation_canceled');
    expect(last(...wished, cancel, pending, cancelled, over, over)).toBe('operation_canceled');
    const told = end(...wished, cancel, pending, cancelled, authorized);
    expect(end(...wished, cancel, pending, cancelled, over, authorized)).toEqual(told);
    expect(end(...wished, cancel, pending, cancelled, over)).toMatchObject({ status: 'voided', open: 0 });
  });

  test('takes back the question to a person when it is over', () => {
    const reported: Command = { type: 'report_unresolved', operation: 'op_auth_1' };
    const over: Command = { type: 'end_canceled', operation: 'op_auth_1' };
    const asked = [...wished, reported, cancel, pending, cancelled];
    expect(end(...asked).exceptions).toHaveLength(1);
    expect(end(...asked, over).exceptions).toEqual([]);
  });

  test('that could not be cancelled is voided by its reference once its approval comes', () => {
    const approvedLate = play([...wished, cancel, pending, notCancelled, authorized]);
    expect(approvedLate.events.filter((event) => event.type === 'void_requested')).toHaveLength(2);
    const early = play([...wished, cancel, pending, authorized, notCancelled]);
    expect(early.events.filter((event) => event.type === 'void_requested')).toHaveLength(2);
  });
});

test('a call that ends after a webhook had told its outcome changes nothing, and stays in the history once', () => {
  const call = { key: 'op_auth_1' } as ProviderCall;
  const timedOut: Command = { ...outcome('op_auth_1', UNKNOWN), call } as Command;
  const byWebhook = told({ kind: 'authorized', amount: 100, provider_reference: 'ch_1', details: null });
  const webhookFirst = play([createCommand(), byWebhook]);
  const { events, state } = play([timedOut], webhookFirst);
  expect(events.slice(2)).toMatchObject([
    { type: 'authorization_approved', data: { call: null } },
    { type: 'call_recorded', data: { operation: 'op_auth_1', outcome: 'unknown', call } },
  ]);
  expect(state).toEqual(webhookFirst.state);
});

describe('a sale that is told as captured with its approval, and is voided before it is', () => {
  const asked = [createCommand({ capture: 'automatic' })];
  const sold = outcome('op_auth_1', approved(100, { captured: 100 }));
  const cancelled = told({ kind: 'voided', amount: 100 });

  test('took nothing, whichever of the two is told first, and a person is told that nobody here asked for it', () => {
    const one = end(...asked, sold, cancelled);
    expect(one).toMatchObject({
      status: 'voided',
      amounts: { captured: 100, reversed: 100, refundable: 0 },
      balances: {},
      exceptions: ['unrequested_void'],
    });
    expect(end(...asked, cancelled, sold)).toEqual(one);
    expect(end(...asked, sold, cancelled, cancelled)).toEqual(one);
  });

  test('is not given back as well where it was cancelled by us, and the attempt that replaces it starts', () => {
    const replaced = [...asked, outcome('op_auth_1', CHALLENGE), confirmWith(2, 'automatic'), sold];
    const { state } = play([...replaced, outcome('op_cancel_2', approved(100))]);
    expect(state?.refunds).toEqual([]);
    expect(state?.attempts.map((a) => [a.captured, a.reversed])).toEqual([
      [100, 100],
      [0, 0],
    ]);
  });

  test('and the void of what a final capture left takes nothing of that capture', () => {
    const part = [...AUTHORIZED, captureOf(60), outcome('op_cap_1', approved(60, { movement: 'cap_x' }))];
    expect(end(...part, told({ kind: 'voided', amount: 40 }))).toEqual(end(...part));
  });
});

describe('a provider that has no ids for captures', () => {
  const capturing = captureOf(95);
  const total = (amount: number) => told({ kind: 'captured_total', amount, version: `v${amount}` });
  const answer = outcome('op_cap_1', approved(96));

  test('tells what somebody took in its dashboard with our own capture, in whatever order: it counts once', () => {
    const before = end(...AUTHORIZED, total(1), capturing, answer, total(96));
    const after = end(...AUTHORIZED, capturing, answer, total(1), total(96));
    expect(before).toMatchObject({
      status: 'captured',
      amounts: { captured: 96 },
      balances: { 'provider_receivable:simulator': 96 },
      exceptions: ['amount_mismatch'],
    });
    expect(after).toEqual(before);
  });

  test('tells it with each capture of ours, and it counts with the first', () => {
    const parts = [captureOf(40, false), outcome('op_cap_1', approved(41))];
    const both = end(
      ...AUTHORIZED,
      total(1),
      ...parts,
      captureOf(59, true, 2),
      outcome('op_cap_2', approved(60)),
    );
    expect(both).toMatchObject({
      amounts: { captured: 100 },
      balances: { 'provider_receivable:simulator': 100 },
      exceptions: ['amount_mismatch'],
    });
    expect(
      end(...AUTHORIZED, ...parts, captureOf(59, true, 2), outcome('op_cap_2', approved(60)), total(1)),
    ).toEqual(both);
  });

  test('and an amount that was taken as asked is not the total that was told before it', () => {
    const asked = outcome('op_cap_1', approved(95));
    expect(end(...AUTHORIZED, total(1), capturing, asked)).toMatchObject({
      amounts: { captured: 96 },
      exceptions: ['unrequested_capture'],
    });
  });
});
