import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/folder.ts';
import { diagnose } from './diagnose.ts';
import type { Result } from './problem.ts';
import { type EmbeddedServer, startEmbedded } from './start.ts';

const isRoot = process.getuid?.() === 0;

let home: TemporaryFolder;
let dataDir: string;
let servers: EmbeddedServer[];
let notes: string[];

beforeEach(async () => {
  home = await temporaryFolder('embedded');
  dataDir = join(home.path, '.truepenny', 'postgres');
  servers = [];
  notes = [];
});
afterEach(async () => {
  for (const server of servers) await server.stop('immediate');
  await home.remove();
});

test('a first start makes a durable database in UTF-8, open to its own password on this machine only', async () => {
  const server = await start();
  expect(server.adopted).toBe(false);
  const settings = `select name, setting from pg_settings where name in
    ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'server_encoding', 'listen_addresses', 'TimeZone',
      'wal_segment_size')`;
  const rows = (await query(server.url, settings)) as { name: string; setting: string }[];
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    server_encoding: 'UTF8',
    listen_addresses: '127.0.0.1',
    TimeZone: 'UTC',
    wal_segment_size: String(1024 * 1024),
  });
  expect(await query(server.url, `select upper('é') as letter`)).toEqual([{ letter: 'É' }]);
  const wrong = new URL(server.url);
  wrong.password = 'guess';
  await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  expect((await stat(join(server.folder, 'password'))).mode & 0o777).toBe(0o600);
});

test('a second start keeps data, port and password, and takes less than two seconds', async () => {
  const first = await start();
  await query(first.url, 'create table kept ()');
  await first.stop();
  expect(first.isAlive()).toBe(false);
  const begin = performance.now();
  const second = await start();
  expect(performance.now() - begin).toBeLessThan(2_000);
  expect(second.url).toBe(first.url);
  expect(await query(second.url, 'table kept')).toEqual([]);
});

test('a server that an earlier process left running is adopted', async () => {
  const first = await start();
  const second = await start();
  expect(second).toMatchObject({ adopted: true, pid: first.pid, url: first.url });
});

test('two first starts at once end in one server', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  expect(one?.pid).toBe(two?.pid);
});

test('after kill -9 of the server the next start recovers what was committed', async () => {
  const first = await start();
  await query(first.url, 'create table kept ()');
  process.kill(first.pid, 'SIGKILL');
  const second = await start();
  expect(second).toMatchObject({ adopted: false, url: first.url });
  expect(await query(second.url, 'table kept')).toEqual([]);
});

test('after an immediate stop too', async () => {
  const first = await start();
  await query(first.url, 'create table kept ()');
  await first.stop('immediate');
  expect(await query((await start()).url, 'table kept')).toEqual([]);
});

test('a lock whose number now belongs to another program does not stand in the way, and the program lives', async () => {
  const first = await start();
  const lock = await readFile(join(first.folder, 'data', 'postmaster.pid'), 'utf8');
  await first.stop();
  const bystander = await otherProgram();
  await writeFile(join(first.folder, 'data', 'postmaster.pid'), lock.replace(/^\d+/, String(bystander.pid)));
  const second = await start();
  expect(second.adopted).toBe(false);
  expect(notes).toContain('Cleared the lock that a dead PostgreSQL had left');
  expect(bystander.exitCode).toBeNull();
  bystander.kill();
});

test('a lock of a dead process does not stand in the way', async () => {
  const first = await start();
  const lock = await readFile(join(first.folder, 'data', 'postmaster.pid'), 'utf8');
  await first.stop();
  await writeFile(join(first.folder, 'data', 'postmaster.pid'), lock);
  expect((await start()).adopted).toBe(false);
});

test('when another program has taken the port, a new one is chosen and kept', async () => {
  const first = await start();
  await first.stop();
  const squatter = createServer().listen(first.port, '127.0.0.1');
  const second = await start();
  expect(second.port).not.toBe(first.port);
  await second.stop();
  await new Promise((resolve) => squatter.close(resolve));
  expect((await start()).port).toBe(second.port);
});

test('data of another major version is refused, and left as it is', async () => {
  const first = await start();
  await first.stop();
  await writeFile(join(first.folder, 'data', 'PG_VERSION'), '17\n');
  expect(codeOf(await attempt())).toBe('data_of_other_version');
});

test('the log holds no value that a statement was given', async () => {
  const server = await start();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('create table unique_names (name text primary key)');
  const insert = () => client.query('insert into unique_names values ($1)', ['4111111111111111']);
  await insert();
  await expect(insert()).rejects.toThrow('duplicate key');
  await client.end();
  const log = await readFile(join(server.folder, 'server.log'), 'utf8');
  expect(log).toContain('duplicate key');
  expect(log).not.toContain('4111111111111111');
});

describe.runIf(isRoot)('as root, below a home folder that nobody else may enter', () => {
  beforeEach(() => chmod(home.path, 0o700));

  test('the data goes where its user can, the pointer says where, and the home stays closed', async () => {
    const first = await start();
    expect(first.folder.startsWith(home.path)).toBe(false);
    expect((await readFile(`${dataDir}.location`, 'utf8')).trim()).toBe(first.folder);
    expect((await stat(home.path)).mode & 0o777).toBe(0o700);
    await query(first.url, 'create table kept ()');
    await first.stop();
    const second = await start();
    expect(second.folder).toBe(first.folder);
    expect(await query(second.url, 'table kept')).toEqual([]);
    await discard(second);
  });

  test('data that was taken away is missed, not replaced by an empty database', async () => {
    await discard(await start());
    expect(codeOf(await attempt())).toBe('data_missing');
  });

  test('who removes .truepenny begins anew', async () => {
    const first = await start();
    await query(first.url, 'create table kept ()');
    await first.stop();
    await rm(join(home.path, '.truepenny'), { recursive: true });
    const second = await start();
    await expect(query(second.url, 'table kept')).rejects.toThrow('does not exist');
    await discard(second);
    await discard(first);
  });
});

test.runIf(isRoot)('the server runs as the user to whom the data belongs, never as root', async () => {
  const server = await start();
  expect((await stat(`/proc/${server.pid}`)).uid).not.toBe(0);
  expect((await stat(server.folder)).uid).toBe((await stat(`/proc/${server.pid}`)).uid);
});

test.each([
  ['disk_full', 'FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device'],
  ['permission_denied', 'FATAL:  could not open file "global/pg_control": Permission denied'],
  ['postgresql_does_not_run', 'postgres: error while loading shared libraries: libicuuc.so.60: cannot open'],
  ['out_of_memory', 'FATAL:  could not map anonymous shared memory: Cannot allocate memory'],
  ['postgresql_failed', 'FATAL:  something nobody has seen yet'],
])('what PostgreSQL prints becomes the problem %s, with a remedy', (code, printed) => {
  const { problem } = diagnose(printed, 'server.log');
  expect(problem.code).toBe(code);
  expect(problem.remedy).not.toBe('');
});

function attempt(): Promise<Result<EmbeddedServer>> {
  return startEmbedded({ dataDir, log: (message) => notes.push(message) });
}

async function start(): Promise<EmbeddedServer> {
  const result = await attempt();
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  servers.push(result.value);
  return result.value;
}

function codeOf(result: Result<EmbeddedServer>): string {
  return result.ok ? 'started' : result.problem.code;
}

/** Of the user who runs PostgreSQL, which looks at programs of its own user only. */
async function otherProgram(): Promise<ChildProcess> {
  const owner = await stat(dataDir);
  const child = spawn('/bin/sh', ['-c', 'echo; read line'], { cwd: '/', uid: owner.uid, gid: owner.gid });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

async function discard(server: EmbeddedServer): Promise<void> {
  await server.stop('immediate');
  await rm(dirname(server.folder), { recursive: true });
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
