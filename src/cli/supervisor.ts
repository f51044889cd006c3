/** Runs the processes of `truepenny start`: each with its log file, started again when it dies, stopped in order. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIMITS } from '../ops/limits.ts';

export type Child = {
  name: string;
  /** The process now running; another one after a restart. */
  pid(): number | undefined;
  stop(): Promise<void>;
};

export type SupervisorOptions = {
  logDir: string;
  env: Record<string, string>;
  say(message: string): void;
  onDeath(): Promise<void>;
};

const CLI = fileURLToPath(new URL('./truepenny.ts', import.meta.url));
/** More deaths than this within a minute are no accident: the log has the reason. */
const DEATHS = 5;
const STOP_MS = 25_000;

export function supervise(name: string, options: SupervisorOptions): Child {
  let stopping = false;
  let deaths: number[] = [];
  let child = launch(name, options);
  const watch = () =>
    child.once('exit', async (code, signal) => {
      if (stopping) return;
      deaths = [...deaths.filter((at) => at > Date.now() - 60_000), Date.now()];
      options.say(
        `${name} ended unexpectedly (${signal ?? `exit code ${code}`}); see ${logFile(name, options.logDir)}`,
      );
      if (deaths.length > DEATHS)
        return options.say(
          `${name} keeps dying and is not started again. Stop with Ctrl-C, look into its log, start anew.`,
        );
      await options.onDeath();
      if (stopping) return;
      child = launch(name, options);
      watch();
    });
  watch();
  return {
    name,
    pid: () => child.pid,
    stop: () => {
      stopping = true;
      return end(child);
    },
  };
}

export function logFile(name: string, logDir: string): string {
  return join(logDir, `${name}.log`);
}

/**
 * In a process group of its own, so that Ctrl-C reaches the supervisor alone and the order of the end is kept.
 * The pipe to its standard input tells it when the supervisor is gone, however that came.
 */
function launch(name: string, { logDir, env }: SupervisorOptions): ChildProcess {
  mkdirSync(logDir, { recursive: true });
  const file = logFile(name, logDir);
  setAsideLong(file);
  const log = openSync(file, 'a', 0o600);
  try {
    return spawn(process.execPath, [CLI, name], {
      detached: true,
      stdio: ['pipe', log, log],
      env: { ...process.env, ...env, TRUEPENNY_SUPERVISED: '1' },
    });
  } finally {
    closeSync(log); // The process has its own.
  }
}

/** Between two processes nobody writes to it: the one before is kept, what was before that is not. */
function setAsideLong(file: string): void {
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > LIMITS.logs.bytes) renameSync(file, `${file}.1`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
