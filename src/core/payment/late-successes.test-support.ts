/** What succeeds at the provider after something else was decided: for properties. */

import fc from 'fast-check';
import type { Command } from '../payment.ts';
import { authorizedFact, type History } from './histories.test-support.ts';
import { approved, confirmWith, createCommand, DECLINED, outcome } from './situations.ts';
import { told } from './told.test-support.ts';

/** A late sale or approval of the first attempt, after the second one was paid or the payment was given up. */
export const lateSuccesses: fc.Arbitrary<History & { sale: boolean }> = fc
  .record({
    sale: fc.boolean(),
    fate: fc.constantFrom('paid', 'given_up', 'voided'),
    byFact: fc.boolean(),
    total: fc.boolean(),
  })
  .map(({ sale, fate, byFact, total }) => {
    const capture = sale ? 'automatic' : 'manual';
    const beginning: Command[] = [createCommand({ capture })];
    if (fate === 'voided') beginning.push({ type: 'void', operation: 'op_void' });
    else beginning.push(outcome('op_auth_1', DECLINED));
    if (fate === 'given_up') beginning.push({ type: 'expire', operation: 'op_expire' });
    if (fate === 'paid')
      beginning.push(
        confirmWith(2, capture),
        outcome(
          'op_auth_2',
          approved(100, { reference: 'ch_2', ...(sale && { captured: 100, movement: 'mv_2' }) }),
        ),
      );
    const answer = approved(100, sale && !byFact ? { captured: 100, movement: 'mv_sale' } : {});
    const news = [authorizedFact, ...(byFact ? [] : [outcome('op_auth_1', answer)])];
    if (sale) news.push(told({ kind: 'captured', movement: 'mv_sale', operation: null, amount: 100 }));
    if (sale && total) news.push(told({ kind: 'captured_total', amount: 100, version: 'v1' }));
    return { beginning, news, sale };
  });
