/**
 * Forward-only migrations: files `NNNN_name.sql`, each applied once, in order, in one transaction.
 *
 * Any number of processes may start at once: one migrates, the others wait and find nothing to do.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { failed, ok, type Result } from './embedded/problem.ts';

export type MigrateOptions = {
  /** Folder with the files. */
  folder: string;
  /** Milliseconds since the epoch; becomes `applied_at`. */
  now(): number;
};

/** `applied` names the files applied by this call; `version` is the schema's version afterwards. */
export type Migrated = { applied: string[]; version: number };

type Migration = { version: number; name: string; checksum: string; sql: string };
type Applied = { version: number; name: string; checksum: string };

/** Any number, as long as nothing else in the database uses it. */
const LOCK = 7_470_001;
/** Waiting for other processes that migrate. */
const QUEUE_MS = 120_000;
/** Waiting for a table: a migration must not hold up payments behind itself. */
const LOCK_MS = 5_000;

/** Brings the schema up to date. `target` is a connection string, or a connected client outside a transaction. */
export async function migrate(
  target: string | pg.ClientBase,
  options: MigrateOptions,
): Promise<Result<Migrated>> {
  const files = await readMigrations(options.folder);
  if (!files.ok) return files;
  if (typeof target !== 'string') return migrateLocked(target, files.value, options.now);
  const client = new pg.Client({ connectionString: target, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    return unreachable(client, error as Error);
  }
  try {
    return await migrateLocked(client, files.value, options.now);
  } finally {
    await client.end();
  }
}

async function migrateLocked(
  client: pg.ClientBase,
  files: Migration[],
  now: () => number,
): Promise<Result<Migrated>> {
  if (!(await lock(client))) {
    return failed(
      'migration_queue',
      'Another process has been migrating this database for two minutes.',
      'Wait until it is done and start again; pg_locks shows the process that holds the advisory lock.',
    );
  }
  try {
    return await migrateAlone(client, files, now);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]);
  }
}

async function migrateAlone(
  client: pg.ClientBase,
  files: Migration[],
  now: () => number,
): Promise<Result<Migrated>> {
  await client.query(`create table if not exists schema_migrations (
    version int primary key, name text not null, checksum text not null, applied_at timestamptz not null)`);
  const { rows } = await client.query<Applied>(
    'select version, name, checksum from schema_migrations order by version',
  );
  const refused = compare(files, rows);
  if (refused) return refused;
  const pending = files.slice(rows.length);
  for (const migration of pending) {
    const result = await apply(client, migration, now());
    if (!result.ok) return result;
  }
  return ok({ applied: pending.map(({ name }) => name), version: files.at(-1)?.version ?? 0 });
}

/** What was applied must be the beginning of what we have, unchanged. */
function compare(files: Migration[], applied: Applied[]) {
  for (const [index, row] of applied.entries()) {
    const file = files[index];
    if (!file) return databaseIsNewer(row);
    if (file.version !== row.version) return outOfOrder(file, row);
    if (file.checksum !== row.checksum) return changed(row);
  }
  return null;
}

async function apply(client: pg.ClientBase, { version, name, checksum, sql }: Migration, nowMs: number) {
  try {
    await client.query(`begin; set local lock_timeout = ${LOCK_MS}`);
    await client.query(sql);
    await client.query('insert into schema_migrations values ($1, $2, $3, $4)', [
      version,
      name,
      checksum,
      new Date(nowMs),
    ]);
    await client.query('commit');
    return ok(undefined);
  } catch (error) {
    await client.query('rollback');
    return explain(error, name, sql);
  }
}

/** False when the others took too long. */
async function lock(client: pg.ClientBase): Promise<boolean> {
  try {
    await client.query(
      `begin; set local lock_timeout = ${QUEUE_MS}; select pg_advisory_lock(${LOCK}); commit`,
    );
    return true;
  } catch (error) {
    await client.query('rollback');
    if (error instanceof pg.DatabaseError && error.code === '55P03') return false;
    throw error;
  }
}

async function readMigrations(folder: string): Promise<Result<Migration[]>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readMigration(folder, name)));
  const wrong = files.find(
    ({ name, version }, i) => !/^\d{4}_\w+\.sql$/.test(name) || version === files[i - 1]?.version,
  );
  if (!wrong) return ok(files);
  return failed(
    'migration_misnamed',
    `The migration ${wrong.name} is not named NNNN_name.sql, or its number is taken.`,
    'Rename it to the next free number.',
  );
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  // Line ends may differ between two checkouts of one commit.
  const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { version: Number.parseInt(name, 10), name, checksum, sql };
}

function explain(error: unknown, name: string, sql: string) {
  if (!(error instanceof pg.DatabaseError)) throw error;
  if (error.code === '55P03') {
    return failed(
      'migration_blocked',
      `The migration ${name} waited ${LOCK_MS / 1000} s for a table that is in use.`,
      'Start again when there is less traffic, or end the long transaction (see pg_stat_activity).',
    );
  }
  const line = error.position ? ` at line ${sql.slice(0, Number(error.position)).split('\n').length}` : '';
  return failed(
    'migration_failed',
    `The migration ${name} failed${line}: ${error.message}. Nothing of it was applied.`,
    'Correct the file, or the data that it stumbles over, and start again.',
  );
}

function unreachable({ host, port }: pg.Client, { message }: Error) {
  return failed(
    'database_unreachable',
    `The database at ${host}:${port} cannot be used: ${message || 'nothing answers'}.`,
    'Check that it runs and that DATABASE_URL is right, then start again.',
  );
}

function databaseIsNewer(row: Applied) {
  return failed(
    'database_is_newer',
    `The database has the migration ${row.name}, which this release does not know.`,
    'Start the newer release that made it; migrations only go forward.',
  );
}

function outOfOrder(file: Migration, row: Applied) {
  return failed(
    'migration_out_of_order',
    `The files have ${file.name} where the database has ${row.name}.`,
    'Number a new migration after all that were applied; never remove or renumber one of those.',
  );
}

function changed(row: Applied) {
  return failed(
    'migration_changed',
    `The migration ${row.name} was changed after it was applied.`,
    'Restore the file, and put the change into a new migration.',
  );
}
