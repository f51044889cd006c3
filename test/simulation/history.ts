/** All that happened in a seed, as one hash: two runs were the same where it is. */

import { createHash } from 'node:crypto';

/** Hashed a page at a time: each call costs more than the few bytes of a line. */
export function createHistory() {
  const hash = createHash('sha256');
  let page = '';
  const turn = () => {
    hash.update(page);
    page = '';
  };
  return {
    add(line: string) {
      page += line;
      if (page.length > 16_384) turn();
    },
    hash: () => {
      turn();
      return hash.copy().digest('hex').slice(0, 16);
    },
  };
}
