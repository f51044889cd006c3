/** The way from a simulated process to the provider: each call is sent, worked on and answered, or is not. */

import type { Dispatcher } from 'undici';
import { LIMITS } from '../../src/ops/limits.ts';
import type { Connections } from '../../src/ops/world.ts';
import type { Random } from '../support/random.ts';
import type { FaultKind, Faults } from './faults.ts';
import { judgeTouched } from './judge.ts';
import { unwritten } from './oracles/intent-before-call.ts';
import type { Owner } from './owner.ts';
import type { WireAnswer } from './provider.ts';
import type { Simulation } from './simulation.ts';

/** The state of the ways to the provider: what is down, and until when. */
export type Network = { outageUntilMs: number; partialUntilMs: number; partialPath: string; random: Random };

type Deps = Simulation & { network: Network; dialect: string };

/** What the product takes for the longest: see `onItsWayDeadlines`. */
const LONGEST_WAY_MS = LIMITS.provider.timeoutMs.authorize * LIMITS.resolve.onItsWayDeadlines;

/** How a call ends that is not answered, or an answer that is no good. */
type Ending = 'reset' | 'hang' | 'error_500' | 'garbled' | 'rate_limited' | null;

export function simulatedConnections(
  simulation: Simulation,
  network: Network,
  owner: Owner,
  origin: string,
): Connections {
  const deps = { ...simulation, network, dialect: new URL(origin).hostname.split('.')[0] ?? '' };
  const underWay = new Set<() => void>();
  return {
    dispatch(options, handler) {
      void exchange(deps, owner, options, handler, underWay);
      return true;
    },
    destroy: async () => {
      for (const drop of underWay) drop();
    },
  };
}

async function exchange(
  deps: Deps,
  owner: Owner,
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
  underWay: Set<() => void>,
): Promise<void> {
  const { scheduler, faults, world } = deps;
  const { random } = deps.network;
  const name = nameOf(options);
  const begunAtMs = scheduler.now();
  const controller = control();
  const drop = () => handler.onResponseError?.(controller, new Error('destroyed'));
  underWay.add(drop);
  try {
    await scheduler.step(owner, `send ${name}`, () => {
      if (isRefused(deps)) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    });
  } catch (error) {
    underWay.delete(drop);
    return handler.onResponseError?.(controller, error as Error);
  }
  handler.onRequestStart?.(controller, {});
  const [before, after] = [endingBefore(deps, name), endingAfter(faults)];
  const late = faults.hits('net_late') ? faults.draw().between(1_000, 60_000) : 0;
  await scheduler.sleep(world, random.between(0, 250) + late);
  const answer = before === null ? await work(deps, name, options, begunAtMs) : 'reset';
  await scheduler.sleep(world, random.between(0, 250));
  const ending = before ?? after;
  if (ending === 'hang' || answer === 'hold') return;
  await scheduler.step(owner, `answer ${name}`, () => void underWay.delete(drop));
  if (controller.aborted) return;
  give(handler, controller, ending === null ? answer : spoilt(ending));
}

async function work(
  deps: Deps,
  name: string,
  options: Dispatcher.DispatchOptions,
  begunAtMs: number,
): Promise<WireAnswer> {
  const { scheduler, world, provider, findings, faults } = deps;
  const request = {
    method: options.method,
    url: pathOf(options),
    headers: options.headers as Record<string, string>,
    body: typeof options.body === 'string' ? options.body : '',
  };
  return scheduler.step(world, `provider ${name}`, async () => {
    if (unwritten(deps.intents, request, deps.provided) !== null) await judgeTouched(deps);
    const found = unwritten(deps.intents, request, deps.provided);
    if (found !== null) findings.push(found);
    if (faults.hits('key_expiry')) provider.forgetKeys();
    const moved = provider.books.moves.length;
    const answer = await provider.handle(request, deps.dialect);
    if (scheduler.now() - begunAtMs > LONGEST_WAY_MS) excuse(deps, moved);
    return answer;
  });
}

/** So late that it had been taken for never sent: what the provider did then is for a person. */
function excuse({ provider, disturbed }: Deps, since: number): void {
  for (const { charge } of provider.books.moves.slice(since)) {
    const { reference } = provider.books.charges.get(charge) ?? {};
    if (reference !== undefined) disturbed.add(reference);
  }
}

function isRefused({ faults, scheduler, network }: Deps): boolean {
  const now = scheduler.now();
  if (faults.hits('outage')) network.outageUntilMs = now + faults.draw().between(1_000, 4 * 3600_000);
  return network.outageUntilMs > now || faults.hits('net_refused');
}

function endingBefore({ faults, scheduler, network }: Deps, name: string): Ending {
  const now = scheduler.now();
  if (faults.hits('partial_outage')) {
    network.partialUntilMs = now + faults.draw().between(1_000, 4 * 3600_000);
    network.partialPath = name;
  }
  if (network.partialUntilMs > now && network.partialPath === name) return 'error_500';
  return firstOf(faults, [
    ['net_reset_before', 'reset'],
    ['net_hang', 'hang'],
    ['net_500_before', 'error_500'],
    ['net_429', 'rate_limited'],
  ]);
}

function endingAfter(faults: Faults): Ending {
  return firstOf(faults, [
    ['net_reset_after', 'reset'],
    ['net_500_after', 'error_500'],
    ['net_garbled', 'garbled'],
  ]);
}

function firstOf(faults: Faults, kinds: [FaultKind, Ending][]): Ending {
  return kinds.find(([kind]) => faults.hits(kind))?.[1] ?? null;
}

function spoilt(ending: Exclude<Ending, null | 'hang'>): WireAnswer {
  switch (ending) {
    case 'reset':
      return 'reset';
    case 'error_500':
      return { status: 503, headers: {}, body: 'upstream connect error' };
    case 'garbled':
      return { status: 200, headers: {}, body: '{"operation":"op_01","status":"appr' };
    case 'rate_limited':
      return { status: 429, headers: {}, body: '{"code":"rate_limited"}' };
    default:
      return ending satisfies never;
  }
}

function give(handler: Dispatcher.DispatchHandler, controller: Controller, answer: WireAnswer): void {
  if (typeof answer === 'string') {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    return handler.onResponseError?.(controller, reset);
  }
  handler.onResponseStart?.(controller, answer.status, answer.headers, '');
  handler.onResponseData?.(controller, Buffer.from(answer.body));
  handler.onResponseEnd?.(controller, {});
}

type Controller = Dispatcher.DispatchController;

function control(): Controller {
  const state = { aborted: false };
  const controller = {
    get aborted() {
      return state.aborted;
    },
    abort: () => {
      state.aborted = true;
    },
    paused: false,
    reason: null,
    pause: () => undefined,
    resume: () => undefined,
  };
  return controller as unknown as Controller;
}

/** Without ids and query: `POST /v1/charges/{id}/capture`. */
function nameOf(options: Dispatcher.DispatchOptions): string {
  const [path = ''] = pathOf(options).split('?');
  return `${options.method} ${path.replace(/\/[\w-]*\d[\w-]{6,}/g, '/{id}')}`;
}

function pathOf({ path }: Dispatcher.DispatchOptions): string {
  return path;
}
