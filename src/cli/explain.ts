/** `truepenny explain pay_…`: the explanation of a payment, for people. Asks the running API. */

import { join } from 'node:path';
import { isId } from '../core/ids.ts';
import { formatMoney } from '../core/money.ts';
import { readArguments, refuseMore } from './arguments.ts';
import { configuration, Problem, WrongUse } from './context.ts';
import { read } from './credentials.ts';

type Explanation = {
  payment: { id: string; status: string; currency: string };
  customer: { message: string };
  internal: {
    version: number;
    what: string;
    provider_at: string | null;
    received_at: string | null;
    recorded_at: string;
    told_by: string | null;
  }[];
  provider: {
    operation: string;
    endpoint: string;
    key: string;
    http_status: number | null;
    raw_code: string | null;
    duration_ms: number;
    outcome: string;
    request?: Exchanged;
    response?: Exchanged;
  }[];
  webhooks: { id: string; event_id: string; received_at: string; state: string | null }[];
  money: {
    currency: string;
    journals: { rule: string; entries: { account: string; amount: number }[] }[];
    open: { account: string; balance: number }[];
  };
  waiting: { for: string; next_at: string; tries: number; last_result: string | null }[];
  invariants: { name: string; holds: boolean; detail: string | null }[];
};

type Exchanged = Record<string, unknown> | null;

const USAGE = 'Usage: truepenny explain pay_…';

export async function run(args: string[]): Promise<number> {
  const [payment, ...more] = readArguments(args, USAGE, {}).positionals;
  if (payment === undefined || !isId('payment', payment)) throw new WrongUse('Which payment?', USAGE);
  refuseMore(more, USAGE);
  const explanation = await fetchExplanation(payment);
  for (const line of linesOf(explanation)) console.log(line);
  return explanation.invariants.every((i) => i.holds) ? 0 : 1;
}

async function fetchExplanation(payment: string): Promise<Explanation> {
  const config = configuration();
  const key =
    process.env['TRUEPENNY_SECRET_KEY'] ?? read(join(config.dataDir, 'credentials.json'))?.secretKey;
  if (!key) throw new Problem('There is no API key.', 'Run npm start once, or set TRUEPENNY_SECRET_KEY.');
  const url = `${config.publicUrl}/v1/payments/${payment}/explain`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } }).catch(() => null);
  if (answer === null)
    throw new Problem(
      `The API at ${config.publicUrl} does not answer.`,
      'Start it with npm start, or set TRUEPENNY_PUBLIC_URL.',
    );
  const body = (await answer.json()) as Explanation & { title?: string; detail?: string };
  if (!answer.ok) throw new Problem(body.title ?? `The API answered ${answer.status}.`, body.detail ?? '');
  return body;
}

export function linesOf(e: Explanation): string[] {
  const { currency } = e.money;
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency });
  return [
    `${e.payment.id}  ${e.payment.status}`,
    '',
    `Tell the customer: ${e.customer.message}`,
    ...section(
      'What happened',
      e.internal.map(
        (i) =>
          `${String(i.version).padStart(3)}  ${timesOf(i)}  ${i.what}${i.told_by ? ` (told by ${i.told_by})` : ''}`,
      ),
    ),
    ...section(
      'What the provider was asked',
      e.provider.flatMap((c) => [
        `${c.endpoint}  key ${c.key}  → ${c.http_status ?? 'no answer'}${c.raw_code ? ` code ${c.raw_code}` : ''}  ${Math.round(c.duration_ms)} ms  ${c.outcome}`,
        ...exchanged('asked', c.request),
        ...exchanged('answered', c.response),
      ]),
    ),
    ...section(
      'What the provider told by itself',
      e.webhooks.map((w) => `${w.id}  ${w.received_at}  ${w.event_id}  ${w.state ?? 'received'}`),
    ),
    ...section(
      'Where the money went',
      e.money.journals.flatMap((j) =>
        j.entries.map(
          (l, i) =>
            `${(i === 0 ? j.rule : '').padEnd(24)} ${l.amount > 0 ? 'debit ' : 'credit'} ${l.account.padEnd(32)} ${money(Math.abs(l.amount))}`,
        ),
      ),
    ),
    ...section(
      'Still open',
      e.money.open.map((o) => `${o.account.padEnd(32)} ${money(o.balance)}`),
    ),
    ...section(
      'Waiting for',
      e.waiting.map(
        (w) =>
          `${w.for}; next at ${w.next_at}${w.tries > 0 ? `, tried ${w.tries} times: ${w.last_result ?? ''}` : ''}`,
      ),
    ),
    ...section(
      'Invariants',
      e.invariants.map((i) => `${i.holds ? 'holds ' : 'BROKEN'} ${i.name}${i.detail ? `: ${i.detail}` : ''}`),
    ),
  ];
}

function exchanged(what: string, fields: Exchanged | undefined): string[] {
  const told = Object.entries(fields ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return told.length === 0 ? [] : [`    ${what}: ${told.join(', ')}`];
}

/** Recorded always; by the provider's clock and when it reached us, where that is known. */
function timesOf({ recorded_at, received_at, provider_at }: Explanation['internal'][number]): string {
  const more = [
    provider_at ? `provider ${provider_at.slice(11, 23)}` : '',
    received_at ? `received ${received_at.slice(11, 23)}` : '',
  ].filter(Boolean);
  return more.length > 0 ? `${recorded_at} (${more.join(', ')})` : recorded_at;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
