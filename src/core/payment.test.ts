import { describe, expect, test } from 'vitest';
import type { ErrorCode } from './errors.ts';
import type { Outcome } from './outcome.ts';
import {
  approved,
  CHALLENGE,
  captureOf,
  confirmWith,
  countingIds,
  createCommand,
  DECLINED,
  outcome,
  PENDING,
  play,
  refundOf,
  SITUATIONS,
  UNKNOWN,
  voidOf,
} from './payment/situations.ts';
import { isUnresolved, type State } from './payment/state.ts';
import { amounts, status } from './payment/summary.ts';
import { told } from './payment/told.test-support.ts';
import { type Command, decide } from './payment.ts';

const AUTHORIZED = SITUATIONS['authorised'] ?? [];
const CAPTURED = SITUATIONS['captured'] ?? [];
const CHALLENGED = SITUATIONS['challenge open'] ?? [];
const COMPLETING: Command[] = [
  ...CHALLENGED,
  { type: 'complete', attempt: 'att_1', round: 1, operation: 'op_c1' },
];

function given(commands: Command[]): State {
  const { state } = play(commands);
  if (!state) throw new Error('a story has at least one command');
  return state;
}

function typesAfter(given: Command[], when: Command): string[] {
  const story = play(given);
  return play([when], story)
    .events.slice(story.events.length)
    .map((event) => event.type);
}

function rejection(given: Command[], when: Command): ErrorCode | null {
  const { state, context } = play(given);
  const decision = decide(when, state, context);
  return decision.ok ? null : decision.code;
}

describe('status and amounts', () => {
  test.each([
    ['created, without a payment method', 'requires_payment_method'],
    ['created, with a payment method', 'requires_confirmation'],
    ['authorise being sent', 'processing'],
    ['authorise unknown', 'processing'],
    ['challenge open', 'requires_action'],
    ['challenge being replaced', 'processing'],
    ['declined', 'requires_payment_method'],
    ['authorised', 'authorized'],
    ['authorised, capture unknown', 'authorized'],
    ['captured in part', 'partially_captured'],
    ['captured', 'captured'],
    ['captured, refund unknown', 'captured'],
    ['refunded in full', 'captured'],
    ['voided', 'voided'],
    ['expired', 'expired'],
    ['given up', 'failed'],
  ])('a payment that is %s is %s', (situation, expected) => {
    expect(status(given(SITUATIONS[situation] ?? []))).toBe(expected);
  });

  test('a capture that is not resolved is not capturable again', () => {
    expect(amounts(given([...AUTHORIZED, captureOf(30, false)]))).toMatchObject({
      authorized: 100,
      capturable: 70,
      captured: 0,
    });
  });

  test('a refund that is not resolved is not refundable again', () => {
    expect(amounts(given([...CAPTURED, refundOf(60)]))).toMatchObject({
      captured: 100,
      refunded: 0,
      refundable: 40,
    });
  });

  test('a final capture of a part releases the rest', () => {
    const state = given([...AUTHORIZED, captureOf(40), outcome('op_cap_1', approved(40, { movement: 'm' }))]);
    expect([status(state), amounts(state).capturable]).toEqual(['captured', 0]);
  });
});

describe('rejections, in order of precedence', () => {
  const rows: [string, Command[], Command, ErrorCode][] = [
    [
      'confirming while an attempt is unknown',
      [createCommand(), outcome('op_auth_1', UNKNOWN)],
      confirmWith(2),
      'operation_unresolved',
    ],
    [
      'confirming while an attempt is pending',
      [createCommand(), outcome('op_auth_1', PENDING)],
      confirmWith(2),
      'operation_unresolved',
    ],
    [
      'confirming again without a new method while the customer is away',
      CHALLENGED,
      { ...confirmWith(2), newMethod: false } as Command,
      'customer_action_pending',
    ],
    ['confirming a captured payment', CAPTURED, confirmWith(2), 'payment_not_confirmable'],
    [
      'confirming without any method',
      [createCommand({ method: false, confirm: false })],
      { type: 'confirm', plan: null, newMethod: false, cancel: 'op_x' },
      'payment_method_missing',
    ],
    [
      'confirming after a decline with the declined method',
      SITUATIONS['declined'] ?? [],
      { ...confirmWith(2), newMethod: false } as Command,
      'payment_method_missing',
    ],
    [
      'capturing what is not authorised',
      [createCommand({ confirm: false })],
      captureOf(10),
      'payment_not_capturable',
    ],
    ['capturing more than is authorised', AUTHORIZED, captureOf(101), 'amount_exceeds_capturable'],
    [
      'capturing after a final capture that is under way',
      [...AUTHORIZED, captureOf(40)],
      captureOf(10, true, 2),
      'operation_unresolved',
    ],
    [
      'capturing under a new key while a capture is unknown',
      [...AUTHORIZED, captureOf(40, false), outcome('op_cap_1', UNKNOWN)],
      captureOf(10, true, 2),
      'operation_unresolved',
    ],
    [
      'capturing while a void is unresolved',
      [...AUTHORIZED, voidOf()],
      captureOf(10),
      'operation_unresolved',
    ],
    ['capturing a captured payment', CAPTURED, captureOf(1, true, 2), 'payment_not_capturable'],
    ['voiding a captured payment', CAPTURED, voidOf(), 'payment_already_captured'],
    ['voiding a voided payment', SITUATIONS['voided'] ?? [], voidOf(2), 'payment_already_voided'],
    [
      'voiding while a capture is unresolved',
      [...AUTHORIZED, captureOf(40)],
      voidOf(),
      'operation_unresolved',
    ],
    ['refunding what is only authorised', AUTHORIZED, refundOf(10), 'payment_not_refundable'],
    ['refunding more than was captured', CAPTURED, refundOf(101), 'amount_exceeds_refundable'],
    [
      'refunding more than is left',
      [...CAPTURED, refundOf(60)],
      refundOf(41, 2),
      'amount_exceeds_refundable',
    ],
    [
      'refunding under a new key while a refund is unknown',
      SITUATIONS['captured, refund unknown'] ?? [],
      refundOf(10, 2),
      'operation_unresolved',
    ],
    [
      'refunding what is refunded already',
      SITUATIONS['refunded in full'] ?? [],
      refundOf(null, 2),
      'amount_exceeds_refundable',
    ],
    [
      'completing a round twice',
      [...CHALLENGED, { type: 'complete', attempt: 'att_1', round: 1, operation: 'op_c' }],
      { type: 'complete', attempt: 'att_1', round: 1, operation: 'op_d' },
      'nothing_to_complete',
    ],
    [
      'giving up a payment that is paid',
      CAPTURED,
      { type: 'expire', operation: 'op_e' },
      'nothing_to_expire',
    ],
  ];
  test.each(rows)('%s is rejected', (_, given, when, code) => {
    expect(rejection(given, when)).toBe(code);
  });
});

describe('unknown-needs-evidence', () => {
  const unknown = [createCommand(), outcome('op_auth_1', UNKNOWN)];

  test('a repetition that was refused at the door leaves a sent operation unknown', () => {
    const refused = outcome('op_auth_1', { kind: 'not_sent', evidence: 'rate_limited', reason: '429' });
    expect(typesAfter(unknown, refused)).toEqual(['operation_unknown']);
    expect(status(given([...unknown, refused]))).toBe('processing');
  });

  test('the provider’s own word that it never saw the operation ends it', () => {
    const never = outcome('op_auth_1', { kind: 'not_sent', evidence: 'lookup', reason: 'no trace' });
    expect(typesAfter(unknown, never)).toEqual(['authorization_failed']);
  });

  test('a first call that was refused at the door is not sent', () => {
    const refused = outcome('op_auth_1', { kind: 'not_sent', evidence: 'connection_refused', reason: '' });
    expect(status(given([createCommand(), refused]))).toBe('requires_payment_method');
  });

  test('a look-up that could not be made adds nothing to the history', () => {
    expect(
      typesAfter(unknown, outcome('op_auth_1', { kind: 'unknown', reason: 'lookup_unavailable' })),
    ).toEqual([]);
  });
});

describe('late facts count', () => {
  test('an outcome that is told twice happens once', () => {
    expect(typesAfter(AUTHORIZED, outcome('op_auth_1', approved()))).toEqual([]);
    expect(typesAfter(CAPTURED, outcome('op_cap_1', approved(100, { movement: 'mv_cap_1' })))).toEqual([]);
  });

  test('an approval after a decline is adopted when nothing else was paid', () => {
    const state = given([...(SITUATIONS['declined'] ?? []), outcome('op_auth_1', approved())]);
    expect(status(state)).toBe('authorized');
  });

  test('an approval after another attempt was paid is voided', () => {
    const paid = [
      ...(SITUATIONS['declined'] ?? []),
      confirmWith(2),
      outcome('op_auth_2', approved(100, { reference: 'ch_2' })),
    ];
    expect(typesAfter(paid, outcome('op_auth_1', approved()))).toEqual([
      'authorization_approved',
      'exception_raised',
      'void_requested',
    ]);
  });

  test('a sale that comes late after another attempt was paid is refunded in full, once', () => {
    const paid = [
      createCommand({ capture: 'automatic' }),
      outcome('op_auth_1', DECLINED),
      confirmWith(2, 'automatic'),
      outcome('op_auth_2', approved(100, { captured: 100, movement: 'm2', reference: 'ch_2' })),
    ];
    const late = outcome('op_auth_1', approved(100, { captured: 100, movement: 'm1' }));
    expect(typesAfter(paid, late)).toEqual([
      'authorization_approved',
      'exception_raised',
      'capture_succeeded',
      'refund_requested',
    ]);
    expect(typesAfter([...paid, late], late)).toEqual([]);
  });

  test('a void while the authorisation is unresolved voids the approval that comes late', () => {
    const wished = SITUATIONS['authorise unknown, void wished'] ?? [];
    expect(typesAfter(wished, outcome('op_auth_1', approved()))).toEqual([
      'authorization_approved',
      'void_requested',
    ]);
    expect(status(given([...wished, outcome('op_auth_1', DECLINED)]))).toBe('voided');
  });

  test('a release that is turned away at the door is not given up', () => {
    const wished = [
      ...(SITUATIONS['authorise unknown, void wished'] ?? []),
      outcome('op_auth_1', approved()),
    ];
    const release = play(wished).state?.operations.at(-1)?.id ?? '';
    const turnedAway = outcome(release, { kind: 'not_sent', evidence: 'rate_limited', reason: '429' });
    expect(typesAfter(wished, turnedAway)).toEqual(['operation_unknown']);
    const later = outcome(release, approved(100, { movement: 'v' }));
    expect(status(given([...wished, turnedAway, later]))).toBe('voided');
  });

  test('the same movement id with another amount is a conflict for a person', () => {
    const types = typesAfter(CAPTURED, outcome('op_cap_1', approved(99, { movement: 'mv_cap_1' })));
    expect(types).toEqual(['exception_raised']);
  });

  test('a total tells only what no movement explains', () => {
    const total = (amount: number, version: string): Command => ({
      type: 'record_fact',
      fact: {
        kind: 'refunded_total',
        attempt: 'att_1',
        amount,
        version,
        provider_at: null,
        received_at: null,
      },
    });
    const story = [...CAPTURED, refundOf(30), outcome('op_ref_1', approved(30, { movement: 'r1' }))];
    expect(typesAfter(story, total(30, 'v1'))).toEqual([]);
    expect(typesAfter(story, total(50, 'v2'))).toEqual(['refund_succeeded', 'exception_raised']);
    expect(amounts(given([...story, total(50, 'v2'), total(50, 'v2'), total(30, 'v1')])).refunded).toBe(50);
  });
});

describe('amounts that differ', () => {
  test('an approval for less than asked is voided', () => {
    expect(typesAfter([createCommand()], outcome('op_auth_1', approved(60)))).toEqual([
      'authorization_approved',
      'void_requested',
    ]);
  });

  test('an approval for less than asked stands where the merchant allows it', () => {
    const state = given([createCommand({ partial: true }), outcome('op_auth_1', approved(60))]);
    expect([status(state), amounts(state).capturable]).toEqual(['authorized', 60]);
  });

  test('a provider that takes more than asked is recorded as it did, and a person is told', () => {
    const sale = [
      createCommand({ capture: 'automatic' }),
      outcome('op_auth_1', approved(101, { captured: 101, movement: 'm' })),
    ];
    const state = given(sale);
    expect(amounts(state)).toMatchObject({ authorized: 101, captured: 101 });
    expect(state.exceptions.map((x) => x.type)).toEqual(['amount_mismatch']);
  });
});

describe('a second attempt in another tab', () => {
  const replacing = SITUATIONS['challenge being replaced'] ?? [];
  const REFUSED: Outcome = {
    kind: 'rejected',
    raw_code: 'void_after_capture',
    message: '',
    provider_reference: null,
  };

  test('starts once the provider has confirmed that the first one is over', () => {
    expect(typesAfter(CHALLENGED, confirmWith(2))).toEqual(['attempt_abandoned', 'void_requested']);
    expect(typesAfter(replacing, outcome('op_cancel_2', approved(0, { movement: 'v' })))).toEqual([
      'authorization_voided',
      'attempt_started',
    ]);
  });

  test('never starts when the first one was paid after all', () => {
    const refused = outcome('op_cancel_2', REFUSED);
    const late = outcome('op_auth_1', approved());
    expect(typesAfter([...replacing, refused], late)).toEqual(['authorization_approved']);
    const state = given([...replacing, refused, late]);
    expect([status(state), state.attempts.length]).toEqual(['authorized', 1]);
  });

  test('never starts when the money of the first one came before its cancel was refused', () => {
    const sale = [createCommand({ capture: 'automatic' }), outcome('op_auth_1', CHALLENGE)];
    const sold = outcome('op_auth_1', approved(100, { captured: 100, movement: 'cap_x' }));
    const paid = [...sale, confirmWith(2, 'automatic'), sold];
    expect(typesAfter(paid, outcome('op_cancel_2', REFUSED))).toEqual(['void_failed', 'attempt_adopted']);
    const state = given([...paid, outcome('op_cancel_2', REFUSED)]);
    expect([status(state), state.attempts.length, state.refunds.length]).toEqual(['captured', 1, 0]);
  });

  test('is put before a person while the first one is neither decided nor cancelled', () => {
    const report: Command = { type: 'report_unresolved', operation: 'op_auth_1' };
    const refused = [...replacing, outcome('op_cancel_2', REFUSED)];
    const exceptions = (...commands: Command[]) => given(commands).exceptions.map((x) => x.type);
    expect(exceptions(...CHALLENGED, report)).toEqual([]);
    expect(exceptions(...refused, report)).toEqual(['unresolved_too_long']);
    expect(exceptions(...refused, report, outcome('op_auth_1', DECLINED))).toEqual([]);
  });

  test('waits while the cancel is unknown', () => {
    expect(rejection([...replacing, outcome('op_cancel_2', UNKNOWN)], confirmWith(3))).toBe(
      'operation_unresolved',
    );
  });
});

test('the release of a challenge that was given up, and that never reached the provider, is asked for again', () => {
  const givenUp: Command[] = [...CHALLENGED, { type: 'expire', operation: 'op_give_up' }];
  const lost = outcome('op_give_up', { kind: 'not_sent', evidence: 'lookup', reason: 'no trace' });
  expect(typesAfter(givenUp, lost)).toEqual(['void_failed', 'void_requested']);
  expect(status(given([...givenUp, lost]))).toBe('processing');
});

test('of a card’s number nothing is kept but its first digits and its last four, whatever a provider tells', () => {
  const known = {
    authorization_code: null,
    avs_result: null,
    cvc_result: null,
    eci: null,
    network_transaction_id: null,
  };
  const detailsAfter = (bin: string, last4: string) =>
    given([
      createCommand(),
      outcome('op_auth_1', { ...approved(), details: { ...known, bin, last4 } } as Outcome),
    ]).attempts[0]?.details;
  expect(detailsAfter('424242', '4242')).toEqual({ ...known, bin: '424242', last4: '4242' });
  expect(detailsAfter('4242424242424242', '**** 4242')).toEqual({ ...known, bin: null, last4: null });
});

describe('a release that never reached the provider', () => {
  const lost = (operation: string) =>
    outcome(operation, { kind: 'not_sent', evidence: 'lookup', reason: 'no trace' });
  const unknown = (capture: 'manual' | 'automatic') => [
    createCommand({ capture }),
    outcome('op_auth_1', UNKNOWN),
  ];
  const unwantedHold = [...unknown('manual'), voidOf(), outcome('op_auth_1', approved())];
  const unwantedSale = [
    ...unknown('automatic'),
    voidOf(),
    outcome('op_auth_1', approved(100, { captured: 100, movement: 'cap_x' })),
  ];
  const release = (story: Command[]) => given(story).operations.at(-1)?.id ?? '';

  test.each([
    ['void', unwantedHold, 'void_failed', 'void_requested'],
    ['refund', unwantedSale, 'refund_failed', 'refund_requested'],
  ] as const)('%s: is asked for again', (_, story, failed, requested) => {
    expect(typesAfter(story, lost(release(story)))).toEqual([failed, requested]);
  });

  test('so often, and then a person is asked', () => {
    let story: Command[] = [...unwantedSale];
    for (let n = 1; n < 10; n += 1) story = [...story, lost(release(story))];
    expect(given(story).exceptions).toEqual([]);
    expect(typesAfter(story, lost(release(story)))).toEqual(['refund_failed', 'exception_raised']);
  });
});

test('a payment exists once', () => {
  expect(decide(createCommand(), given(AUTHORIZED), countingIds())).toEqual({
    ok: false,
    code: 'payment_exists',
  });
});

test('an approval that is found by asking about the challenge ends the completion that is under way', () => {
  const found = outcome('op_auth_1', approved(100));
  expect(typesAfter(COMPLETING, found)).toEqual(['authorization_approved']);
  expect(given([...COMPLETING, found]).operations.filter(isUnresolved)).toEqual([]);
  expect(typesAfter([...COMPLETING, found], outcome('op_c1', approved(100)))).toEqual([]);
});

test('so does a refusal that is found by asking', () => {
  const found = outcome('op_auth_1', DECLINED);
  expect(typesAfter(COMPLETING, found)).toEqual(['authorization_failed']);
  expect(given([...COMPLETING, found]).operations.filter(isUnresolved)).toEqual([]);
  expect(typesAfter([...COMPLETING, found], outcome('op_c1', DECLINED))).toEqual([]);
});

test('a challenge may ask for another round', () => {
  expect(given([...COMPLETING, outcome('op_c1', CHALLENGE)]).attempts[0]?.action?.round).toBe(2);
});

describe('facts that come before what they belong to', () => {
  const returned = told({ kind: 'refund_returned', movement: 'mv_back', of: 'mv_ref', amount: 40 });
  const refunded = told({ kind: 'refunded', movement: 'mv_ref', operation: null, amount: 40 });

  test('a return waits for its refund, once, and is applied with it', () => {
    expect(typesAfter(CAPTURED, returned)).toEqual(['fact_waiting']);
    expect(typesAfter([...CAPTURED, returned], returned)).toEqual([]);
    expect(typesAfter([...CAPTURED, returned], refunded)).toEqual([
      'refund_succeeded',
      'exception_raised',
      'fact_resumed',
      'refund_returned',
    ]);
    expect(given([...CAPTURED, returned, refunded]).waiting).toEqual([]);
  });

  test('what waited keeps the times that it was told with', () => {
    const early = { ...returned, fact: { ...returned.fact, provider_at: '2026-03-05T00:00:00.000Z' } };
    const last = play([...CAPTURED, early, refunded]).events.at(-1);
    expect([last?.type, last?.provider_at]).toEqual(['refund_returned', '2026-03-05T00:00:00.000Z']);
  });

  test('a total waits for a capture of ours that it may tell of', () => {
    const asked = [...AUTHORIZED, captureOf(100)];
    const total = told({ kind: 'captured_total', amount: 100, version: 'v1' });
    expect(typesAfter(asked, total)).toEqual(['fact_waiting']);
    const answer = outcome('op_cap_1', approved(100, { movement: 'mv_cap_1' }));
    expect(typesAfter([...asked, total], answer)).toEqual(['capture_succeeded', 'fact_resumed']);
  });

  test('so many wait, and no more: what comes beyond is for a person', () => {
    const many = Array.from({ length: 101 }, (_, i) => told({ kind: 'dispute_won', dispute: `dp_${i}` }));
    const state = given([...CAPTURED, ...many]);
    expect(state.waiting?.length).toBe(100);
    expect(state.exceptions.map((x) => x.subject)).toEqual(['dp_100/dispute_won']);
  });
});

describe('disputes', () => {
  const opened = told({ kind: 'disputed', dispute: 'dp_1', amount: 60 });

  test('what is disputed or lost is not refundable; what was won is again', () => {
    const refundable = (...more: Command[]) => amounts(given([...CAPTURED, opened, ...more])).refundable;
    expect(refundable()).toBe(40);
    expect(refundable(told({ kind: 'dispute_lost', dispute: 'dp_1' }))).toBe(40);
    expect(refundable(told({ kind: 'dispute_won', dispute: 'dp_1' }))).toBe(100);
  });

  test('told again it is the same dispute; with another amount it is a conflict', () => {
    expect(typesAfter([...CAPTURED, opened], opened)).toEqual([]);
    const other = told({ kind: 'disputed', dispute: 'dp_1', amount: 61 });
    expect(typesAfter([...CAPTURED, opened], other)).toEqual(['exception_raised']);
  });
});

test('a capture that a provider listed before it answered ours becomes ours, and nobody needs to look', () => {
  const listed = told({ kind: 'captured', movement: 'mv_1', operation: null, amount: 100 });
  const state = given([
    ...AUTHORIZED,
    captureOf(100),
    listed,
    outcome('op_cap_1', approved(100, { movement: 'mv_1' })),
  ]);
  expect(amounts(state)).toMatchObject({ captured: 100, capturable: 0 });
  expect(state.captures.find((c) => c.id === 'cap_1')).toMatchObject({
    status: 'succeeded',
    movement: 'mv_1',
  });
  expect([state.exceptions, state.operations.filter(isUnresolved)]).toEqual([[], []]);
});

test('a fact of an operation that this payment never had is recorded all the same', () => {
  const strange = told({ kind: 'captured', movement: 'mv_1', operation: 'op_of_another', amount: 40 });
  expect(typesAfter(AUTHORIZED, strange)).toEqual(['capture_succeeded', 'exception_raised']);
});

test('what was unresolved for so long that a person was told is no question once it has ended', () => {
  const unresolved = [
    ...CAPTURED,
    refundOf(40),
    { type: 'report_unresolved', operation: 'op_ref_1' },
  ] as const;
  expect(given([...unresolved]).exceptions).toMatchObject([{ type: 'unresolved_too_long' }]);
  expect(typesAfter([...unresolved], outcome('op_ref_1', UNKNOWN))).toEqual(['operation_unknown']);
  const ended = outcome('op_ref_1', approved(40, { movement: 'mv_1' }));
  expect(typesAfter([...unresolved], ended)).toEqual(['refund_succeeded', 'exception_withdrawn']);
});
