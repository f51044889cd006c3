/** Stored payment methods: made from a magic name or a published test number, kept with a customer. */

import { approved } from '../../books.ts';
import type { Job, Question, Said } from '../../simulator.ts';
import { invalid, missing } from './errors.ts';
import { groupOf, metadataOf, type Params, textOf } from './form.ts';
import { thingId } from './ids.ts';
import { listOfViews } from './lists.ts';
import { findMagic, type MethodType } from './methods.ts';
import { job, ok, question, type StripeRequest } from './request.ts';
import { all, find, type Method, type MethodData, thing } from './things.ts';
import { methodView } from './views.ts';

/** Published test accounts. The number of a card is never kept, so cards come as tokens alone. */
const ACCOUNTS: ReadonlyMap<string, string> = new Map([
  ['DE89370400440532013000', 'pm_sepaDebit_success_de'],
  ['DE62370400440532013001', 'pm_sepaDebit_failed_de'],
  ['DE35370400440532013002', 'pm_sepaDebit_disputed_de'],
  ['000123456789', 'pm_usBankAccount_success'],
  ['000111111113', 'pm_usBankAccount_accountClosed'],
  ['000222222227', 'pm_usBankAccount_insufficientFunds'],
  ['000111111116', 'pm_usBankAccount_noAccount'],
  ['000333333335', 'pm_usBankAccount_debitNotAuthorized'],
  ['00012345', 'pm_bacsDebit_success'],
  ['00033333', 'pm_bacsDebit_accountClosed'],
]);

/** What a request describes in place; null where it is nothing that the simulator knows. */
export function describedMagic(params: Params): string | null {
  const type = textOf(params, 'type');
  if (type === null) return null;
  const details = groupOf(params, type);
  if (type === 'card') return textOf(details, 'token');
  if (type === 'ideal') return 'pm_ideal';
  const account = textOf(details, 'iban') ?? textOf(details, 'account_number');
  return account === null ? null : (ACCOUNTS.get(account.replaceAll(' ', '')) ?? null);
}

export function methodData(magic: string, type: MethodType, customer: string | null): MethodData {
  return { magic, type, customer, setUpBy: null, metadata: {} };
}

export function createMethod(request: StripeRequest): Job | Said {
  const { sim, params } = request;
  const name = describedMagic(params);
  const magic = name === null ? undefined : findMagic(name, sim.settings);
  if (name === null || magic === undefined) return notDescribed(params);
  const data = { ...methodData(name, magic.type, null), metadata: metadataOf(params) };
  return prepared(request, null, (id, at) => thing('payment_method', id, at, data));
}

export function attachMethod(request: StripeRequest, id: string): Job | Said {
  const { sim, params } = request;
  const customer = textOf(params, 'customer') ?? '';
  if (find(sim.books, 'customer', customer) === undefined) return missing('customer', customer, 'customer');
  const known = find(sim.books, 'payment_method', id);
  if (known !== undefined)
    return prepared(request, known, () => ({ ...known, data: { ...known.data, customer } }));
  const magic = findMagic(id, sim.settings);
  if (magic === undefined) return missing('PaymentMethod', id, 'payment_method');
  const data = methodData(id, magic.type, customer);
  return prepared(request, null, (fresh, at) => thing('payment_method', fresh, at, data));
}

export function detachMethod(request: StripeRequest, id: string): Job | Said {
  const known = find(request.sim.books, 'payment_method', id);
  if (known === undefined) return missing('PaymentMethod', id, 'payment_method');
  return prepared(request, known, () => ({ ...known, data: { ...known.data, customer: null } }));
}

export function retrieveMethod({ sim }: StripeRequest, id: string): Question | Said {
  const method = find(sim.books, 'payment_method', id);
  if (method === undefined) return missing('PaymentMethod', id);
  return question(id, null, () => ok(methodView(method, sim.settings)));
}

export function listMethods(request: StripeRequest, customer: string): Question | Said {
  const { sim, params } = request;
  const owner = customer || textOf(params, 'customer');
  const type = textOf(params, 'type');
  const mine = all(sim.books, 'payment_method').filter(
    ({ data }) => data.customer === owner && (type === null || data.type === type),
  );
  return listOfViews(
    request,
    mine.map((method) => () => methodView(method, sim.settings)),
  );
}

function prepared(
  request: StripeRequest,
  known: Method | null,
  make: (id: string, at: number) => Method,
): Job {
  const { sim, operation } = request;
  return job(
    request,
    {
      kind: 'prepare',
      operation,
      charge: null,
      reference: null,
      tokenFault: null,
      execute({ at }) {
        const method = make(known?.id ?? thingId('pm', at.id('ch')), at.now);
        return { charge: null, verdict: approved(method.id, 0), things: [method] };
      },
    },
    ({ movement }) =>
      ok(methodView(find(sim.books, 'payment_method', movement ?? '') as Method, sim.settings)),
  );
}

function notDescribed(params: Params): Said {
  if (textOf(groupOf(params, 'card'), 'number') !== null) {
    return invalid(
      'card[number]',
      'The simulator takes no card numbers: send card[token]=tok_visa and the like.',
    );
  }
  return invalid(
    'type',
    'The simulator knows card[token], ideal, and the published test accounts of bank debits.',
  );
}
