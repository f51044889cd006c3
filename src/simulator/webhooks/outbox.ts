/**
 * Sends what happened to whoever is to be told, in the background: no request waits for it.
 *
 * The books are the queue, and an endpoint's position in them is journalled: after a restart everything from
 * there on is sent, some of it again. With no endpoint nothing runs.
 */

import type { World } from '../../ops/world.ts';
import { type Books, type Endpoint, endOfMoves } from '../books.ts';
import { apply } from '../rows.ts';
import type { Settings } from '../settings.ts';
import type { Journal } from '../store.ts';
import { chance } from './chance.ts';
import { type Job, type Lane, laneOf, plan, positionOf, ripen, taken, tryAgain } from './lane.ts';
import type { Letters, Scene } from './letters.ts';
import { createSender, type Ending } from './send.ts';

/** What was done with one copy of a webhook, once. */
export type Sent = {
  at: number;
  endpoint: string;
  url: string;
  event: string;
  copy: number;
  try: number;
  fault: 'lost' | 'corrupted' | null;
  http_status: number | null;
  error: string | null;
  duration_ms: number;
};

export type Outbox = {
  /** Something happened. */
  wake(): void;
  /** The endpoints of the books have changed. */
  follow(): void;
  /** The books were cleared: what was on its way goes with them. */
  reset(): void;
  pause(paused: boolean): void;
  paused(): boolean;
  /** The last ones, oldest first. */
  sent(): readonly Sent[];
  /** Positions are kept, tries under way are broken off. */
  close(): Promise<void>;
};

export type Source = Scene & { journal: Journal };

export type OutboxOptions = {
  world: World;
  closing: AbortSignal;
  timeoutMs: number;
  /** How this endpoint is written to. */
  lettersFor(endpoint: Endpoint): Letters;
  /** Lets time do to the books what it does. */
  settle(): void;
};

const TICK_MS = 25;
const MAX_SENT_KEPT = 1_000;

export function createOutbox(
  source: Source,
  { world, closing, timeoutMs, lettersFor, settle }: OutboxOptions,
): Outbox {
  const lanes = new Map<string, Lane>();
  const sender = createSender(world, timeoutMs);
  const sent: Sent[] = [];
  let paused = false;
  let scheduled = false;
  let ticking = false;

  function wake(): void {
    if (lanes.size === 0 || scheduled) return;
    scheduled = true;
    world.defer(pump);
  }

  /** Nothing is sent before it is written: a webhook must not tell of what a crash then undoes. */
  function pump(): void {
    scheduled = false;
    if (closing.aborted) return;
    settle();
    for (const lane of lanes.values()) keepPosition(source, lane);
    source.journal.flushed((error) => {
      if (error === null && !closing.aborted) for (const lane of lanes.values()) advance(lane);
    });
  }

  async function tick(): Promise<void> {
    if (ticking) return;
    ticking = true;
    while (lanes.size > 0 && !closing.aborted) {
      await world.sleep(TICK_MS, closing);
      wake();
    }
    ticking = false;
  }

  function advance(lane: Lane): void {
    const now = world.now();
    for (const job of plan(lane, source, now)) {
      note(lane, job, { status: null, error: null }, 'lost', now, 0);
    }
    ripen(lane, now);
    const most = source.settings.webhook_concurrency;
    while (!paused && lane.inFlight < most) {
      const job = lane.ready.shift();
      if (job === undefined) return;
      void attempt(lane, job);
    }
  }

  async function attempt(lane: Lane, job: Job): Promise<void> {
    lane.inFlight += 1;
    const [at, begin] = [world.now(), world.monotonic()];
    const corrupted = isCorrupted(source.settings, job);
    const { url, secret } = lane.endpoint;
    const { headers, body } = lane.letters.seal(secret, job.letter, at, corrupted, source);
    const ending = await sender.send(url, { 'user-agent': 'truepenny-simulator', ...headers }, body);
    lane.inFlight -= 1;
    if (closing.aborted) return;
    note(lane, job, ending, corrupted ? 'corrupted' : null, at, Math.round(world.monotonic() - begin));
    if (isTaken(ending)) taken(lane, job);
    else tryAgain(lane, job, source.settings, world.now());
    wake();
  }

  function note(lane: Lane, job: Job, ending: Ending, fault: Sent['fault'], at: number, ms: number): void {
    const { id: endpoint, url } = lane.endpoint;
    const { status: http_status, error } = ending;
    const { copy, tries } = job;
    const { id: event } = job.letter;
    sent.push({ at, endpoint, url, event, copy, try: tries + 1, fault, http_status, error, duration_ms: ms });
    if (sent.length > MAX_SENT_KEPT) sent.shift();
  }

  function follow(): void {
    const { endpoints } = source.books;
    for (const id of lanes.keys()) if (!endpoints.has(id)) lanes.delete(id);
    for (const endpoint of endpoints.values()) adopt(lanes, endpoint, lettersFor);
    void tick();
    wake();
  }

  return {
    wake,
    follow,
    reset() {
      lanes.clear();
      follow();
    },
    pause(value) {
      paused = value;
      wake();
    },
    paused: () => paused,
    sent: () => sent,
    async close() {
      for (const lane of lanes.values()) keepPosition(source, lane);
      await sender.close();
    },
  };
}

/** How many moves an endpoint has not been given yet. */
export function pendingOf(books: Books, endpoint: Endpoint): number {
  return endOfMoves(books) - endpoint.next;
}

function adopt(lanes: Map<string, Lane>, endpoint: Endpoint, lettersFor: OutboxOptions['lettersFor']): void {
  const lane = lanes.get(endpoint.id);
  if (lane === undefined) lanes.set(endpoint.id, laneOf(endpoint, lettersFor(endpoint)));
  else lane.endpoint = endpoint;
}

function keepPosition({ books, journal }: Source, lane: Lane): void {
  const next = positionOf(lane);
  if (next === lane.endpoint.next) return;
  const row = { delivered: { endpoint: lane.endpoint.id, next } };
  apply(books, row);
  journal.append(row);
}

function isTaken({ status }: Ending): boolean {
  return status !== null && status >= 200 && status < 300;
}

function isCorrupted({ webhook_corrupted_share: share, webhook_seed: seed }: Settings, job: Job): boolean {
  return share > 0 && chance(seed, 'corrupted', job.number, job.copy, job.tries) < share;
}
