/** The providers that a seed may have: the simulator's own dialect, and those of real ones through their connectors. */

import type { Accounts } from '../../src/connectors/port.ts';
import { createAccounts } from '../../src/connectors/registry.ts';
import type { PaymentMethod } from '../../src/core/payment/events.ts';
import type { World } from '../../src/ops/world.ts';
import { ADYEN_SUBJECT } from '../contract/adyen.ts';
import { STRIPE_SUBJECT } from '../contract/stripe.subject.ts';
import type { ContractSubject } from '../contract/subject.ts';
import { SIMULATOR_SUBJECT } from '../contract/subjects.ts';
import { urlOf } from './provider.ts';

export type SimulatedProvider = {
  name: string;
  /** What its webhooks are signed with. */
  secret: string;
  /** It lists what moved, so that a webhook may be lost for good. */
  lists: boolean;
  /** The idempotency key on the wire is the operation's id. */
  keyIsOperation: boolean;
  methods: ContractSubject['methods'];
  accounts(world: World): Accounts;
};

/** One line each; those with less of what can go wrong of their own are rarer. */
const PROVIDERS: readonly { weight: number; provider: SimulatedProvider }[] = [
  { weight: 3, provider: providerOf(SIMULATOR_SUBJECT, { lists: true, keyIsOperation: true }) },
  { weight: 1, provider: providerOf(STRIPE_SUBJECT, { lists: true, keyIsOperation: true }) },
  { weight: 1, provider: providerOf(ADYEN_SUBJECT, { lists: false, keyIsOperation: false }) },
];

export const PROVIDER_NAMES: readonly string[] = PROVIDERS.map(({ provider }) => provider.name);

/** The seed's, unless one is named. */
export function providerFor(seed: number, name: string | null): SimulatedProvider {
  const all = PROVIDERS.flatMap(({ weight, provider }) => Array.from({ length: weight }, () => provider));
  const chosen = name === null ? all[seed % all.length] : all.find((provider) => provider.name === name);
  if (chosen === undefined)
    throw new Error(`${name} is not simulated; there are ${PROVIDER_NAMES.join(', ')}`);
  return chosen;
}

function providerOf(
  subject: ContractSubject,
  manners: Pick<SimulatedProvider, 'lists' | 'keyIsOperation'>,
): SimulatedProvider {
  const { provider: name, version, methods, webhooks } = subject;
  return {
    ...manners,
    name,
    secret: webhooks?.secret ?? '',
    methods,
    accounts: (world) => {
      const account = { account: 'default', provider: name, mode: 'any' as const };
      const versions = [{ version, percent: 100 }];
      return createAccounts([{ ...account, versions, ...subject.account(urlOf(name)) }], {
        world,
        timeoutMs: null,
      });
    },
  };
}

/** A method of the provider, or one that it approves where it has none of the kind. */
export function methodOf({ methods }: SimulatedProvider, kind: MethodKind): PaymentMethod {
  const wanted = kind === 'decline' ? methods.declines.soft_decline : methods[kind];
  return wanted ?? methods.approve;
}

export type MethodKind = 'approve' | 'decline' | 'challenge' | 'pendingThenApprove' | 'pendingThenDecline';
