/** `truepenny migrate`: brings the schema up to date and says what it did. */

import { attachDatabase, configuration, prepareDatabase } from './context.ts';

export async function run(): Promise<number> {
  const config = configuration();
  const database = await attachDatabase(config);
  try {
    const applied = await prepareDatabase(database.url, config);
    console.log(applied.length === 0 ? 'The schema is up to date.' : `Applied: ${applied.join(', ')}`);
    return 0;
  } finally {
    await database.stop?.();
  }
}
