/** Turns what PostgreSQL's programs print into a problem with a remedy. */

import { failed, type Problem } from './problem.ts';

type Symptom = { pattern: RegExp; code: string; message: string; remedy: string };

const SYMPTOMS: readonly Symptom[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/,
    code: 'disk_full',
    message: 'PostgreSQL cannot write: the disk is full.',
    remedy: 'Free some space and start again; what was acknowledged before is kept.',
  },
  {
    pattern: /Address already in use/,
    code: 'port_taken',
    message: 'Another program took the port of PostgreSQL while it was starting.',
    remedy: 'Start again: a new port is chosen.',
  },
  {
    pattern: /pre-existing shared memory block|lock file "postmaster\.pid" already exists/,
    code: 'still_in_use',
    message: 'Processes of an earlier PostgreSQL still use the data folder.',
    remedy:
      'Wait a few seconds and start again; if it lasts, end the processes named "postgres" that use the folder.',
  },
  {
    pattern: /database files are incompatible/,
    code: 'data_of_other_version',
    message: 'The data was made by another version of PostgreSQL.',
    remedy: 'Use the release of Truepenny that made it, dump the data there and load it here.',
  },
  {
    pattern: /Cannot allocate memory|could not (create|map).*shared memory/,
    code: 'out_of_memory',
    message: 'PostgreSQL did not get the memory that it needs (about 400 MB).',
    remedy: 'Free some memory, or set DATABASE_URL to a PostgreSQL elsewhere.',
  },
  {
    pattern: /error while loading shared libraries|Library not loaded|spawn .*ENOENT/,
    code: 'postgresql_does_not_run',
    message:
      'The PostgreSQL binaries do not run here: the installation is incomplete, or the system has no glibc.',
    remedy: 'Run "node scripts/prepare.mjs" again; on a system without glibc (Alpine) set DATABASE_URL.',
  },
  {
    pattern: /Permission denied|EACCES/,
    code: 'permission_denied',
    message: 'PostgreSQL may not read or write its data folder.',
    remedy: 'Start Truepenny as the user who made the folder, or set TRUEPENNY_DATA_DIR to another one.',
  },
];

/** `output` is what was printed; `log` is where a person finds the rest. */
export function diagnose(output: string, log: string): { ok: false; problem: Problem } {
  const symptom = SYMPTOMS.find(({ pattern }) => pattern.test(output));
  if (symptom) return failed(symptom.code, symptom.message, symptom.remedy);
  const told = output.split('\n').findLast((line) => /FATAL|PANIC|error:/.test(line));
  return failed(
    'postgresql_failed',
    `PostgreSQL did not start${told ? `: ${told.trim()}` : '.'}`,
    `Read ${log} for the reason, or set DATABASE_URL to a PostgreSQL of your own.`,
  );
}

/** The same for an exception of the file system; what is no such exception is a bug and goes on. */
export function diagnoseFileError(error: unknown, log: string): { ok: false; problem: Problem } {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diagnose('No space left on device', log);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return diagnose('Permission denied', log);
  throw error;
}
