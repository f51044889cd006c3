import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditPayment } from './payment/audit.ts';
import { type History, histories, REJECTED } from './payment/histories.test-support.ts';
import { lateSuccesses } from './payment/late-successes.test-support.ts';
import { approved, createCommand, outcome, play, type Story } from './payment/situations.ts';
import type { State } from './payment/state.ts';
import { unresolved } from './payment/state.ts';
import { amounts, memo, netCaptured, pendingCaptures, pendingRefunds, status } from './payment/summary.ts';
import { timers } from './payment/timers.ts';
import { told } from './payment/told.test-support.ts';
import { type Command, decide } from './payment.ts';
import { post } from './postings.ts';

const RUNS = Number(process.env['TRUEPENNY_HISTORIES'] ?? 10_000);
const ORDERS = 4;

/** What may not depend on the order: ids and the list of events may. */
function ending({ state, events }: Story): object {
  if (!state) throw new Error('a history has at least one command');
  const balances: Record<string, number> = {};
  for (const event of events)
    for (const { account, amount } of post(event, state)?.lines ?? [])
      balances[account] = (balances[account] ?? 0) + amount;
  return {
    status: status(state),
    amounts: amounts(state),
    balances: Object.fromEntries(Object.entries(balances).filter(([, sum]) => sum !== 0)),
    movements: state.movements,
    disputes: Object.fromEntries((state.disputes ?? []).map((d) => [d.id, d.status])),
    exceptions: state.exceptions.map((x) => `${x.type} ${x.subject}`).sort(),
    waiting: (state.waiting ?? []).map((w) => w.key).sort(),
  };
}

/** Plays news one by one, as they arrive, and checks the bounds that the database holds after each. */
function hear(news: Command[], story: Story): Story {
  let { state } = story;
  const events = [...story.events];
  for (const command of news) {
    const decision = decide(command, state, story.context);
    if (!decision.ok) throw new Error(`a fact was refused: ${decision.code}`);
    state = decision.state;
    events.push(...decision.events);
    withinBounds(state);
  }
  return { ...story, state, events };
}

/** Time has come for a person to be told of facts that wait. */
const REPORT: Command = { type: 'report_waiting', receivedBy: '2026-01-03T00:00:00.000Z' };

function withReports(news: Command[]): Command[] {
  return news.flatMap((one, i) => (i % 2 === 0 ? [one, REPORT] : [one]));
}

function books(state: State | null): object {
  const [a] = state?.attempts ?? [];
  if (!a) throw new Error('a history has an attempt');
  const { captured, refunded, reversed, disputed } = a;
  return { captured, refunded, reversed, disputed, memo: memo(a) };
}

function withinBounds(state: State): void {
  for (const a of state.attempts) {
    const taken = a.captured + pendingCaptures(state, a);
    const given = a.refunded + pendingRefunds(state, a) + a.reversed + a.disputed;
    if (taken > a.authorized + a.capturedBeyond) throw new Error('capture-within-authorization');
    if (given > a.captured + a.refundedBeyond) throw new Error('refund-within-capture');
    if (Math.min(a.captured, a.refunded, a.reversed, a.disputed) < 0) throw new Error('an amount below zero');
  }
}

function brokenInvariants({ events, state }: Story): string[] {
  if (!state) return [];
  const stored = {
    events,
    journals: events.map((e) => post(e, state)),
    snapshot: JSON.stringify(state),
    timers: timers(state).map((t) => `${t.kind} ${t.subject}`),
  };
  return auditPayment(stored).flatMap((f) => (f.holds ? [] : [`${f.name}: ${f.detail}`]));
}

/** Orders of the news, each with some of it told again. */
function orders(news: Command[]): fc.Arbitrary<Command[][]> {
  const places = news.map((_, i) => i);
  const order = fc
    .tuple(fc.shuffledSubarray(places, { minLength: places.length }), fc.array(fc.nat(99), { maxLength: 4 }))
    .map(([order, again]) => repeated(order, again).flatMap((i) => news[i] ?? []));
  return fc.array(order, { minLength: ORDERS - 1, maxLength: ORDERS - 1 });
}

function repeated(order: number[], again: number[]): number[] {
  if (order.length === 0) return [];
  return again.reduce((list, n) => {
    const what = list[n % list.length] ?? 0;
    return [...list.slice(0, (n * 7) % (list.length + 1)), what, ...list.slice((n * 7) % (list.length + 1))];
  }, order);
}

function inOrders<H extends History>(of: fc.Arbitrary<H>): fc.Arbitrary<{ history: H; others: Command[][] }> {
  return of.chain((history) => orders(history.news).map((others) => ({ history, others })));
}

test('order-does-not-matter: any order and repetition of what a provider tells ends the same', () => {
  fc.assert(
    fc.property(inOrders(histories), ({ history: { beginning, news, truth }, others }) => {
      const inOrder = hear(news, play(beginning));
      expect(brokenInvariants(inOrder)).toEqual([]);
      expect(books(inOrder.state)).toEqual(truth);
      const expected = ending(inOrder);
      for (const other of others) {
        const story = hear(other, play(beginning));
        expect(ending(story)).toEqual(expected);
        expect(brokenInvariants(story)).toEqual([]);
      }
      const interrupted = hear([...withReports(others[0] ?? []), REPORT], play(beginning));
      expect(ending(interrupted)).toEqual(ending(hear([REPORT], inOrder)));
      expect(brokenInvariants(interrupted)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 180_000);

test('a movement id with two contents is one conflict for a person, whichever came first', () => {
  const contents = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 3 });
  const kinds = fc.constantFrom('captured' as const, 'refunded' as const, 'reversed' as const);
  fc.assert(
    fc.property(contents, kinds, fc.boolean(), (amountsTold, kind, otherKind) => {
      const news = amountsTold.map((amount, i) =>
        otherKind && i === 0
          ? told({ kind: 'refund_returned', movement: 'mv_1', of: 'mv_0', amount })
          : told({ kind, movement: 'mv_1', operation: null, amount }),
      );
      const refund = told({ kind: 'refunded', movement: 'mv_0', operation: null, amount: 50 });
      const conflicts = (order: Command[]) =>
        hear(order, play([createCommand()])).state?.exceptions.filter((x) => x.type === 'movement_conflict');
      const found = conflicts([...news, refund]);
      expect(found?.map((x) => x.subject)).toEqual(['mv_1']);
      for (const order of [
        [refund, ...news],
        [...news.toReversed(), refund, ...news],
        [...news, ...news, refund],
      ])
        expect(conflicts(order)?.map((x) => x.subject)).toEqual(['mv_1']);
    }),
    { numRuns: 300 },
  );
});

/** The provider's answers to what was asked for to give the money back. */
function answerReleases(story: Story, { sale, refused }: { sale: boolean; refused: boolean }): Story {
  const open = story.state ? unresolved(story.state) : [];
  const answers = open.flatMap((o) => {
    if (o.kind === 'refund' && !refused)
      return [outcome(o.id, approved(o.amount, { movement: 'mv_release' }))];
    if (o.kind === 'void' && !sale && !refused)
      return [outcome(o.id, approved(100, { movement: 'mv_void' }))];
    return o.kind === 'authorize' ? [] : [outcome(o.id, REJECTED)];
  });
  return answers.length === 0
    ? story
    : answerReleases(hear([...answers, ...answers], story), { sale, refused });
}

test('late-facts-count: a late success that nobody wants is given back once, in any order, however often told', () => {
  fc.assert(
    fc.property(
      inOrders(lateSuccesses),
      fc.boolean(),
      fc.boolean(),
      ({ history, others }, atOnce, refused) => {
        const fate = { sale: history.sale, refused };
        const endings = [history.news, ...others].map((order) => {
          const start = play(history.beginning);
          const heard = order.reduce(
            (story, one) => (atOnce ? answerReleases(hear([one], story), fate) : hear([one], story)),
            start,
          );
          const settled = answerReleases(heard, fate);
          const again = answerReleases(hear(history.news, settled), fate);
          const asked = again.events.slice(start.events.length).map((e) => e.type);
          expect(asked.filter((type) => type === 'void_requested').length).toBeLessThanOrEqual(1);
          expect(asked.filter((type) => type === 'refund_requested').length).toBe(history.sale ? 1 : 0);
          const first = again.state?.attempts[0];
          const held = first && [netCaptured(first), memo(first)];
          expect(held).toEqual(refused ? [history.sale ? 100 : 0, history.sale ? 0 : 100] : [0, 0]);
          expect(again.state && unresolved(again.state)).toEqual([]);
          const types = again.state?.exceptions.map((x) => x.type) ?? [];
          expect(types.includes('compensation_failed')).toBe(refused);
          expect(brokenInvariants(again)).toEqual([]);
          return ending(again);
        });
        for (const other of endings) expect(other).toEqual(endings[0]);
      },
    ),
    { numRuns: 1000 },
  );
}, 60_000);

test('what the provider captured without us is for a person, also after the payment was voided', () => {
  const voided = [createCommand(), { type: 'void', operation: 'op_void' } as const];
  const captured = told({ kind: 'captured', movement: 'mv_1', operation: null, amount: 100 });
  const approval = told({ kind: 'authorized', amount: 100, provider_reference: 'ch_1', details: null });
  const { events, state } = hear([captured, approval, captured, approval], play(voided));
  expect(events.some((e) => e.type === 'refund_requested')).toBe(false);
  expect(state?.exceptions.map((x) => `${x.type} ${x.subject}`)).toEqual(['unrequested_capture mv_1']);
});

test('a sale over less than was asked is for a person, and not refunded, whichever part is told first', () => {
  const approval = told({ kind: 'authorized', amount: 60, provider_reference: 'ch_1', details: null });
  const captured = told({ kind: 'captured', movement: 'mv_1', operation: null, amount: 60 });
  const answer = outcome('op_auth_1', approved(60, { captured: 60, movement: 'mv_1' }));
  const orders = [
    [approval, captured, answer],
    [captured, approval, answer],
    [answer, captured, approval],
    [approval, answer, captured],
  ];
  for (const order of orders) {
    const heard = hear([...order, ...order], play([createCommand({ capture: 'automatic' })]));
    const { events, state } = answerReleases(heard, { sale: true, refused: false });
    expect(events.some((e) => e.type === 'refund_requested')).toBe(false);
    expect(state && [status(state), amounts(state).captured]).toEqual(['captured', 60]);
    expect(state?.exceptions.map((x) => `${x.type} ${x.subject}`)).toEqual(['amount_mismatch att_1']);
  }
});

test('nothing-vanishes: a fact that waits too long is put before a person, until what it belongs to is told', () => {
  const returned = told({ kind: 'refund_returned', movement: 'mv_back', of: 'mv_ref', amount: 30 });
  const captured = told({ kind: 'captured', movement: 'mv_cap', operation: null, amount: 100 });
  const refunded = told({ kind: 'refunded', movement: 'mv_ref', operation: null, amount: 30 });
  const early: Command = { type: 'report_waiting', receivedBy: '2026-01-01T00:00:00.000Z' };
  const beginning = play([createCommand(), outcome('op_auth_1', approved())]);
  const waiting = (story: Story) =>
    story.state?.exceptions.filter((x) => x.type === 'waiting_too_long').map((x) => x.subject);
  const isTimed = (story: Story) => story.state && timers(story.state).some((t) => t.kind === 'waiting');

  const heard = hear([captured, returned, early], beginning);
  expect([waiting(heard), isTimed(heard)]).toEqual([[], true]);
  const reported = hear([REPORT, REPORT], heard);
  expect([waiting(reported), isTimed(reported)]).toEqual([['mv_back'], false]);
  const explained = hear([refunded], reported);
  expect([waiting(explained), isTimed(explained), explained.state?.waiting]).toEqual([[], false, []]);
});
