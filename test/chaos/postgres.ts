/** A PostgreSQL that forces everything to disk, as in production, and comes back after an immediate stop. */

import { fileURLToPath } from 'node:url';
import { type EmbeddedServer, startEmbedded } from '../../src/db/embedded/start.ts';
import { migrate } from '../../src/db/migrate.ts';

export type Postgres = { server(): EmbeddedServer; revive(): Promise<void> };

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));

export async function ownPostgres(dataDir: string): Promise<Postgres> {
  const start = async () => {
    const started = await startEmbedded({ dataDir, log: () => undefined });
    if (!started.ok) throw new Error(`${started.problem.message} ${started.problem.remedy}`);
    return started.value;
  };
  let server = await start();
  const migrated = await migrate(server.url, { folder: MIGRATIONS, now: Date.now });
  if (!migrated.ok) throw new Error(migrated.problem.message);
  return {
    server: () => server,
    revive: async () => {
      const { port } = server;
      if (!server.isAlive()) server = await start();
      if (server.port !== port)
        throw new Error('PostgreSQL came back on another port: somebody took its own');
    },
  };
}
