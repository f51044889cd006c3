/** What dialects keep beside the charges: things of their own, and the first answers to keys. */

/** What a dialect keeps with a charge or a thing, in its own words: plain data. */
export type Wire = Readonly<Record<string, unknown>>;

/** A customer, a stored method, a payment before its first attempt. Its id is unique in its dialect. */
export type Thing = { dialect: string; type: string; id: string; at: number; data: Wire };

/** The first answer to a key, for the dialects that repeat it; `body` is as it was sent. */
export type KeptAnswer = {
  key: string;
  at: number;
  /** Null: for ever. */
  keptMs: number | null;
  fingerprint: string;
  status: number;
  body: string;
  headers?: Record<string, string>;
};

export type Shelf = {
  things: Map<string, Thing>;
  /** By dialect and type, the oldest first. */
  byType: Map<string, Thing[]>;
  /** By key, the oldest first. */
  answers: Map<string, KeptAnswer>;
};

export function emptyShelf(): Shelf {
  return { things: new Map(), byType: new Map(), answers: new Map() };
}

/** A thing that is known gets its new data and keeps its place. */
export function putThing({ things, byType }: Shelf, thing: Thing): void {
  const id = `${thing.dialect}/${thing.id}`;
  const known = things.get(id);
  if (known !== undefined) {
    known.data = thing.data;
    return;
  }
  const own = { ...thing };
  things.set(id, own);
  const type = `${thing.dialect}/${thing.type}`;
  const shelf = byType.get(type);
  if (shelf === undefined) byType.set(type, [own]);
  else shelf.push(own);
}

export function findThing(shelf: Shelf, dialect: string, type: string, id: string): Thing | undefined {
  const thing = shelf.things.get(`${dialect}/${id}`);
  return thing?.type === type ? thing : undefined;
}

/** The oldest first. */
export function thingsOf(shelf: Shelf, dialect: string, type: string): readonly Thing[] {
  return shelf.byType.get(`${dialect}/${type}`) ?? [];
}

/** Those that nobody may ask for any more make room, the oldest first. */
export function keepAnswer({ answers }: Shelf, answer: KeptAnswer): void {
  answers.delete(answer.key);
  answers.set(answer.key, answer);
  for (const [key, old] of answers) {
    if (!isForgotten(old, answer.at)) break;
    answers.delete(key);
  }
}

/** The first answer to a key while it is kept. */
export function answerTo({ answers }: Shelf, key: string, now: number): KeptAnswer | undefined {
  const answer = answers.get(key);
  return answer === undefined || isForgotten(answer, now) ? undefined : answer;
}

export function isForgotten({ at, keptMs }: { at: number; keptMs: number | null }, now: number): boolean {
  return keptMs !== null && now - at >= keptMs;
}
