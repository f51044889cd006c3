/** One seed from its first step to its last: a safety phase with faults, sixty quiet days, and the judgement. */

import type { Principal } from '../../src/features/payments/types.ts';
import { createDueTimes } from './due.ts';
import { createFaults, swarm } from './faults.ts';
import { evidenceOf, judgeTouched } from './judge.ts';
import { startLives } from './lives.ts';
import { makeMerchant } from './merchant-account.ts';
import { createOperator } from './operator.ts';
import { restless } from './oracles/nothing-vanishes.ts';
import type { Owner } from './owner.ts';
import { createProvider } from './provider.ts';
import { providerFor } from './providers.ts';
import { createScheduler, type Hooks, randomOf } from './scheduler.ts';
import { createSessions } from './sessions.ts';
import type { Bench, Simulation } from './simulation.ts';
import { createStoredPayments } from './stored.ts';
import { storyOf } from './story.ts';
import { createSurroundings } from './surroundings.ts';
import type { SeedOptions, SeedReport } from './work.ts';

const START_MS = Date.UTC(2031, 0, 1);
const DAY_MS = 86_400_000;
const QUIET_DAYS = 60;
/** Some thousands are usual: more is work that finds no end. */
const MOST_QUIET_STEPS = 50_000;

export async function runSeed(bench: Bench, options: SeedOptions): Promise<SeedReport> {
  const began = performance.now();
  const { seed, days, lives, onlyLives: only = null } = options;
  await bench.server.reset();
  const { principal, endpoint } = await makeMerchant(bench.server.pool, seed, START_MS);
  const { simulation, operator } = assemble(bench, options, endpoint);
  const { scheduler, faults, findings } = simulation;
  const living = startLives(simulation, { days, count: lives, only, principal });
  const untilMs = START_MS + days * DAY_MS;
  await scheduler.run(() => findings.length > 0 || (living.over() && scheduler.now() >= untilMs));
  faults.end();
  operator.heal();
  await quiet(simulation);
  if (findings.length === 0) await judgeAll(simulation);
  return {
    seed,
    hash: scheduler.hash(),
    payments: await countPayments(bench),
    steps: scheduler.steps(),
    virtualDays: Math.round((scheduler.now() - START_MS) / DAY_MS),
    fired: faults.fired(),
    findings,
    story: options.explain ? await tellStory(simulation, principal) : null,
    shrunk: null,
    milliseconds: performance.now() - began,
  };
}

function assemble(bench: Bench, options: SeedOptions, endpoint: boolean) {
  const { seed, plan, provider: name = null, sessions = false } = options;
  const world: Owner = { name: 'world', alive: true, pausedUntilMs: 0 };
  const faults = createFaults(seed, plan ?? swarm(seed));
  const hooks: Hooks = {
    before: (owner) => operator.before(owner),
    after: (owner) => operator.after(owner),
    rested: () => surroundings.look(),
    momentOver: () => judgeTouched(simulation),
    nextDue: async () => {
      const next = provider.books.due[0];
      const times = await due.read();
      return next === undefined ? times : new Map([...times, ['provider', next.at]]);
    },
    spuriousPercent: randomOf(seed, 'spurious').between(0, 4),
  };
  const scheduler = createScheduler(seed, START_MS, hooks);
  const provider = createProvider(scheduler, world, randomOf(seed, 'provider'));
  const provided = providerFor(seed, name, provider);
  const due = createDueTimes(bench.server.pool, provided.name, endpoint);
  const simulation: Simulation = {
    bench,
    seed,
    scheduler,
    faults,
    provided,
    provider,
    world,
    sessions: null,
    processes: [],
    due,
    stored: createStoredPayments(bench.server.pool),
    history: [],
    touched: new Set(),
    disturbed: new Set(),
    acknowledged: new Map(),
    intents: new Set(),
    findings: [],
  };
  if (sessions) simulation.sessions = createSessions(simulation);
  const operator = createOperator(simulation);
  const surroundings = createSurroundings(simulation);
  return { simulation, operator };
}

/** Faults are over; what is unresolved has sixty days to end. */
async function quiet(simulation: Simulation): Promise<void> {
  const { scheduler, world, findings } = simulation;
  const untilMs = scheduler.now() + QUIET_DAYS * DAY_MS;
  const mostSteps = scheduler.steps() + MOST_QUIET_STEPS;
  void scheduler.sleep(world, QUIET_DAYS * DAY_MS);
  const isOver = () => scheduler.now() >= untilMs || scheduler.steps() > mostSteps;
  await scheduler.run(() => findings.length > 0 || isOver());
  if (scheduler.steps() > mostSteps) findings.push(await restless(simulation.bench.server.pool));
}

async function countPayments({ server }: Bench): Promise<number> {
  const { rows } = await server.pool.query<{ count: number }>('select count(*)::int as count from payments');
  return rows[0]?.count ?? 0;
}

async function tellStory(simulation: Simulation, principal: Principal): Promise<string | null> {
  const concerned = simulation.findings.find(({ payment }) => payment !== null)?.payment ?? null;
  return concerned === null ? null : storyOf(simulation, principal, concerned);
}

async function judgeAll(simulation: Simulation): Promise<void> {
  const evidence = evidenceOf(simulation);
  for (const { atEnd } of simulation.bench.oracles)
    simulation.findings.push(...((await atEnd?.(evidence)) ?? []));
}
