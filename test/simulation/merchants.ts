/** Merchants and their customers: who ask, ask again, click twice, give up and come back. */

import type { MoneyRequest, Principal } from '../../src/features/payments/types.ts';
import type { Reply } from '../../src/flow/caller.ts';
import { newTrace } from '../../src/ops/trace.ts';
import type { Random } from '../support/random.ts';
import type { Model } from './model.ts';
import type { Process } from './process.ts';
import type { Simulation } from './simulation.ts';
import type { Answer, Kind, Step } from './steps.ts';
import { isExpected, surprise } from './surprises.ts';
import { inTime } from './waiting.ts';

/** Percentages of the chances that a merchant has to do so. */
export type Habits = {
  doubleClick: number;
  giveUp: number;
  newKey: number;
  concurrent: number;
  /** Asks the same again within a day, though there was an answer. */
  askAgain: number;
};

const MOST_TRIES = 300;
const TIMEOUT_MS = 35_000;
const DAY_MS = 86_400_000;
const NOT_FINAL = ['idempotency_key_in_use', 'stream_busy', 'overloaded', 'database_unavailable'];

export type Merchant = {
  simulation: Simulation;
  principal: Principal;
  habits: Habits;
  model: Model;
  /** Of the payment's life, for what only this one draws. */
  number: number;
  random: Random;
  /** Intents until now. */
  asked: number;
};

/** Asks until there is an answer for good; null when the merchant gives up. */
export async function ask(
  merchant: Merchant,
  kind: Kind,
  input: object,
  payment: string | null,
): Promise<Answer | null> {
  const { simulation, random, habits, number, model } = merchant;
  const key = `${number}-${kind}-${merchant.asked}`;
  merchant.asked += 1;
  const step: Step = {
    life: number,
    kind,
    key,
    payment,
    input,
    askedAtMs: simulation.scheduler.now(),
    answers: [],
  };
  simulation.history.push(step);
  model.asked(step);
  for (let tries = 0; ; tries += 1) {
    const twice = random.between(1, 100) <= habits.doubleClick;
    const answers = await Promise.all([once(merchant, step), ...(twice ? [once(merchant, step)] : [])]);
    const final = answers.find((answer) => answer !== null);
    if (final !== undefined) {
      if (random.between(1, 100) <= habits.askAgain) void again(merchant, step);
      return final;
    }
    if (tries > 0 && random.between(1, 100) <= habits.giveUp) return null;
    if (tries > MOST_TRIES) {
      simulation.findings.push({
        invariant: 'one-key-one-effect',
        payment,
        what: `${key} never got an answer`,
      });
      return null;
    }
    await pause(merchant, waitOf(random, tries));
  }
}

/** By then the payment has mostly moved on: the answer is the one of then. */
async function again(merchant: Merchant, step: Step): Promise<void> {
  await pause(merchant, merchant.random.between(1_000, DAY_MS));
  await once(merchant, step);
}

function waitOf(random: Random, tries: number): number {
  return random.chance(0.05)
    ? random.between(60_000, 6 * 3600_000)
    : random.between(500, 2_000 * (tries + 1));
}

export function pause({ simulation: { scheduler, world } }: Merchant, ms: number): Promise<void> {
  return scheduler.sleep(world, ms);
}

/** Null for what is no answer for good: asked again with the same key. */
async function once(merchant: Merchant, step: Step): Promise<Answer | null> {
  const process = anyProcess(merchant);
  if (process === null) return null;
  const { scheduler, world, findings } = merchant.simulation;
  const asking = call(process, merchant.principal, step).then(
    (reply) => reply,
    (error: unknown) => {
      if (!isExpected(error)) findings.push(surprise(error, step.key));
      return null;
    },
  );
  const reply = await inTime(scheduler, world, TIMEOUT_MS, asking);
  if (reply === null) return null;
  const answer = answerOf(reply);
  if (answer.status >= 500 || NOT_FINAL.includes(answer.code ?? '')) return null;
  step.answers.push(answer);
  scheduler.note(world, `${step.key} ${answer.status} ${answer.text}`);
  const what = step.answers.length === 1 ? merchant.model.judge(step, answer) : null;
  if (what !== null)
    findings.push({
      invariant: 'model',
      payment: step.payment ?? idIn(answer),
      what: `${step.key}: ${what}`,
    });
  return answer;
}

function idIn({ text }: Answer): string | null {
  return (JSON.parse(text) as { id?: string }).id ?? null;
}

/** Whichever the load balancer gives. */
export function anyProcess({ simulation: { processes }, random }: Merchant): Process | null {
  return processes.length === 0 ? null : random.pick(processes);
}

function answerOf({ status, body }: Reply): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { code = null } = JSON.parse(text) as { code?: string };
  return { status, text, code };
}

function call({ payments, deps }: Process, principal: Principal, step: Step): Promise<Reply> {
  const request: MoneyRequest<never> = {
    principal,
    idempotencyKey: step.key,
    fingerprint: `POST|${step.kind}|${JSON.stringify(step.input)}`,
    ...newTrace(deps.world),
    input: step.input as never,
  };
  return payments[step.kind](request);
}
