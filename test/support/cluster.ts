/** A PostgreSQL that lives for one test file or one run, in a folder that goes with it. */

import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive, runningPostmaster } from '../../src/db/embedded/postmaster.ts';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded/start.ts';
import { temporaryFolder } from './folder.ts';

export type ThrowawayCluster = { server: EmbeddedServer; remove(): Promise<void> };

/** Nothing of it is forced to disk: for tests that do not ask what a power cut leaves. */
export async function throwawayCluster(parent = tmpdir()): Promise<ThrowawayCluster> {
  for (const place of new Set([parent, tmpdir()])) removeAbandoned(place);
  const folder = await temporaryFolder('cluster', parent);
  // The last resort when a run ends before its tear-down, as after a second Ctrl-C.
  const atExit = () => discard(folder.path);
  process.once('exit', atExit);
  const started = await startEmbedded({
    dataDir: join(folder.path, 'postgres'),
    log: () => undefined,
    throwaway: true,
  });
  if (!started.ok) throw new Error(`${started.problem.message} ${started.problem.remedy}`);
  const server = started.value;
  return {
    server,
    remove: async () => {
      await server.stop('immediate');
      process.off('exit', atExit);
      discard(folder.path);
    },
  };
}

/** What runs left that were killed outright. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = name.match(/^truepenny-[a-z-]+-(\d+)-/)?.[1];
    const path = join(parent, name);
    if (
      owner &&
      !isAlive(Number(owner)) &&
      lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.()
    )
      discard(path);
  }
}

/** Works at the exit of a process too, where nothing can be waited for. */
function discard(folder: string): void {
  for (const usual of [join(folder, 'postgres'), join(folder, '.truepenny', 'postgres')]) {
    const sheltered = shelterOf(usual);
    const running = runningPostmaster(join(sheltered ?? usual, 'data'));
    if (running) end(running.pid);
    if (sheltered) remove(dirname(sheltered));
  }
  remove(folder);
}

/** Where the data went when the folder for temporary files is closed to the user who runs PostgreSQL. */
function shelterOf(usual: string): string | null {
  try {
    return readFileSync(`${usual}.location`, 'utf8').trim();
  } catch {
    return null;
  }
}

function end(pid: number): void {
  process.kill(pid, 'SIGQUIT');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  // What it still writes would be in the way of the removal.
  for (let waits = 0; isAlive(pid) && waits < 500; waits += 1) Atomics.wait(pause, 0, 0, 10);
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}
