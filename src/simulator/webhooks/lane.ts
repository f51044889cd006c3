/** The moves on their way to one endpoint: planned in their order, misbehaviour included, each copy tried until taken. */

import { type Books, type Charge, type Endpoint, endOfMoves, type Move } from '../books.ts';
import type { Settings } from '../settings.ts';
import { chance } from './chance.ts';
import type { Letter, Letters, Scene } from './letters.ts';

/** One copy of one webhook. */
export type Job = {
  /** The move's. */
  number: number;
  copy: number;
  tries: number;
  dueAt: number;
  letter: Letter;
};

export type Lane = {
  endpoint: Endpoint;
  letters: Letters;
  /** The next move to plan: the list of moves is the queue, and only a window of it is planned. */
  planned: number;
  /** How many copies of a planned move are still to be taken, by its number, in order. */
  open: Map<number, number>;
  ready: Job[];
  later: Job[];
  inFlight: number;
};

/** Moves that may be planned and not done: an endpoint that is away holds this many in memory. */
const WINDOW = 1_000;
/** A shuffle that is not full goes out as it is after this time. */
const SHUFFLE_WAIT_MS = 1_000;

export function laneOf(endpoint: Endpoint, letters: Letters): Lane {
  return { endpoint, letters, planned: endpoint.next, open: new Map(), ready: [], later: [], inFlight: 0 };
}

/** All before this number is done. */
export function positionOf(lane: Lane): number {
  return lane.open.keys().next().value ?? lane.planned;
}

/** Plans what has happened since; gives the copies that are lost on purpose. */
export function plan(lane: Lane, scene: Scene, now: number): Job[] {
  const lost: Job[] = [];
  while (lane.open.size < WINDOW) {
    const size = batchSize(lane, scene.books, scene.settings.webhook_shuffle, now);
    if (size === 0) break;
    lost.push(...planBatch(lane, scene, size, now));
  }
  return lost;
}

/** Moves what is due to the ready, the longest due first. */
export function ripen(lane: Lane, now: number): void {
  const ripe = lane.later.filter((job) => job.dueAt <= now);
  if (ripe.length === 0) return;
  lane.later = lane.later.filter((job) => job.dueAt > now);
  lane.ready.push(...ripe.sort((a, b) => a.dueAt - b.dueAt));
}

export function taken(lane: Lane, job: Job): void {
  const left = (lane.open.get(job.number) ?? 1) - 1;
  if (left === 0) lane.open.delete(job.number);
  else lane.open.set(job.number, left);
}

/** The last wait repeats: an endpoint that comes back after days is given everything. */
export function tryAgain(lane: Lane, job: Job, settings: Settings, now: number): void {
  const waits = settings.webhook_retry_ms;
  const wait = waits[Math.min(job.tries, waits.length - 1)] ?? 0;
  lane.later.push({ ...job, tries: job.tries + 1, dueAt: now + wait });
}

function batchSize({ planned }: Lane, books: Books, shuffle: number, now: number): number {
  const there = endOfMoves(books) - planned;
  const oldest = books.moves[planned - books.firstMove];
  if (oldest === undefined) return 0;
  return there >= shuffle || now - oldest.at >= SHUFFLE_WAIT_MS ? Math.min(there, shuffle) : 0;
}

function planBatch(lane: Lane, scene: Scene, size: number, now: number): Job[] {
  const { settings } = scene;
  const { webhook_seed: seed, webhook_lost_share: share } = settings;
  const jobs: Job[] = [];
  const lost: Job[] = [];
  for (const end = lane.planned + size; lane.planned < end; lane.planned += 1) {
    const copies = copiesOf(lane, scene, now);
    const isLost = ({ number, copy }: Job) => share > 0 && chance(seed, 'lost', number, copy) < share;
    const kept = copies.filter((job) => !isLost(job));
    if (kept.length > 0) lane.open.set(lane.planned, kept.length);
    jobs.push(...kept);
    if (kept.length < copies.length) lost.push(...copies.filter(isLost));
  }
  if (settings.webhook_shuffle > 1) shuffle(jobs, seed);
  (settings.webhook_delay_ms > 0 ? lane.later : lane.ready).push(...jobs);
  return lost;
}

/** Nothing of what happened in another dialect. Copies are counted over all the letters of one move. */
function copiesOf({ endpoint, letters, planned: number }: Lane, scene: Scene, now: number): Job[] {
  const { books, settings } = scene;
  const move = books.moves[number - books.firstMove] as Move;
  const charge = books.charges.get(move.charge) as Charge;
  if (charge.dialect !== endpoint.dialect) return [];
  const dueAt = now + settings.webhook_delay_ms;
  const copies = letters
    .of({ move, charge, number }, scene)
    .flatMap((letter) => Array.from({ length: settings.webhook_copies }, () => letter));
  return copies.map((letter, copy) => ({ number, tries: 0, dueAt, letter, copy }));
}

function shuffle(jobs: Job[], seed: number): void {
  const place = new Map(jobs.map((job) => [job, chance(seed, 'order', job.number, job.copy)]));
  jobs.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}
