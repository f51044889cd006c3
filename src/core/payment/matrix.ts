/** The published matrix: what each command and each fact does in each situation, asked of `decide` itself. */

import { decline } from '../declines.ts';
import { type Command, decide } from '../payment.ts';
import type { Fact } from './commands.ts';
import { captureOf, confirmWith, play, refundOf, SITUATIONS, voidOf } from './situations.ts';
import { unresolved } from './state.ts';
import { status } from './summary.ts';

const TIMES = { provider_at: null, received_at: null };
const REFUSED = { decline: null, raw_code: 'refused' };

const COMMANDS: Readonly<Record<string, Command>> = {
  'confirm with a new method': confirmWith(9),
  'complete round 1': { type: 'complete', attempt: 'att_1', round: 1, operation: 'op_9' },
  'capture 40': captureOf(40, true, 9),
  void: voidOf(9),
  'refund 40': refundOf(40, 9),
  expire: { type: 'expire', operation: 'op_9' },
};

const FACTS: Readonly<Record<string, Fact>> = {
  'authorised 100': {
    kind: 'authorized',
    attempt: 'att_1',
    amount: 100,
    provider_reference: 'ch_1',
    details: null,
    ...TIMES,
  },
  declined: {
    kind: 'declined',
    attempt: 'att_1',
    decline: decline('generic', '05'),
    provider_reference: 'ch_1',
    ...TIMES,
  },
  'captured 100 (new id)': {
    kind: 'captured',
    attempt: 'att_1',
    movement: 'mv_9',
    operation: null,
    amount: 100,
    ...TIMES,
  },
  'voided 100': { kind: 'voided', attempt: 'att_1', amount: 100, ...TIMES },
  'refunded 30 (new id)': {
    kind: 'refunded',
    attempt: 'att_1',
    movement: 'mv_8',
    operation: null,
    amount: 30,
    ...TIMES,
  },
  expired: { kind: 'expired', attempt: 'att_1', ...TIMES },
  'captured 100 in total': {
    kind: 'captured_total',
    attempt: 'att_1',
    amount: 100,
    version: '9',
    ...TIMES,
  },
  'reversed 30': { kind: 'reversed', attempt: 'att_1', movement: 'mv_7', amount: 30, ...TIMES },
  'refund that is not known returned': {
    kind: 'refund_returned',
    attempt: 'att_1',
    movement: 'mv_6',
    of: 'mv_5',
    amount: 30,
    ...TIMES,
  },
  'capture failed': {
    kind: 'capture_failed',
    attempt: 'att_1',
    operation: 'op_cap_1',
    movement: null,
    ...REFUSED,
    ...TIMES,
  },
  'refund failed': {
    kind: 'refund_failed',
    attempt: 'att_1',
    operation: 'op_ref_1',
    movement: null,
    ...REFUSED,
    ...TIMES,
  },
  'void failed': {
    kind: 'void_failed',
    attempt: 'att_1',
    operation: 'op_void_1',
    ...REFUSED,
    ...TIMES,
  },
  'disputed 30': { kind: 'disputed', attempt: 'att_1', dispute: 'dp_9', amount: 30, ...TIMES },
  'dispute that is not known lost': {
    kind: 'dispute_lost',
    attempt: 'att_1',
    dispute: 'dp_8',
    ...TIMES,
  },
};

export function matrixMarkdown(): string {
  const facts = Object.fromEntries(
    Object.entries(FACTS).map(([name, fact]): [string, Command] => [name, { type: 'record_fact', fact }]),
  );
  return [
    '# What happens when: the payment matrix',
    '',
    'Each row is a situation, reached by real commands (`src/core/payment/situations.ts`); each cell is what `decide`',
    'answers there: the events that happen, or the code of the rejection, which changes nothing. A dash means that',
    'it is true already, or says nothing new.',
    '',
    '## Commands',
    '',
    ...table(COMMANDS),
    '',
    '## Facts that a provider tells',
    '',
    'A fact is never refused. An event `exception_raised` means that a person sees it; `fact_waiting`, that it is',
    'kept until what it belongs to is known.',
    '',
    ...table(facts),
  ].join('\n');
}

function table(columns: Readonly<Record<string, Command>>): string[] {
  const names = Object.keys(columns);
  const rows = Object.keys(SITUATIONS).map((situation) => {
    const { state } = play(SITUATIONS[situation] ?? []);
    const now = state ? status(state) : '';
    const open = state
      ? unresolved(state)
          .map((o) => `${o.kind} ${o.status}`)
          .join(', ')
      : '';
    return `| ${situation} | \`${now}\` | ${open || '–'} | ${names.map((name) => cell(situation, columns[name])).join(' | ')} |`;
  });
  return [
    `| situation | status | unresolved | ${names.join(' | ')} |`,
    `|${'---|'.repeat(names.length + 3)}`,
    ...rows,
  ];
}

function cell(situation: string, command: Command | undefined): string {
  const { state, context } = play(SITUATIONS[situation] ?? []);
  if (!command || !state) return '';
  // A fact about an attempt needs the attempt: nobody tells of one that was never made.
  if (command.type === 'record_fact' && state.attempts.length === 0) return 'no attempt';
  const decision = decide(command, state, context);
  if (!decision.ok) return `✗ \`${decision.code}\``;
  return decision.events.map((event) => `\`${event.type}\``).join(' ') || '–';
}
