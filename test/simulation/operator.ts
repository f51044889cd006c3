/** Whoever keeps the processes running: they crash, hang and are started again. */

import { type Door, simulatedPool } from './database.ts';
import { createEndpoints } from './endpoints.ts';
import { type Network, simulatedConnections } from './network.ts';
import type { Owner } from './owner.ts';
import { type Pace, startProcess, startWorkers } from './process.ts';
import { randomOf } from './scheduler.ts';
import type { Simulation } from './simulation.ts';
import { watched } from './surprises.ts';
import { simulatedWorld } from './world.ts';

const DAY_MS = 86_400_000;
const QUIET: Pace = { syncEveryMs: 7 * DAY_MS, checkpointEveryMs: 20 * DAY_MS };

export type Operator = {
  /** Called at each step of a process: it may die or hang there. */
  before(owner: Owner): void;
  after(owner: Owner): void;
  /** All processes anew, with nothing left in their memory, for the quiet days. */
  heal(): void;
};

export function createOperator(simulation: Simulation): Operator {
  const { scheduler, faults, processes, seed, world } = simulation;
  const random = randomOf(seed, 'operator');
  const busy: Pace = {
    syncEveryMs: random.between(3600_000, 12 * 3600_000),
    checkpointEveryMs: random.between(3600_000, DAY_MS),
  };
  const network: Network = {
    outageUntilMs: 0,
    partialUntilMs: 0,
    partialPath: '',
    random: randomOf(seed, 'network'),
  };
  const sender = createEndpoints(simulation);
  const names = Array.from({ length: random.between(2, 3) }, (_, i) => `process ${i + 1}`);
  const log = watched(simulation.bench.log, simulation.findings);
  const starts = new Map<string, number>();

  function start(name: string, pace: Pace): void {
    const number = (starts.get(name) ?? 0) + 1;
    starts.set(name, number);
    const owner: Owner = { name, alive: true, pausedUntilMs: 0 };
    const door: Door = { refusedUntilMs: 0 };
    const own = randomOf(seed, name, number);
    const committing = new Set<string>();
    const committed = () => {
      for (const payment of committing) simulation.touched.add(payment);
    };
    const { server } = simulation.bench;
    const { pool, commitPool } = simulation.sessions === null ? server : server.apart;
    const process = startProcess({
      owner,
      world: simulatedWorld(scheduler, owner, own, (origin) =>
        simulatedConnections(simulation, network, owner, origin),
      ),
      pool: simulatedPool(simulation, owner, door, pool, () => undefined),
      commitPool: simulatedPool(simulation, owner, door, commitPool, committed),
      log,
      metrics: simulation.bench.metrics,
      committing,
      provided: simulation.provided,
    });
    processes.push(process);
    startWorkers(process, scheduler, sender, pace);
  }

  function crash(owner: Owner): void {
    owner.alive = false;
    processes.splice(
      processes.findIndex((process) => process.owner === owner),
      1,
    );
    const { sessions } = simulation;
    if (sessions !== null) void scheduler.step(world, 'sessions end', () => sessions.bury(owner));
    const draw = faults.draw();
    const downMs = draw.chance(0.1) ? draw.between(0, 3600_000) : draw.between(0, 10_000);
    void scheduler.sleep(world, downMs).then(() => {
      if (!processes.some((process) => process.owner.name === owner.name)) start(owner.name, busy);
    });
  }

  for (const name of names) start(name, busy);
  return {
    before(owner) {
      if (owner === world) return;
      if (faults.hits('pause')) owner.pausedUntilMs = scheduler.now() + faults.draw().between(1_000, 90_000);
      if (faults.hits('crash_before')) crash(owner);
    },
    after(owner) {
      if (owner !== world && owner.alive && faults.hits('crash_after')) crash(owner);
    },
    heal() {
      for (const { owner } of processes.splice(0)) {
        owner.alive = false;
        void scheduler.step(world, 'sessions end', () => simulation.sessions?.bury(owner));
      }
      for (const name of names) start(name, QUIET);
    },
  };
}
