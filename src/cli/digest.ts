/** `truepenny digest`: attests the present heads of all streams, outside the database. */

import { takeDigest } from '../features/verify/digest.ts';
import { withDatabase } from './context.ts';

export function run(): Promise<number> {
  return withDatabase(async ({ pool, world, log, chainKey, dataDir }) => {
    const result = await takeDigest({ pool, world, log, folder: `${dataDir}/digests`, key: chainKey });
    if (result.kind === 'busy') {
      console.error('Another process is writing a digest to this folder. Try again in some seconds.');
      return 1;
    }
    const { digests, streams, latest } = result;
    console.log(
      digests === 0 ? 'Nothing has happened since the last digest.' : `${streams} streams attested.`,
    );
    if (latest)
      console.log(
        `Digest ${latest.header.digest}, sha256 ${latest.sha256}. Keep this where others cannot change it.`,
      );
    return 0;
  });
}
