/** The sandbox's own calls, by which a test says how a settlement ended. */

import { record } from '../../keeping.ts';
import { isProblemCode } from '../../problems.ts';
import type { Said } from '../../simulator.ts';
import { settle } from './changes.ts';
import { bare, invalid, said } from './errors.ts';
import { findTransaction } from './find.ts';
import { type BraintreeRequest, ok } from './request.ts';
import { transactionView } from './view.ts';
import { BRAINTREE } from './wire.ts';

export function settleBy(declined: boolean): (request: BraintreeRequest) => Said {
  return ({ sim, id, now }) => {
    const found = findTransaction(sim, id);
    if (found === null) return said(bare(404));
    const { charge } = found;
    if (isProblemCode(settle(charge, declined, sim.moment(BRAINTREE)).code)) return said(invalid('91575'));
    record(sim, { charge });
    return said(ok(200, 'transaction', transactionView(found, now)));
  };
}
