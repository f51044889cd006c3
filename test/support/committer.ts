/** Somebody between a process and its database: who holds back, fails or gathers what is to be committed. */

import { createPayments } from '../../src/features/payments/payments.ts';
import type { Payments } from '../../src/features/payments/types.ts';
import type { Committer } from '../../src/flow/commit.ts';
import type { FlowDeps } from '../../src/flow/deps.ts';
import { createProblems } from '../../src/http/problems.ts';

type Commit = Committer['commit'];

/** `numbered` from 1, in the order in which they were asked for. */
export function committing(
  deps: FlowDeps,
  commit: (item: Parameters<Commit>[0], number: number, pass: Commit) => ReturnType<Commit>,
): FlowDeps {
  let asked = 0;
  const { committer } = deps;
  return {
    ...deps,
    committer: {
      commit: (item) => {
        asked += 1;
        return commit(item, asked, committer.commit);
      },
    },
  };
}

/** A door to the platform of its own: it knows nothing of the requests that came in by others. */
export function paymentsOf(deps: FlowDeps): Payments {
  const problem = createProblems('http://api.test');
  return createPayments({ ...deps, inProgress: new Map(), problem, fundsOf: async () => 'own' });
}
