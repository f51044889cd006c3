/**
 * The embedded PostgreSQL: the default database, so that a first start needs nothing but npm.
 *
 * It outlives the process that started it. Whoever comes next adopts it, or recovers what a crash left.
 */

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Account, accountFor } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { type Cluster, claimPort, openOrCreate } from './cluster.ts';
import { diagnoseFileError } from './diagnose.ts';
import { exists, reachablePlace, settledPlace } from './place.ts';
import { clearReusedLock, isAlive, type Postmaster, runningPostmaster } from './postmaster.ts';
import { ok, type Result } from './problem.ts';
import { adopt, launch, socketUrlOf, stopServer, urlOf } from './server.ts';

export type EmbeddedOptions = {
  /** The folder for everything of this server: `.truepenny/postgres`. Made when missing. */
  dataDir: string;
  /** Told in plain sentences what takes time or was put right. */
  log(message: string): void;
  /** For clusters that are deleted after a test run: nothing is forced to disk. Never for data that counts. */
  throwaway?: boolean;
};

export type EmbeddedServer = {
  /** Of the database `truepenny`, with its password: never log it. */
  url: string;
  /** The same past the network, which is a round trip in half the time: of throwaway servers, where their path is short. */
  socketUrl: string | null;
  pid: number;
  port: number;
  /** True when the server was running already: somebody else may still use it. */
  adopted: boolean;
  /** Where the data really is; elsewhere than `dataDir` when root's PostgreSQL user cannot go there. */
  folder: string;
  isAlive(): boolean;
  /** Resolves when the process has ended; at once when it had. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
};

/** How long leftovers of a killed server may hold its memory or its lock before we call it a problem. */
const LEFTOVERS_MS = 15_000;
const RETRY_MS = 100;
const RETRIED = ['port_taken', 'still_in_use'];

/** Starts, recovers or adopts the server of a folder. May be called again whenever the process has died. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Result<EmbeddedServer>> {
  try {
    const prepared = await prepare(options);
    return prepared.ok ? await bringUp(prepared.value, options) : prepared;
  } catch (error) {
    return diagnoseFileError(error, `the folder ${options.dataDir}`);
  }
}

type Prepared = { cluster: Cluster; binaries: Binaries; account: Account };

async function prepare(options: EmbeddedOptions): Promise<Result<Prepared>> {
  const settled = await settledPlace(options.dataDir);
  if (!settled.ok) return settled;
  const account = await accountFor(settled.value);
  if (!account.ok) return account;
  const unit = await reachablePlace(settled.value, account.value);
  if (!unit.ok) return unit;
  const binaries = await findBinaries(account.value);
  if (!binaries.ok) return binaries;
  if (!(await exists(join(unit.value, 'data')))) options.log('Creating the database (first start)');
  const cluster = await openOrCreate(unit.value, binaries.value, account.value, options.throwaway ?? false);
  return cluster.ok
    ? ok({ cluster: cluster.value, binaries: binaries.value, account: account.value })
    : cluster;
}

async function bringUp(prepared: Prepared, options: EmbeddedOptions): Promise<Result<EmbeddedServer>> {
  const deadline = performance.now() + LEFTOVERS_MS;
  for (;;) {
    const found = runningPostmaster(prepared.cluster.data);
    const adopted = found && (await adopt(prepared.cluster, found));
    if (adopted) return adopted.ok ? ok(describe(prepared.cluster, adopted.value, options, true)) : adopted;
    const launched = await launchOnce(prepared, options);
    if (launched.ok) return ok(describe(prepared.cluster, launched.value, options, false));
    if (!RETRIED.includes(launched.problem.code) || performance.now() > deadline) return launched;
    await delay(RETRY_MS);
  }
}

async function launchOnce({ cluster, binaries, account }: Prepared, options: EmbeddedOptions) {
  if (await clearReusedLock(cluster.data)) options.log('Cleared the lock that a dead PostgreSQL had left');
  const port = await claimPort(cluster.unit, account);
  return launch(cluster, binaries, account, { port, throwaway: options.throwaway ?? false });
}

function describe(
  cluster: Cluster,
  { pid, port }: Postmaster,
  { throwaway = false }: EmbeddedOptions,
  adopted: boolean,
): EmbeddedServer {
  return {
    url: urlOf(cluster, port, 'truepenny'),
    socketUrl: throwaway && !adopted ? socketUrlOf(cluster, port, 'truepenny') : null,
    pid,
    port,
    adopted,
    folder: cluster.unit,
    isAlive: () => isAlive(pid),
    stop: (mode = 'fast') => stopServer(pid, cluster.data, mode),
  };
}
