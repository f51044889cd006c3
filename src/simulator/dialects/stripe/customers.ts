/** Customers: whom stored methods belong to. */

import type Stripe from 'stripe';
import { approved } from '../../books.ts';
import type { Job, Question, Said } from '../../simulator.ts';
import { missing } from './errors.ts';
import { metadataOf, textOf } from './form.ts';
import { thingId } from './ids.ts';
import { job, ok, question, type StripeRequest } from './request.ts';
import { type Customer, find, thing } from './things.ts';

type CustomerBody = Pick<
  Stripe.Customer,
  | 'id'
  | 'object'
  | 'balance'
  | 'created'
  | 'default_source'
  | 'description'
  | 'email'
  | 'invoice_settings'
  | 'livemode'
  | 'metadata'
  | 'shipping'
> & { name: string | null };

export function createCustomer(request: StripeRequest): Job {
  const { sim, params, operation } = request;
  return job(
    request,
    {
      kind: 'prepare',
      operation,
      charge: null,
      reference: null,
      tokenFault: null,
      execute({ at }) {
        const id = thingId('cus', at.id('ch'));
        const things = [thing('customer', id, at.now, readCustomer(params))];
        return { charge: null, verdict: approved(id, 0), things };
      },
    },
    ({ movement }) => ok(customerView(find(sim.books, 'customer', movement ?? '') as Customer)),
  );
}

export function retrieveCustomer({ sim }: StripeRequest, id: string): Question | Said {
  const customer = find(sim.books, 'customer', id);
  if (customer === undefined) return missing('customer', id);
  return question(id, null, () => ok(customerView(customer)));
}

function readCustomer(params: StripeRequest['params']): Customer['data'] {
  return {
    email: textOf(params, 'email'),
    name: textOf(params, 'name'),
    description: textOf(params, 'description'),
    metadata: metadataOf(params),
  };
}

function customerView({ id, at, data }: Customer): CustomerBody {
  return {
    id,
    object: 'customer',
    balance: 0,
    created: Math.floor(at / 1000),
    default_source: null,
    description: data.description,
    email: data.email,
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: data.metadata,
    name: data.name,
    shipping: null,
  };
}
