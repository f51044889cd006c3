/** What a dialect sends by webhook: which letters a move becomes, and how each is sealed. */

import type { Books, Charge, Move } from '../books.ts';
import type { Field } from '../input.ts';
import type { Settings } from '../settings.ts';
import type { Journal } from '../store.ts';

/** One event in the provider's own words; `body` is text that `seal` may still wrap. */
export type Letter = { id: string; body: string };

/** What goes on the wire. */
export type Sealed = { headers: Record<string, string>; body: string };

/** `charge` is as it stands now; `move.snapshot` as it stood. `number` is the move's. */
export type Told = { move: Move; charge: Charge; number: number };

/**
 * What letters are written from. `url` is the plain dialect's, where the pages of challenges are; each dialect
 * finds its own by its name.
 */
export type Scene = {
  books: Books;
  settings: Settings;
  url: string;
  dialectUrls: ReadonlyMap<string, string>;
};

/** Where a dialect keeps keys that it makes itself. */
export type Keeper = { books: Books; journal: Journal };

export type Letters = {
  /** What signs them, as it is told with the endpoint. */
  secret: Field<string>;
  /** None where the provider says nothing. The same move always gives letters of the same ids. */
  of(told: Told, scene: Scene): Letter[];
  /** Corrupted: well formed, and signed wrongly. */
  seal(secret: string, letter: Letter, at: number, corrupted: boolean, keeper: Keeper): Sealed;
};
