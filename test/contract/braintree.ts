/** Braintree in the contract suite: its sandbox's own nonces do what they say, here and there. */

import { startSimulator } from '../../src/simulator/server.ts';
import type { ContractSubject, Methods } from './subject.ts';
import { followPlainly } from './subjects.ts';

const SECRET = 'public_key|private_key';
const CURRENCIES = ['EUR', 'USD', 'JPY', 'KWD', 'ISK', 'CLP', 'HUF', 'TWD', 'UGX'];

const card = (token: string) => ({ type: 'card' as const, token });

/** Of Braintree's own sandbox. */
const PUBLISHED: Methods = {
  approve: card('fake-valid-nonce'),
  declines: {
    soft_decline: card('fake-processor-declined-visa-nonce'),
    hard_decline: card('fake-gateway-rejected-fraud-nonce'),
    // Both need an amount or an account's own rule, not a nonce.
    needs_authentication: null,
    unmapped: null,
  },
  challenge: null,
  pendingThenApprove: null,
  pendingThenDecline: null,
};

const METHODS: Methods = {
  ...PUBLISHED,
  declines: {
    ...PUBLISHED.declines,
    needs_authentication: card('fake-processor-declined-2099-nonce'),
    unmapped: card('fake-processor-declined-3999-nonce'),
  },
  pendingThenApprove: { type: 'sepa_debit', token: 'fake-sepa-direct-debit-nonce' },
  pendingThenDecline: { type: 'sepa_debit', token: 'fake-sepa-direct-debit-declined-nonce' },
};

export const BRAINTREE_SUBJECT: ContractSubject = {
  provider: 'braintree',
  version: '6',
  async start(dataDir) {
    const dialectPorts = { braintree: 0 };
    const { url, dialectUrls, close } = await startSimulator({
      port: 0,
      host: '127.0.0.1',
      dataDir,
      dialectPorts,
    });
    // The suite moves the worker's clock only, and the provider's search is behind by the provider's.
    const settings = { search_lag_ms: 0, bank_debit_ms: 50 };
    await fetch(`${url}/settings`, { method: 'POST', body: JSON.stringify(settings) });
    return { control: url, url: dialectUrls.get('braintree') ?? '', close };
  },
  account: (url) => ({
    url,
    credentials: { merchant_id: 'merchant', public_key: 'public_key', private_key: 'private_key' },
    settings: { merchant_accounts: CURRENCIES.map((c) => `${c}=contract_${c.toLowerCase()}`).join(',') },
  }),
  webhooks: {
    secret: SECRET,
    follow: (control, url) => followPlainly(control, { url, secret: SECRET, dialect: 'braintree' }),
  },
  methods: METHODS,
  sandbox: { url: null, methods: PUBLISHED },
};
