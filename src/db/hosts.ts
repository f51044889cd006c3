/**
 * A DATABASE_URL with several hosts, in libpq's notation: `postgres://user@db-a:5432,db-b:5432/truepenny`. One of them
 * is the primary, and which one changes with a failover. The driver knows one host only: it is told here.
 */

import pg from 'pg';
import { LIMITS } from '../ops/limits.ts';

/** One URL for each host, the same but for that; what the driver does not know is taken out. */
export function hostsOf(url: string): string[] {
  const [, start = '', list = '', rest = ''] = /^(\w+:\/\/(?:[^@/?#]*@)?)([^/?#]*)(.*)$/s.exec(url) ?? [];
  // Read-write is what we always ask for: payments are never decided from a standby.
  const [path = '', query = ''] = rest.split('?');
  const others = query.split('&').filter((part) => part !== '' && !part.startsWith('target_session_attrs='));
  const end = others.length === 0 ? path : `${path}?${others.join('&')}`;
  return list.split(',').map((host) => `${start}${host}${end}`);
}

/** The URL of the host that takes writes; the only host unasked. Rejects with SQLSTATE 08001 while there is none. */
export async function primaryOf(hosts: readonly string[]): Promise<string> {
  const [only] = hosts;
  if (only !== undefined && hosts.length === 1) return only;
  // All at once: one that is gone without a word must not hold up the others.
  return Promise.any(hosts.map(askIfPrimary)).catch((error: AggregateError) => {
    const found = error.errors.map(
      ({ code, message }: { code?: string; message: string }) => code ?? message,
    );
    const said = `none of the ${hosts.length} database hosts is the primary: ${found.join(', ')}`;
    throw Object.assign(new Error(said), { code: '08001' });
  });
}

async function askIfPrimary(url: string): Promise<string> {
  const connectionTimeoutMillis = LIMITS.database.findPrimaryMs;
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis,
    query_timeout: connectionTimeoutMillis,
  });
  client.on('error', () => undefined); // the question that is under way reports it
  try {
    await client.connect();
    await refuseStandby(client);
    return url;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** 25006 is what a standby says to whoever writes. */
async function refuseStandby(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
  if (rows[0]?.standby) throw Object.assign(new Error('this host is a standby'), { code: '25006' });
}

/** What a pool needs beside its URL so that each new connection goes to the primary of the moment. */
export function followingPrimary(hosts: readonly string[]): Pick<pg.PoolConfig, 'Client' | 'onConnect'> {
  let known: Promise<string> | null = null;
  const forget = () => {
    known = null;
  };
  const primary = () => {
    known ??= primaryOf(hosts).catch((error: unknown) => {
      forget();
      throw error;
    });
    return known;
  };
  return {
    Client: clientOf(primary, forget),
    // The host of before may have come back as a standby.
    onConnect: (client) =>
      refuseStandby(client).catch((error: unknown) => {
        forget();
        throw error;
      }),
  };
}

type Connected = (error: Error | null) => void;

/** The pool makes its clients itself, and tells them to connect with a function to call. */
function clientOf(primary: () => Promise<string>, forget: () => void): new () => pg.ClientBase {
  class Following extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: the pool uses one of its two signatures.
    override connect(connected?: any): any {
      const done: Connected = (error) => {
        if (error) forget();
        connected(error);
      };
      primary().then((url) => {
        const { host, port } = new pg.Client({ connectionString: url });
        Object.assign(this, { host, port });
        super.connect(done);
      }, done);
    }
  }
  return Following as unknown as new () => pg.ClientBase;
}
