/** The vault: customers, and what they pay with, kept under a token that is charged again and again. */

import { approved, type Books } from '../../books.ts';
import { findThing, type Thing } from '../../shelf.ts';
import type { Job, Question, Said } from '../../simulator.ts';
import { bare, invalid, said } from './errors.ts';
import { type Nonce, nonceOf } from './nonces.ts';
import { type BraintreeRequest, groupOf, job, ok, operationOf, question, textOf } from './request.ts';
import { BRAINTREE } from './wire.ts';
import { list, type XmlFields } from './xml.ts';

const CUSTOMER = 'customer';
const METHOD = 'payment_method';

/** With a nonce its payment method is kept at once. */
export function createCustomer(request: BraintreeRequest): Job | Said {
  const json = groupOf(request.body, 'customer');
  const nonce = textOf(json, 'payment_method_nonce');
  if (nonce !== null && nonceOf(nonce).kind === 'invalid') return said(invalid('91565'));
  return keep(request, 'customer', (id, token, at) => {
    const customer = thing(CUSTOMER, id, at, { tokens: nonce === null ? [] : [token] });
    return nonce === null ? [customer] : [customer, thing(METHOD, token, at, { nonce, customer: id })];
  });
}

export function createMethod(request: BraintreeRequest): Job | Said {
  const json = groupOf(request.body, 'payment_method');
  const [nonce, customer] = [textOf(json, 'payment_method_nonce') ?? '', textOf(json, 'customer_id') ?? ''];
  if (nonceOf(nonce).kind === 'invalid') return said(invalid('91565'));
  if (findThing(request.sim.books.shelf, BRAINTREE, CUSTOMER, customer) === undefined)
    return said(invalid('91508'));
  return keep(request, 'credit-card', (id, _, at) => [thing(METHOD, id, at, { nonce, customer })]);
}

export function findMethod({ sim, id }: BraintreeRequest): Question | Said {
  const method = findThing(sim.books.shelf, BRAINTREE, METHOD, id);
  if (method === undefined) return said(bare(404));
  return question(id, null, () => ok(200, 'credit-card', methodView(method)));
}

/** What a token was made of; null for one that nobody has kept. */
export function nonceOfToken({ shelf }: Books, token: string): Nonce | null {
  const method = findThing(shelf, BRAINTREE, METHOD, token);
  return method === undefined ? null : nonceOf(String(method.data['nonce']));
}

function keep(
  request: BraintreeRequest,
  root: 'customer' | 'credit-card',
  things: (id: string, token: string, at: number) => Thing[],
): Job {
  const { sim } = request;
  return job(
    {
      kind: 'prepare',
      operation: operationOf(request, null),
      charge: null,
      reference: null,
      execute({ at }) {
        const id = at.id('ch');
        return { charge: null, verdict: approved(id, 0), things: things(id, at.id('ch'), at.now) };
      },
    },
    ({ movement }) => {
      const type = root === 'customer' ? CUSTOMER : METHOD;
      const made = findThing(sim.books.shelf, BRAINTREE, type, movement ?? '') as Thing;
      return ok(201, root, root === 'customer' ? customerView(sim.books, made) : methodView(made));
    },
  );
}

function thing(type: string, id: string, at: number, data: Thing['data']): Thing {
  return { dialect: BRAINTREE, type, id, at, data };
}

function customerView({ shelf }: Books, { id, data }: Thing): XmlFields {
  const tokens = data['tokens'] as readonly string[];
  const methods = tokens.flatMap((token) => findThing(shelf, BRAINTREE, METHOD, token) ?? []);
  return { id, creditCards: list('credit-card', methods.map(methodView)) };
}

function methodView({ id, data }: Thing): XmlFields {
  const kept = nonceOf(String(data['nonce']));
  const card = kept.kind === 'usable' ? kept.instrument : null;
  return {
    token: id,
    customerId: String(data['customer']),
    cardType: card?.cardType ?? null,
    bin: card?.bin ?? null,
    last4: card?.last4 ?? null,
    default: true,
  };
}
