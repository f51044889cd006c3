/** The provider simulator without sockets: its own door, books and clock, driven by the scheduler. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Books, type Charge, emptyBooks } from '../../src/simulator/books.ts';
import { DIALECTS } from '../../src/simulator/dialects/all.ts';
import { serve } from '../../src/simulator/http.ts';
import { settleDue } from '../../src/simulator/keeping.ts';
import { DEFAULT_SETTINGS } from '../../src/simulator/settings.ts';
import type { Dialect, Simulator } from '../../src/simulator/simulator.ts';
import type { Journal } from '../../src/simulator/store.ts';
import type { Random } from '../support/random.ts';
import type { Owner } from './owner.ts';
import type { Scheduler } from './scheduler.ts';

export type WireRequest = { method: string; url: string; headers: Record<string, string>; body: string };
export type WireAnswer = { status: number; headers: Record<string, string>; body: string } | 'reset' | 'hold';

export type Provider = {
  sim: Simulator;
  books: Books;
  /** At the door of a dialect; of the plain one, where the dashboard is, without a name. */
  handle(request: WireRequest, dialect?: string): Promise<WireAnswer>;
  /** Lets time do to the books what it does. */
  settle(): void;
  charges(reference: string): Charge[];
  /** Idempotency keys of more than a day ago: a repetition is new to it then. */
  forgetKeys(): void;
};

/** What its connector's capabilities say that it promises. */
const KEYS_KEPT_MS = 86_400_000;
const PLAIN_URL = 'http://simulator.simulation';

const DIALECTS_BY_NAME: ReadonlyMap<string, Dialect> = new Map(DIALECTS.map((each) => [each.name, each]));

/** Where a dialect is spoken. */
export function urlOf(dialect: string): string {
  return `http://${dialect}.simulation`;
}

/** Nothing of a simulated provider outlives the simulation. */
const NO_JOURNAL: Journal = {
  append: () => undefined,
  full: () => false,
  flushed: (done) => done(null),
  rewrite: () => undefined,
  close: () => undefined,
};

export function createProvider(scheduler: Scheduler, owner: Owner, random: Random): Provider {
  const books = emptyBooks();
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.between(0, 255));
  const sim: Simulator = {
    books,
    journal: NO_JOURNAL,
    settings: {
      ...DEFAULT_SETTINGS,
      pending_ms: random.between(1_000, 600_000),
      challenge_ms: random.pick([30_000, 120_000, 120_000, 900_000]),
    },
    outage: 'up',
    armed: [],
    inFlight: new Set(),
    maxCharges: 1_000_000,
    url: PLAIN_URL,
    dialects: DIALECTS_BY_NAME,
    dialectUrls: new Map(DIALECTS.map(({ name }) => [name, urlOf(name)])),
    untold: [],
    outbox: silent(),
    moment: (name) => ({
      now: scheduler.now(),
      id: (prefix) =>
        DIALECTS_BY_NAME.get(name ?? '')?.mint(prefix, bytes) ??
        `${prefix}_${Buffer.from(bytes(12)).toString('hex')}`,
      tell: (move) => void sim.untold.push(move),
    }),
    wait: async (ms) => {
      await scheduler.sleep(owner, ms);
      return true;
    },
    random: (below) => random.between(0, below - 1),
  };
  return {
    sim,
    books,
    handle: (request, dialect) =>
      handle(sim, scheduler, request, DIALECTS_BY_NAME.get(dialect ?? '') ?? null),
    settle: () => settleDue(sim),
    charges: (reference) => books.byReference.get(reference) ?? [],
    forgetKeys: () => {
      for (const [key, { at }] of books.byKey)
        if (at < scheduler.now() - KEYS_KEPT_MS) books.byKey.delete(key);
    },
  };
}

/** Its webhooks are read from the books: see `webhooks.ts`. */
function silent(): Simulator['outbox'] {
  const nothing = () => undefined;
  return {
    wake: nothing,
    follow: nothing,
    reset: nothing,
    pause: nothing,
    paused: () => false,
    sent: () => [],
    close: async () => undefined,
  };
}

/** The door asks little of Node's request and response: what it does is here, without a stream. */
function handle(
  sim: Simulator,
  scheduler: Scheduler,
  request: WireRequest,
  dialect: Dialect | null,
): Promise<WireAnswer> {
  return new Promise((resolve) => {
    const { method, url, headers, body } = request;
    const on = (event: string, listener: (part?: Buffer) => void) => {
      if (event === 'data' && body !== '') listener(Buffer.from(body));
      if (event === 'end') listener();
    };
    let head = { status: 0, headers: {} as Record<string, string> };
    const response = {
      on: () => undefined,
      writeHead: (status: number, given: Record<string, string>) => {
        head = { status, headers: given };
      },
      end: (text: string) => resolve({ ...head, body: text }),
      socket: { resetAndDestroy: () => resolve('reset'), destroy: () => resolve('hold') },
    };
    const door = {
      sim,
      dialect,
      limits: { bodyBytes: 1_000_000, holdMs: 60_000 },
      log: () => undefined,
      monotonic: scheduler.now,
    };
    serve(
      door,
      { method, url, headers, on } as unknown as IncomingMessage,
      response as unknown as ServerResponse,
    );
  });
}
