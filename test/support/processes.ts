/** The product's own commands as real processes: each with a log file, to be killed and started again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type Managed = {
  name: string;
  isRunning(): boolean;
  /** Starts it, again if need be, and resolves once it is ready. Rejects with its log when it ends before. */
  start(): Promise<void>;
  /** Sends the signal and resolves when the process is gone: its exit code, or null after a deadly signal. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** All that was logged under this name, by its predecessors too. */
  log(): string;
};

export type ProcessOptions = {
  name: string;
  command: 'api' | 'worker' | 'simulator';
  env: Record<string, string>;
  logFile: string;
  /** Answers 200 once the process is ready; null: it is when it says so in its log. */
  readyUrl: string | null;
};

const CLI = fileURLToPath(new URL('../../src/cli/truepenny.ts', import.meta.url));
const READY_MS = 30_000;
const POLL_MS = 15;

export function managed(options: ProcessOptions): Managed {
  let child: ChildProcess | null = null;
  const running = () => child !== null && child.exitCode === null && child.signalCode === null;
  return {
    name: options.name,
    isRunning: running,
    log: () => logOf(options),
    async start() {
      if (running()) return;
      const from = existsSync(options.logFile) ? statSync(options.logFile).size : 0;
      child = launch(options);
      await ready(options, from, running);
    },
    async end(signal) {
      if (child === null || !running()) return child?.exitCode ?? null;
      const ending = child;
      const gone = new Promise<number | null>((resolve) => ending.once('exit', resolve));
      ending.kill(signal);
      return gone;
    },
  };
}

/** Runs a command that ends by itself; for `verify` and `digest`. */
export function runCommand(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

/**
 * A port that nobody has, below the range from which the system takes those of outgoing connections: one of
 * them must not sit on it while a killed process is started again.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** The pipe to its standard input ends with us: no process outlives a test run that is killed. */
function launch({ command, env, logFile }: ProcessOptions): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [CLI, command], {
    stdio: ['pipe', log, log],
    env: { ...process.env, ...env, TRUEPENNY_SUPERVISED: '1' },
  });
  closeSync(log);
  return child;
}

async function ready(options: ProcessOptions, from: number, running: () => boolean): Promise<void> {
  const until = performance.now() + READY_MS;
  while (running() && performance.now() < until) {
    if (await isReady(options, from)) return;
    await delay(POLL_MS);
  }
  throw new Error(`${options.name} did not become ready:\n${logOf(options).slice(from).slice(-4000)}`);
}

async function isReady(options: ProcessOptions, from: number): Promise<boolean> {
  if (options.readyUrl === null) return logOf(options).slice(from).includes('is ready');
  return fetch(options.readyUrl, { signal: AbortSignal.timeout(2_000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );
}

function logOf({ logFile }: ProcessOptions): string {
  return existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
}
