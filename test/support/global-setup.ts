/** One PostgreSQL and one migrated template for a whole test run. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';
import { throwawayCluster } from './cluster.ts';
import { administer, withDatabase } from './database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where databases are made from a template: a server's URL and the template's name. */
    postgres: { url: string; template: string };
  }
}

const MIGRATIONS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url));

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env['DATABASE_URL'];
  const cluster = outside ? null : await throwawayCluster();
  const url = outside ?? cluster?.server.url ?? '';
  const template = `truepenny_template_${process.pid}`;
  const tearDown = async () => {
    if (outside) await administer(url, `drop database if exists ${template}`);
    await cluster?.remove();
  };
  try {
    await makeTemplate(url, template);
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('postgres', { url, template });
  return tearDown;
}

async function makeTemplate(url: string, template: string): Promise<void> {
  await administer(url, `create database ${template} template template0 encoding 'UTF8'`);
  if (!existsSync(MIGRATIONS)) return;
  const migrated = await migrate(withDatabase(url, template), { folder: MIGRATIONS, now: Date.now });
  if (!migrated.ok) throw new Error(`${migrated.problem.message} ${migrated.problem.remedy}`);
}
