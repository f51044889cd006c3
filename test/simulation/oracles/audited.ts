/** The invariants that one payment's own history can break, by the judge that `explain` and `verify` use too. */

import { auditStored } from '../../../src/flow/audit.ts';
import type { Oracle } from '../evidence.ts';
import { CHAIN_KEY } from '../process.ts';

export const AUDITED: Oracle = {
  name: 'audit of each payment',
  afterStep: (_, touched) =>
    touched.flatMap(({ payment, stored, fresh }) =>
      auditStored(stored, CHAIN_KEY, stored.events.length - fresh.length)
        .filter(({ holds }) => !holds)
        .map(({ name, detail }) => ({ invariant: name, payment, what: detail ?? '' })),
    ),
};
