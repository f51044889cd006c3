/** The providers that a seed may have: the simulator's own dialect, and those of real ones through their connectors. */

import type { Accounts } from '../../src/connectors/port.ts';
import { createAccounts } from '../../src/connectors/registry.ts';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import type { World } from '../../src/ops/world.ts';
import { authorityOf } from '../../src/simulator/dialects/paypal/certificates.ts';
import { putThing, type Thing, thingsOf } from '../../src/simulator/shelf.ts';
import { ADYEN_SUBJECT } from '../contract/adyen.ts';
import { BRAINTREE_SUBJECT } from '../contract/braintree.ts';
import { CHECKOUT_SUBJECT } from '../contract/checkout.ts';
import { paypalSubject } from '../contract/paypal-subject.ts';
import { STRIPE_SUBJECT } from '../contract/stripe.subject.ts';
import type { ContractSubject } from '../contract/subject.ts';
import { SIMULATOR_SUBJECT } from '../contract/subjects.ts';
import type { FaultKind } from './faults.ts';
import { type Provider, urlOf } from './provider.ts';

export type SimulatedProvider = {
  name: string;
  /** What its webhooks are signed with. */
  secret: string;
  /** It lists what moved, so that a webhook may be lost for good. */
  lists: boolean;
  /** What became of an authorisation can be asked for by what we know of it; else only the provider tells. */
  askable: boolean;
  /** The idempotency key on the wire is the operation's id. */
  keyIsOperation: boolean;
  /** Of what banks do, that which it has no word for. */
  never: readonly FaultKind[];
  /** A bank takes back the whole of what was captured, never one of several captures. */
  reversesWhole: boolean;
  methods: ContractSubject['methods'];
  accounts(world: World): Accounts;
};

/** Before it is known whose books they are: what an account is configured with may depend on them. */
type Kind = Omit<SimulatedProvider, 'accounts'> & { accounts(world: World, provider: Provider): Accounts };

/** One line each; those with less of what can go wrong of their own are rarer. */
const PROVIDERS: readonly { weight: number; provider: Kind }[] = [
  {
    weight: 3,
    provider: providerOf(SIMULATOR_SUBJECT, {
      lists: true,
      askable: true,
      keyIsOperation: true,
      never: ['sale_voided'],
    }),
  },
  {
    weight: 1,
    provider: providerOf(STRIPE_SUBJECT, {
      lists: true,
      askable: true,
      keyIsOperation: true,
      never: ['sale_voided'],
      reversesWhole: true,
    }),
  },
  { weight: 1, provider: providerOf(ADYEN_SUBJECT, { lists: false, askable: false, keyIsOperation: false }) },
  {
    weight: 1,
    provider: providerOf(
      paypalSubject(),
      { lists: true, askable: false, keyIsOperation: false, never: ['sale_voided'] },
      ({ sim }) => ({ certificate_authority: authorityFor(sim) }),
    ),
  },
  {
    weight: 1,
    provider: providerOf(BRAINTREE_SUBJECT, { lists: true, askable: true, keyIsOperation: false }),
  },
  {
    weight: 1,
    provider: providerOf(CHECKOUT_SUBJECT, {
      lists: false,
      askable: true,
      keyIsOperation: false,
      never: ['capture_reversed', 'refund_returned', 'sale_voided'],
    }),
  },
];

export const PROVIDER_NAMES: readonly string[] = PROVIDERS.map(({ provider }) => provider.name);

/** The seed's, unless one is named. */
export function providerFor(seed: number, name: string | null, provider: Provider): SimulatedProvider {
  const all = PROVIDERS.flatMap((each) => Array.from({ length: each.weight }, () => each.provider));
  const chosen = name === null ? all[seed % all.length] : all.find((each) => each.name === name);
  if (chosen === undefined)
    throw new Error(`${name} is not simulated; there are ${PROVIDER_NAMES.join(', ')}`);
  return { ...chosen, accounts: (world) => chosen.accounts(world, provider) };
}

/** Making keys takes as long as ten payments: the first that were made serve all seeds of a worker. */
const SIGNERS: Thing[] = [];

function authorityFor(sim: Provider['sim']): string {
  for (const signer of SIGNERS) putThing(sim.books.shelf, signer);
  const authority = authorityOf(sim, sim.moment().now);
  if (SIGNERS.length === 0) SIGNERS.push(...thingsOf(sim.books.shelf, 'paypal', 'signer'));
  return authority;
}

function providerOf(
  subject: ContractSubject,
  manners: Pick<SimulatedProvider, 'lists' | 'askable' | 'keyIsOperation'> &
    Partial<Pick<SimulatedProvider, 'never' | 'reversesWhole'>>,
  settingsOf: (provider: Provider) => Record<string, string> = () => ({}),
): Kind {
  const { provider: name, version, methods, webhooks } = subject;
  return {
    never: [],
    reversesWhole: false,
    ...manners,
    name,
    secret: webhooks?.secret ?? '',
    methods,
    accounts: (world, provider) => {
      const account = { account: 'default', provider: name, mode: 'any' as const };
      const versions = [{ version, percent: 100 }];
      const { settings, ...where } = subject.account(urlOf(name));
      const config = { ...account, versions, ...where, settings: { ...settings, ...settingsOf(provider) } };
      return createAccounts([config], { world, timeoutMs: null });
    },
  };
}

/** A method of the provider, or one that it approves where it has none of the kind. */
export function methodOf({ methods }: SimulatedProvider, kind: MethodKind): PaymentMethod {
  const wanted = kind === 'decline' ? methods.declines.soft_decline : methods[kind];
  return wanted ?? methods.approve;
}

export type MethodKind = 'approve' | 'decline' | 'challenge' | 'pendingThenApprove' | 'pendingThenDecline';
