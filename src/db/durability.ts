/** Whether a server keeps what it acknowledges: what `acknowledged-is-durable` stands on. */

import type { Problem } from './embedded/problem.ts';

/** As the server tells it of this very session: a role or a database may have settings of its own. */
export type Durability = {
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  /** Empty: no standby is waited for. */
  synchronous_standby_names: string;
  /** True on a standby, which takes no writes and may lag behind. */
  in_recovery: boolean;
};

/** Null when payments may be taken on it. `allowUnsafe` accepts lost payments, but no standby: nothing works there. */
export function durabilityProblem(server: Durability, allowUnsafe: boolean): Problem | null {
  if (server.in_recovery) return standby();
  if (allowUnsafe) return null;
  const off = (['fsync', 'synchronous_commit', 'full_page_writes'] as const).filter(
    (setting) => server[setting] === 'off',
  );
  if (off.length > 0) return loses(off);
  // The standby would be asked, and not waited for: a failover loses what it had not received.
  return server.synchronous_commit === 'local' && server.synchronous_standby_names !== '' ? local() : null;
}

const ON_PURPOSE = 'For a database whose data does not count set TRUEPENNY_ALLOW_UNSAFE_DATABASE=1.';

function loses(off: readonly string[]): Problem {
  return {
    code: 'database_not_durable',
    message: `The PostgreSQL server has ${off.join(' and ')} off: it would lose payments that it has acknowledged.`,
    remedy: `Turn ${off.length > 1 ? 'them' : 'it'} on in postgresql.conf, and look for "alter database" and "alter role" settings. ${ON_PURPOSE}`,
  };
}

function local(): Problem {
  return {
    code: 'database_standby_not_awaited',
    message:
      'The PostgreSQL server has a synchronous standby, but synchronous_commit is local: a failover would lose payments that it has acknowledged.',
    remedy: `Set synchronous_commit to on. ${ON_PURPOSE}`,
  };
}

function standby(): Problem {
  return {
    code: 'database_is_standby',
    message: 'The PostgreSQL server is a standby: it takes no payments, and what it tells may be old.',
    remedy: 'Let DATABASE_URL name the primary, or promote this server: see docs/runbooks/failover.md.',
  };
}
