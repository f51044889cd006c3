/** What the clients asked for and were told: append-only, the other side of the check at the end. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Client, Payment } from '../support/client.ts';
import type { Random } from '../support/random.ts';

export type StepKind = 'sale' | 'reserve' | 'confirm' | 'capture' | 'refund' | 'void';

export type Step = {
  kind: StepKind;
  key: string;
  /** The payment it is about; of a new one, what the answer said. */
  payment: string | null;
  amount: number;
  /** Every answer that counts, in the order in which they came; all must be the same. */
  answers: { status: number; text: string }[];
  /** How often it was sent, and how often that came to nothing. */
  sent: number;
};

export type History = {
  steps: Step[];
  /** What was read of a payment: what was once captured or given back stays so. */
  seen: { payment: string; captured: number; refunded: number }[];
  /** Refunds that somebody made in the provider's dashboard, and that the provider acknowledged. */
  dashboard: { payment: string; amount: number }[];
};

export type Sending = {
  history: History;
  random: Random;
  apis: Client[];
  /** Set when the clients shall come to an end: nothing new is begun. */
  stopping: AbortSignal;
};

const PATIENCE_MS = 120_000;
const PAUSE_MS = 60;

/** Sends a request with one key until it has an answer that counts, at whichever process. */
export async function ask(
  sending: Sending,
  step: Pick<Step, 'kind' | 'payment' | 'amount'>,
  send: (api: Client, key: string) => Promise<Answer<unknown>>,
): Promise<Answer<unknown>> {
  const { history, random, apis } = sending;
  const recorded: Step = {
    ...step,
    key: `chaos-${history.steps.length}-c${random.between(0, 999_999)}`,
    answers: [],
    sent: 0,
  };
  history.steps.push(recorded);
  const once = () => untilAnswered(recorded, () => send(random.pick(apis), recorded.key));
  const answer = await once();
  if (random.chance(0.3)) await once();
  note(history, recorded, answer.body);
  return answer;
}

async function untilAnswered(step: Step, send: () => Promise<Answer<unknown>>): Promise<Answer<unknown>> {
  const until = performance.now() + PATIENCE_MS;
  let last = 'nothing';
  while (performance.now() < until) {
    step.sent += 1;
    const answer = await send().catch((error: Error) => error);
    if (!(answer instanceof Error) && counts(answer)) {
      step.answers.push({ status: answer.status, text: answer.text });
      return answer;
    }
    last = answer instanceof Error ? answer.message : `${answer.status} ${answer.text}`;
    await delay(PAUSE_MS);
  }
  throw new Error(`${step.kind} ${step.key} was not answered within ${PATIENCE_MS / 1000} s; last: ${last}`);
}

/** Not an answer: what asks for the same request with the same key once more, in a moment. */
function counts({ status, body }: Answer<unknown>): boolean {
  const { code = '' } = (body ?? {}) as { code?: string };
  return status < 500 && status !== 429 && !['idempotency_key_in_use', 'stream_busy'].includes(code);
}

function note(history: History, step: Step, body: unknown): void {
  const payment = body as Partial<Payment> & { object?: string };
  if (payment.object !== 'payment' || payment.id === undefined) return;
  step.payment ??= payment.id;
  const { amount_captured: captured = 0, amount_refunded: refunded = 0 } = payment;
  history.seen.push({ payment: payment.id, captured, refunded });
}
