/**
 * The door for providers' webhooks: verify, store as it came, answer. Nothing is understood here, so nothing that
 * is sent can hold up what comes after it; deliveries that arrive together are stored by one statement.
 */

import { createHash } from 'node:crypto';
import type { Accounts, Delivery, Verdict } from '../../connectors/port.ts';
import { mintUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import { RecordWriter } from '../../db/records.ts';
import {
  DELIVERY_TYPE,
  type DeliveryRow,
  STORE_DELIVERIES,
  writeDelivery,
} from '../../db/statements/inbox.ts';
import { readerOf } from '../../flow/deps.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { Metrics } from '../../ops/metrics.ts';
import type { World } from '../../ops/world.ts';
import { keepSample, type Refusal } from './refused.ts';

export type ReceiveDeps = {
  pool: Pool;
  world: World;
  metrics: Metrics;
  accounts: Accounts;
  /** The secrets of an account (`simulator/default`), several while one is rotated. */
  webhookSecrets: ReadonlyMap<string, readonly string[]>;
};

export type Received =
  | { kind: 'stored' }
  /** It came before: counted, nothing else. */
  | { kind: 'repeated' }
  | { kind: 'unknown_account' }
  | { kind: 'refused'; reason: Exclude<Extract<Verdict, { ok: false }>['reason'], 'not_ready'> }
  /** It cannot be judged yet: whoever sent it is asked to come again. */
  | { kind: 'not_ready' }
  /** Too many wait to be stored. */
  | { kind: 'overloaded' };

export type Inbox = {
  receive(provider: string, account: string, delivery: Delivery): Promise<Received>;
  /** The answer to a provider that asks whether the address is ours; null where it does not, or is not known. */
  challenge(provider: string, account: string, query: URLSearchParams): string | null;
  /** What was read from the provider's own list: stored like a delivery, and told from one that came by webhook. */
  take(provider: string, account: string, entry: { eventId: string; body: Buffer }): Promise<Received>;
};

type Waiting = {
  row: DeliveryRow;
  /** Read from a list, where the provider need not write it as it sent it: known by its event's id alone. */
  listed: boolean;
  resolve(received: Received): void;
  reject(error: unknown): void;
};

/** A delivery takes about so many bytes. */
const SIZE_HINT = 2048;

export function createInbox(deps: ReceiveDeps): Inbox {
  const store = createStore(deps);
  const sample = createSampler(deps);
  return {
    async receive(provider, account, delivery) {
      const webhooks = readerOf(deps, provider, account)?.webhooks;
      const secrets = deps.webhookSecrets.get(`${provider}/${account}`);
      if (!webhooks || !secrets) return { kind: 'unknown_account' };
      const verdict = webhooks.verify(delivery, secrets, deps.world.now());
      const received = verdict.ok
        ? await store(rowOf(deps.world, provider, account, delivery, verdict.eventId))
        : refusal(verdict.reason);
      deps.metrics.webhooksReceived.inc({ provider, result: received.kind });
      if (received.kind === 'refused') await sample({ provider, account, delivery, ...received });
      return received;
    },
    challenge(provider, account, query) {
      const secrets = deps.webhookSecrets.get(`${provider}/${account}`) ?? [];
      const webhooks = readerOf(deps, provider, account)?.webhooks;
      return secrets.length === 0 ? null : (webhooks?.challenge?.(query, secrets) ?? null);
    },
    async take(provider, account, { eventId, body }) {
      const row = rowOf(deps.world, provider, account, { headers: {}, body }, eventId);
      const received = await store(row, true);
      deps.metrics.webhooksReceived.inc({ provider, result: `listed_${received.kind}` });
      return received;
    },
  };
}

function refusal(reason: Extract<Verdict, { ok: false }>['reason']): Received {
  return reason === 'not_ready' ? { kind: 'not_ready' } : { kind: 'refused', reason };
}

/** Whoever sends rubbish must not fill the database, nor keep it busy: of a flood one a second is kept. */
function createSampler(deps: ReceiveDeps): (refusal: Refusal) => Promise<void> {
  let nextMs = 0;
  return async (refusal) => {
    const now = deps.world.now();
    if (now < nextMs) return;
    nextMs = now + LIMITS.inbox.refusedEveryMs;
    await keepSample(deps, refusal);
  };
}

/** Passwords of the way here, such as Adyen's Basic authentication: kept nowhere. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie']);

function rowOf(
  world: World,
  provider: string,
  account: string,
  { headers, body }: Delivery,
  eventId: string | null,
): DeliveryRow {
  const now = world.now();
  return {
    id: mintUuid(now, world.randomBytes(10)),
    provider,
    account,
    event_id: eventId ?? digestOf(body),
    received_at: new Date(now).toISOString(),
    headers: JSON.stringify(headers, (name, value) => (SECRET_HEADERS.has(name) ? undefined : value)),
    body,
    repeats: 0,
  };
}

function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

/** Stores at once when idle; what comes while a group is on its way makes the next one. */
function createStore({
  pool,
  world,
}: ReceiveDeps): (row: DeliveryRow, listed?: boolean) => Promise<Received> {
  const queue: Waiting[] = [];
  let typeOid: number | null = null;
  let inFlight = 0;
  let flushing = false;

  function flush(): void {
    flushing = false;
    while (queue.length > 0 && inFlight < LIMITS.inbox.groupsInFlight) {
      const group = queue.splice(0, LIMITS.inbox.groupItems);
      inFlight += 1;
      void typeOf()
        .then((oid) => storeGroup(pool, oid, group))
        .then((changed) => void queue.push(...changed))
        .catch((error: unknown) => {
          typeOid = null; // A restored database has other ids.
          for (const { reject } of group) reject(error);
        })
        .finally(() => {
          inFlight -= 1;
          flush();
        });
    }
  }

  async function typeOf(): Promise<number> {
    typeOid ??= (await query<{ oid: number }>(pool, DELIVERY_TYPE))[0]?.oid ?? 0;
    return typeOid;
  }

  return (row, listed = false) => {
    if (queue.length >= LIMITS.inbox.queue) return Promise.resolve({ kind: 'overloaded' });
    return new Promise((resolve, reject) => {
      queue.push({ row, listed, resolve, reject });
      if (flushing || inFlight >= LIMITS.inbox.groupsInFlight) return;
      flushing = true;
      world.defer(flush);
    });
  };
}

/** Gives those whose event came before with other content, under names of their own: they are to be stored as well. */
async function storeGroup(pool: Pool, typeOid: number, group: Waiting[]): Promise<Waiting[]> {
  const { distinct, repeated, changed } = sorted(group);
  const list = new RecordWriter(distinct.length * SIZE_HINT);
  distinct.forEach(({ row }, n) => void writeDelivery(list.row(n), row));
  const rows = await query<{ n: number; fresh: boolean }>(pool, STORE_DELIVERIES, [list.end(typeOid)]);
  const told = new Map(rows.map(({ n, fresh }) => [n, fresh]));
  distinct.forEach((waiting, n) => {
    if (told.get(n) === false && !waiting.listed) changed.push(waiting);
    else waiting.resolve({ kind: told.get(n) === true ? 'stored' : 'repeated' });
  });
  for (const { resolve } of repeated) resolve({ kind: 'repeated' });
  return changed.map((waiting) => ({ ...waiting, row: asAnother(waiting.row) }));
}

/** The first delivery of each event, those that say the same, and those that do not. */
function sorted(group: Waiting[]): { distinct: Waiting[]; repeated: Waiting[]; changed: Waiting[] } {
  const first = new Map<string, Waiting>();
  const repeated: Waiting[] = [];
  const changed: Waiting[] = [];
  for (const waiting of group) {
    const { provider, account, event_id, body } = waiting.row;
    const name = `${provider} ${account} ${event_id}`;
    const known = first.get(name);
    if (!known) first.set(name, waiting);
    else if (waiting.listed || known.row.body.equals(body)) {
      known.row.repeats += 1;
      repeated.push(waiting);
    } else changed.push(waiting);
  }
  return { distinct: [...first.values()], repeated, changed };
}

/**
 * One event with other content is no repetition: it may say something else of the money. Where it does not, applying it
 * changes nothing; where it contradicts what was told, the payment has an exception for it.
 */
function asAnother(row: DeliveryRow): DeliveryRow {
  return { ...row, event_id: `${row.event_id} ${digestOf(row.body)}`, repeats: 0 };
}
