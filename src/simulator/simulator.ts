/** What the simulator is made of, and what a dialect is: the way in which one provider is spoken to. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Books, Charge, Kind, Move, Operation, Verdict } from './books.ts';
import type { ArmedFault, Fault } from './faults.ts';
import type { Refusal } from './problems.ts';
import type { Delays, IdPrefix, Moment, Twist } from './rules.ts';
import type { Settings } from './settings.ts';
import type { Thing } from './shelf.ts';
import type { Journal } from './store.ts';
import type { Reply } from './view.ts';
import type { Letters } from './webhooks/letters.ts';
import type { Outbox } from './webhooks/outbox.ts';

export type Outage = 'up' | 'down' | 'hanging';

export type Simulator = {
  books: Books;
  journal: Journal;
  settings: Settings;
  outage: Outage;
  armed: ArmedFault[];
  inFlight: Set<string>;
  maxCharges: number;
  /** Of the plain dialect, which has the pages of challenges too. */
  url: string;
  /** By name, without the plain one. */
  dialects: ReadonlyMap<string, Dialect>;
  /** Where each of them listens. */
  dialectUrls: ReadonlyMap<string, string>;
  /** What happened and is not recorded yet. */
  untold: Move[];
  outbox: Outbox;
  /** Ids look as the dialect's do; the plain one's unless named. */
  moment(dialect?: string): Moment;
  /** Waits on the simulator's clock; false when it is being closed. */
  wait(ms: number): Promise<boolean>;
  random(below: number): number;
};

/** An answer, or what is done to the connection in its place. */
export type Delivery = Reply | 'hold' | 'reset';

/** A request as it came; header names in small letters. */
export type WireRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
};

export type Context = { books: Books; delays: Delays; twist: Twist; at: Moment };

/** `cancelled`: an attempt to be refused should it arrive after all. `things`: new, or with new data. */
export type Done = { charge: Charge | null; verdict: Verdict; cancelled?: string; things?: Thing[] };

/** What a request wants done to the books, read and found valid. */
export type Order = {
  kind: Kind;
  /** Our own id of the operation if the caller told it, else one that the dialect makes. */
  operation: string;
  /** What it acts on; null for a new charge, and where nothing is known. */
  charge: Charge | null;
  /** The payment, as far as it is known: faults may be armed for one payment only. */
  reference: string | null;
  /** Hits the first call with its key only; without keys, the first of its operation. */
  tokenFault: Fault | null;
  execute(context: Context): Done;
};

/** `keptMs`: how long the provider knows it, null for ever. */
export type Key = { text: string; keptMs: number | null };

/** A request that is carried out: with every fault, delay and repetition that there is. */
export type Job = {
  is: 'job';
  order: Order;
  key: Key | null;
  /** Equal for equal requests. */
  fingerprint: string;
  answer(operation: Operation, charge: Charge | null): Reply;
};

/** A question, which the faults of look-ups hit. `id` is what the books note it under. */
export type Question = {
  is: 'question';
  id: string;
  reference: string | null;
  charge: Charge | null;
  answer(): Reply;
};

/** What is refused, or answered, without any of this. */
export type Said = { is: 'said'; reply: Reply };

export type Dialect = {
  /** In small letters: its folder, its setting, and `dialect` in the books. */
  name: string;
  idempotency: {
    /** What a repetition of a key hears. */
    replays: 'nothing' | 'present' | 'first_answer';
    /** Whether a first answer that is an injected 500 is repeated as well. */
    keepsServerErrors: boolean;
    /** An error leaves the key free, also one that came after the money had moved: sent again, it moves once more. */
    keepsSuccessesOnly?: true;
    /** Added to an answer that is repeated. */
    replayedHeaders: Record<string, string>;
  };
  read(sim: Simulator, request: WireRequest): Job | Question | Said;
  /** Whatever is refused by the simulator itself, in the provider's words: see `problems.ts`. */
  refuse(refusal: Refusal): Reply;
  /** An answer that breaks off. */
  garbled: Reply;
  /** The last touch on every answer: headers that the provider always sends. */
  dress(reply: Reply, request: WireRequest, at: Moment): Reply;
  mint(prefix: IdPrefix, random: (length: number) => Uint8Array): string;
  letters: Letters;
  /** Takes a sale back by hand that its approval told as captured, before the money is sent for; else it cannot be. */
  voidSale?(charge: Charge, at: Moment): Verdict;
  /** Where a customer is sent after a challenge; null when the charge has no such place. */
  returnTo(charge: Charge): string | null;
};
