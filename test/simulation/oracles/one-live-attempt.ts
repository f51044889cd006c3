/** `one-live-attempt`, at the provider: never do two charges of one payment hold the customer's money. */

import type { Charge } from '../../../src/simulator/books.ts';
import type { Finding, Oracle } from '../evidence.ts';

export const ONE_LIVE_ATTEMPT: Oracle = {
  name: 'one-live-attempt',
  afterStep: ({ provider, faults }, touched) => {
    if (faults.fired().some((name) => name.startsWith('key_expiry'))) return [];
    return touched.flatMap(({ payment }): Finding[] => {
      const holding = provider.charges(payment).filter(holds);
      if (holding.length < 2) return [];
      const what = `${holding.map(({ id }) => id).join(' and ')} hold money at the same time`;
      return [{ invariant: 'one-live-attempt', payment, what }];
    });
  },
};

function holds({ state, authorized, captured, refunded, voided }: Charge): boolean {
  const reserved = state === 'open' ? authorized - captured - voided : 0;
  return reserved > 0 || captured - refunded > 0;
}
