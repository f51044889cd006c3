/** The simulator as a process of its own: HTTP in front, the journal behind, nothing shared with the platform. */

import { setMaxListeners } from 'node:events';
import { getHeapStatistics } from 'node:v8';
import { realWorld, type World } from '../ops/world.ts';
import { type Books, type Endpoint, emptyBooks } from './books.ts';
import { DIALECTS, USUAL_PORTS } from './dialects/all.ts';
import { type HttpLimits, type Log, serve } from './http.ts';
import { isRefusal } from './input.ts';
import { settleDue } from './keeping.ts';
import { closeListener, type Listener, listen, type Place } from './listen.ts';
import { apply, MOVES_PER_ROW, type Row, rowsOf } from './rows.ts';
import type { IdPrefix } from './rules.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import type { Dialect, Simulator } from './simulator.ts';
import { openJournal, type Replay } from './store.ts';
import { register } from './webhooks/admin.ts';
import { createOutbox } from './webhooks/outbox.ts';
import { plainLetters } from './webhooks/plain.ts';

export type SimulatorOptions = {
  /** 0 takes any free port. */
  port: number;
  /** By the dialect's name, for each that is to be spoken; 0 takes any free port. */
  dialectPorts?: Readonly<Record<string, number | 'usual'>>;
  host: string;
  /** The journal's folder; made when it is missing. One simulator at a time. */
  dataDir: string;
  /** Told of everything from its first start on, beside the endpoints that were added over HTTP. */
  webhook?: { url: string; secret: string; dialect?: string } | null;
  world?: World;
  log?: Log;
  /** Tighter bounds than the usual ones. */
  limits?: Partial<Limits>;
};

export type Limits = HttpLimits & {
  charges: number;
  connections: number;
  /** The journal is rewritten at the start when it is larger than this and holds history. */
  compactBytes: number;
  /** Of one webhook, answer included. */
  webhookMs: number;
};

const LIMITS: Limits = {
  charges: 2_000_000,
  connections: 10_000,
  compactBytes: 32 * 1024 * 1024,
  bodyBytes: 64 * 1024,
  holdMs: 60_000,
  webhookMs: 10_000,
};

/** Measured for a sale: up to 1.7 KB with its operation, its call, its two moves and their indexes. */
const BYTES_PER_CHARGE = 2_100;

export type RunningSimulator = {
  url: string;
  /** By the dialect's name. */
  dialectUrls: ReadonlyMap<string, string>;
  close(): Promise<void>;
};

/** @throws when a port is in use or the journal cannot be read; both with the remedy. */
export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { dataDir, world = realWorld(), log = () => undefined } = options;
  const limits = { ...LIMITS, ...options.limits };
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each request that waits; the connections bound them
  const listeners = await listenAll(options, limits);
  try {
    const journal = openBooks(dataDir, world, limits, log);
    const sim = createSimulator(journal, listeners, world, closing.signal, limits);
    for (const { server, dialect } of listeners) {
      server.on('request', (request, response) =>
        serve({ sim, dialect, limits, log, monotonic: world.monotonic }, request, response),
      );
    }
    follow(sim, options);
    const { url, dialectUrls } = sim;
    log('simulator.started', { url, charges: sim.books.charges.size, max_charges: sim.maxCharges });
    return { url, dialectUrls, close: () => close(listeners, sim, closing) };
  } catch (error) {
    for (const { server } of listeners) server.close();
    throw error;
  }
}

/** The ports first: a second simulator on one must fail before it touches the files of the one that runs. */
async function listenAll(options: SimulatorOptions, { connections }: Limits): Promise<Listener[]> {
  const { host, port, dialectPorts = {}, log = () => undefined } = options;
  const dialects = DIALECTS.flatMap((dialect) => {
    const wanted = dialectPorts[dialect.name];
    return wanted === undefined ? [] : [{ dialect, host, port: wanted, connections }];
  });
  const plain = listen({ dialect: null, host, port, connections });
  const settled = await Promise.allSettled([plain, ...dialects.map((place) => listenTo(place, log))]);
  const listeners = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed === undefined) return listeners;
  for (const { server } of listeners) server.close();
  throw failed.reason;
}

/** Nobody asked for the usual port: another program on it must not keep the simulator from starting. */
async function listenTo(
  place: Omit<Place, 'port'> & { port: number | 'usual' },
  log: Log,
): Promise<Listener> {
  if (place.port !== 'usual') return listen({ ...place, port: place.port });
  const port = USUAL_PORTS[place.dialect?.name ?? ''] ?? 0;
  return listen({ ...place, port }).catch(async () => {
    const listener = await listen({ ...place, port: 0 });
    log('simulator.usual_port_taken', { dialect: place.dialect?.name, port, url: listener.url });
    return listener;
  });
}

/** Whoever was told at the last stop is told on; the one of the configuration joins them. */
function follow(sim: Simulator, { webhook = null }: SimulatorOptions): void {
  sim.outbox.follow();
  const endpoint = webhook === null ? null : register(sim, webhook);
  if (endpoint !== null && isRefusal(endpoint)) throw new Error(endpoint.detail);
}

async function close(
  listeners: readonly Listener[],
  sim: Simulator,
  closing: AbortController,
): Promise<void> {
  if (closing.signal.aborted) return;
  closing.abort();
  await Promise.all(listeners.map(closeListener));
  await sim.outbox.close();
  sim.journal.close();
}

function openBooks(dataDir: string, world: World, limits: Limits, log: Log) {
  const books = emptyBooks();
  const { journal, replay } = openJournal(dataDir, world.defer, (row) => apply(books, row as Row));
  if (replay.tornBytes > 0) log('simulator.journal_torn', { cut_bytes: replay.tornBytes });
  if (hasHistory(replay, books, limits)) {
    journal.rewrite(rowsOf(books));
    log('simulator.journal_compacted', { lines_before: replay.lines, bytes_before: replay.bytes });
  }
  return { books, journal };
}

function createSimulator(
  { books, journal }: Pick<Simulator, 'books' | 'journal'>,
  listeners: readonly Listener[],
  world: World,
  closing: AbortSignal,
  limits: Limits,
): Simulator {
  const dialects = new Map(DIALECTS.map((dialect) => [dialect.name, dialect]));
  const sim: Omit<Simulator, 'outbox'> = {
    books,
    journal,
    settings: DEFAULT_SETTINGS,
    outage: 'up',
    armed: [],
    inFlight: new Set(),
    maxCharges: maxCharges(limits),
    url: listeners.find(({ dialect }) => dialect === null)?.url ?? '',
    dialects,
    dialectUrls: new Map(listeners.flatMap(({ dialect, url }) => (dialect ? [[dialect.name, url]] : []))),
    untold: [],
    moment: (name) => ({
      now: world.now(),
      id: minting(world, name === undefined ? undefined : dialects.get(name)),
      tell: (move) => void sim.untold.push(move),
    }),
    wait: async (ms) => {
      await world.sleep(ms, closing);
      return !closing.aborted;
    },
    random: (below) => Buffer.from(world.randomBytes(4)).readUInt32BE() % below,
  };
  return withOutbox(sim, world, closing, limits);
}

function minting(world: World, dialect: Dialect | undefined): (prefix: IdPrefix) => string {
  if (dialect === undefined) return (prefix) => `${prefix}_${hex(world.randomBytes(12))}`;
  return (prefix) => dialect.mint(prefix, (length) => world.randomBytes(length));
}

function withOutbox(
  sim: Omit<Simulator, 'outbox'>,
  world: World,
  closing: AbortSignal,
  { webhookMs: timeoutMs }: Limits,
): Simulator {
  const settle = () => settleDue(whole);
  const lettersFor = ({ dialect = 'plain' }: Endpoint) => sim.dialects.get(dialect)?.letters ?? plainLetters;
  // One object, not a copy: the deliveries read the settings and the books that are there when they look.
  const whole: Simulator = Object.assign(sim, {
    outbox: createOutbox(sim, { world, closing, timeoutMs, lettersFor, settle }),
  });
  return whole;
}

/** Full books must end in an answer, not in a process that ran out of memory: a small heap gets fewer charges. */
function maxCharges({ charges }: Limits): number {
  const heap = getHeapStatistics().heap_size_limit;
  return Math.min(charges, Math.floor((heap * 0.9) / BYTES_PER_CHARGE));
}

/** More lines than the books have rows: the rest is what they were before. */
function hasHistory({ lines, bytes }: Replay, books: Books, { compactBytes }: Limits): boolean {
  const moves = Math.ceil(books.moves.length / MOVES_PER_ROW) + books.endpoints.size;
  const shelf = books.shelf.things.size + books.shelf.answers.size;
  return bytes > compactBytes && lines > books.charges.size + books.operations.size + moves + shelf;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
