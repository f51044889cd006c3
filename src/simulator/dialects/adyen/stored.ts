/** `/storedPaymentMethods`, and `/paymentMethods` as far as it tells that the account is there. */

import { approved } from '../../books.ts';
import { findThing, type Thing, thingsOf } from '../../shelf.ts';
import type { Job, Order, Question } from '../../simulator.ts';
import type { Reply } from '../../view.ts';
import { ADYEN, type AdyenRequest, job } from './request.ts';

export function listStored(request: AdyenRequest): Question {
  const { sim, query, merchantAccount } = request;
  const shopper = query.get('shopperReference') ?? '';
  const answer = (): Reply => {
    const things = thingsOf(sim.books.shelf, ADYEN, 'stored');
    const own = things.filter((thing) => thing.data['shopper'] === shopper && thing.data['deleted'] !== true);
    const storedPaymentMethods = own.map((thing) => view(thing, shopper));
    return { status: 200, body: { merchantAccount, shopperReference: shopper, storedPaymentMethods } };
  };
  return { is: 'question', id: shopper, reference: null, charge: null, answer };
}

/** What was stored stays on the shelf, so that its id is never given twice. */
export function deleteStored(request: AdyenRequest, id: string): Job {
  const { sim, query, operation } = request;
  const thing = findThing(sim.books.shelf, ADYEN, 'stored', id);
  const own = thing?.data['shopper'] === query.get('shopperReference') ? thing : undefined;
  const execute = () => ({
    charge: null,
    verdict: approved(id, 0),
    things: own === undefined ? [] : [{ ...own, data: { ...own.data, deleted: true } }],
  });
  const order: Order = {
    kind: 'prepare',
    operation,
    charge: null,
    reference: null,
    tokenFault: null,
    execute,
  };
  return job(request, order, () => ({ status: 204, body: null }));
}

export function listMethods(request: AdyenRequest): Question {
  const paymentMethods = [
    { name: 'Cards', type: 'scheme' },
    { name: 'iDEAL', type: 'ideal' },
    { name: 'SEPA Direct Debit', type: 'sepadirectdebit' },
  ];
  const answer = (): Reply => ({ status: 200, body: { paymentMethods } });
  return { is: 'question', id: request.operation, reference: null, charge: null, answer };
}

function view({ id, data }: Thing, shopperReference: string): object {
  return { id, type: data['type'], shopperReference };
}
