/** Disputes, to look at. They are opened and decided in the simulator's dashboard. */

import type { Question, Said } from '../../simulator.ts';
import { bare, said } from './errors.ts';
import { type BraintreeRequest, ok, question } from './request.ts';
import { disputeView } from './view.ts';
import { BRAINTREE } from './wire.ts';

export function findDispute({ sim, id }: BraintreeRequest): Question | Said {
  for (const charge of sim.books.charges.values()) {
    const dispute = charge.dialect === BRAINTREE ? charge.disputes?.find((one) => one.id === id) : undefined;
    if (dispute !== undefined)
      return question(id, charge, () => ok(200, 'dispute', disputeView(charge, dispute)));
  }
  return said(bare(404));
}
