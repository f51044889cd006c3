/** Stripe, as the simulator plays it, and its test mode. */

import { STRIPE_VERSION } from '../../src/connectors/stripe/connector.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { ContractSubject, Methods } from './subject.ts';
import { followPlainly, SIMULATOR_METHODS } from './subjects.ts';

const SECRET = 'whsec_the_contract_suite_signs_with_this';
const card = (token: string) => ({ type: 'card' as const, token });

/** As https://docs.stripe.com/testing publishes them; nothing there is declined by a code that Stripe does not list. */
const PUBLISHED: Methods = {
  approve: card('pm_card_visa'),
  declines: {
    soft_decline: card('pm_card_visa_chargeDeclinedInsufficientFunds'),
    hard_decline: card('pm_card_visa_chargeDeclinedStolenCard'),
    needs_authentication: null,
    unmapped: null,
  },
  challenge: card('pm_card_threeDSecure2Required'),
  pendingThenApprove: { type: 'sepa_debit', token: 'pm_sepaDebit_success_de' },
  pendingThenDecline: { type: 'sepa_debit', token: 'pm_sepaDebit_failed_de' },
};

export const STRIPE_SUBJECT: ContractSubject = {
  provider: 'stripe',
  version: STRIPE_VERSION,
  async start(dataDir) {
    const options = { port: 0, dialectPorts: { stripe: 0 }, host: '127.0.0.1', dataDir };
    const { url, dialectUrls, close } = await startSimulator(options);
    return { control: url, url: dialectUrls.get('stripe') ?? '', close };
  },
  account: (url) => ({
    url,
    credentials: { secret_key: 'sk_test_simulator' },
    settings: { multicapture: true },
  }),
  webhooks: {
    secret: SECRET,
    follow: (control, url) => followPlainly(control, { url, secret: SECRET, dialect: 'stripe' }),
  },
  methods: SIMULATOR_METHODS,
  sandbox: { url: null, methods: PUBLISHED },
};
