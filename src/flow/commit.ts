/**
 * The one writer of money state: groups what is ready into one statement, and tells each item its fate.
 *
 * An idle system commits at once; while a group is in flight what comes next gathers for the one beside it.
 */

import { toUuid } from '../core/ids.ts';
import { type Pool, query, runStatement } from '../db/pool.ts';
import { RecordWriter } from '../db/records.ts';
import { COMMIT, commitMessage, TYPE_IDS, type TypeIds } from '../db/statements/commit.ts';
import { EVENT_IS_OURS } from '../db/statements/schedule.ts';
import { LIMITS } from '../ops/limits.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { World } from '../ops/world.ts';
import { failureOf } from './database-failure.ts';
import type { Item } from './item.ts';

/** `conflict`: the stream moved on or the key is taken; load and decide anew. `refused`: a constraint said no. */
export type CommitResult =
  | { kind: 'committed' }
  | { kind: 'conflict' }
  | { kind: 'refused'; constraint: string };

export type Committer = {
  /** Rejects with Overloaded when the queue is full, and with the database's error when it stays away. */
  commit(item: Item): Promise<CommitResult>;
};

export class Overloaded extends Error {}

type Waiting = {
  item: Item;
  ambiguous: boolean;
  resolve: (result: CommitResult) => void;
  reject: (error: unknown) => void;
};

type Fate = CommitResult | { kind: 'failed'; error: unknown };

export type CommitDeps = { pool: Pool; world: World; log: Log; metrics: Metrics };

/** `types` is read when first needed; `spare` are the bytes of groups that have been answered, for those that come. */
type Deps = CommitDeps & { types: TypeIds | null; spare: RecordWriter[] };

export function createCommitter(given: CommitDeps): Committer {
  const deps: Deps = { ...given, types: null, spare: [] };
  const queue: Waiting[] = [];
  const inFlight = { groups: 0, items: 0 };
  let flushing = false;

  function flush(): void {
    flushing = false;
    while (mayStart(queue.length, inFlight)) {
      const group = takeGroup(queue);
      inFlight.groups += 1;
      inFlight.items += group.length;
      void run(deps, group, 0).then((fates) => {
        inFlight.groups -= 1;
        inFlight.items -= group.length;
        flush();
        return handOn(deps, group, fates);
      });
    }
  }

  return {
    commit(item) {
      if (queue.length >= LIMITS.commit.queue) return Promise.reject(new Overloaded());
      return new Promise((resolve, reject) => {
        queue.push({ item, ambiguous: false, resolve, reject });
        if (flushing || !mayStart(queue.length, inFlight)) return;
        flushing = true;
        deps.world.defer(flush);
      });
    },
  };
}

/**
 * A group costs by far the most for its first item, so while one is in flight the next gathers, until it is as large
 * or worth its own start anyway. At little load that is at once; at much load the groups are large.
 */
function mayStart(waiting: number, inFlight: { groups: number; items: number }): boolean {
  if (waiting === 0 || inFlight.groups >= LIMITS.commit.groupsInFlight) return false;
  return waiting >= Math.min(inFlight.items, LIMITS.commit.besideItems);
}

/** One item of a stream and of a key in a group: its version is compared before anything is written. */
function takeGroup(queue: Waiting[]): Waiting[] {
  const group: Waiting[] = [];
  const left: Waiting[] = [];
  const taken = new Set<string>();
  let size = 0;
  for (const waiting of queue.splice(0)) {
    const names = [waiting.item.stream, waiting.item.key].filter((name) => name !== null);
    const room = group.length < LIMITS.commit.groupItems && size < LIMITS.commit.groupBytes;
    const fits = room && !names.some((name) => taken.has(name));
    for (const name of names) taken.add(name);
    if (fits) size += waiting.item.size;
    (fits ? group : left).push(waiting);
  }
  queue.push(...left);
  return group;
}

async function run(deps: Deps, group: Waiting[], tries: number): Promise<Fate[]> {
  try {
    const lost = await write(deps, group);
    return await Promise.all(group.map((waiting, n) => fateOf(deps, waiting, !lost.has(n))));
  } catch (error) {
    return recover(deps, group, tries, error);
  }
}

/**
 * A few at a time: what they lead to is on its way to the database while the rest waits for its turn here. All at
 * once, database and process took turns at being idle, and a tenth of the throughput was lost.
 */
async function handOn({ world }: Deps, group: Waiting[], fates: Fate[]): Promise<void> {
  for (const [n, { resolve, reject }] of group.entries()) {
    const fate = fates[n] ?? { kind: 'failed', error: new Error('a commit without a fate') };
    if (fate.kind === 'failed') reject(fate.error);
    else resolve(fate);
    if (n % LIMITS.commit.handedOnAtATime === LIMITS.commit.handedOnAtATime - 1)
      await new Promise<void>((next) => world.defer(next));
  }
}

/** Gives the places of the items that met another writer. */
async function write(deps: Deps, group: Waiting[]): Promise<Set<number>> {
  const types = deps.types ?? (await readTypes(deps));
  const writer = deps.spare.pop() ?? new RecordWriter(LIMITS.commit.messageBytes);
  const lists = group.map(({ item }) => item.lists);
  const message = commitMessage(writer, lists, types);
  const stop = deps.metrics.commitSeconds.startTimer();
  const { rows } = await runStatement<{ n: number }>(deps.pool, COMMIT, { message });
  stop();
  // Only now: until its answer the connection may still be reading from it, and after a failure nobody knows.
  deps.spare.push(writer);
  deps.metrics.commitGroupItems.observe(group.length);
  return new Set(rows.map((row) => row.n));
}

async function readTypes(deps: Deps): Promise<TypeIds> {
  const [types] = await query<TypeIds>(deps.pool, TYPE_IDS);
  if (!types) throw new Error('the database does not tell the types of the commit statement');
  deps.types = types;
  return types;
}

/** After a lost connection a conflict may be with ourselves: our event at the place means committed. */
async function fateOf(deps: Deps, waiting: Waiting, committed: boolean): Promise<Fate> {
  const ours = committed || (waiting.ambiguous && (await isOurs(deps, waiting.item)));
  return { kind: ours ? 'committed' : 'conflict' };
}

async function isOurs(deps: Deps, { stream, firstEvent, firstVersion }: Item): Promise<boolean> {
  if (stream === null || firstEvent === null) return false;
  return (await query(deps.pool, EVENT_IS_OURS, [toUuid(stream), firstVersion, firstEvent])).length > 0;
}

async function recover(deps: Deps, group: Waiting[], tries: number, error: unknown): Promise<Fate[]> {
  const failure = failureOf(error);
  deps.types = null; // The database may have been restored: its types have other ids then.
  if (failure.kind === 'bad_item') return runSingly(deps, group, failure.constraint);
  const last = tries >= LIMITS.commit.databaseRetries || failure.kind === 'bug';
  deps.log.warn({ sqlstate: failure.sqlstate, items: group.length, tries, givingUp: last }, 'commit failed');
  if (last) return group.map(() => ({ kind: 'failed', error }));
  if (failure.kind === 'connection') for (const waiting of group) waiting.ambiguous = true;
  await deps.world.sleep(failure.kind === 'again' ? 1 : LIMITS.commit.databaseRetryMs);
  return run(deps, group, tries + 1);
}

/** One bad item costs only itself. */
async function runSingly(deps: Deps, group: Waiting[], constraint: string): Promise<Fate[]> {
  if (group.length === 1) return [{ kind: 'refused', constraint }];
  const fates: Fate[] = [];
  for (const waiting of group) fates.push(...(await run(deps, [waiting], 0)));
  return fates;
}
