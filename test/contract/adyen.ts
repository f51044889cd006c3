/** Adyen for the contract suite, and for what is proved of Adyen alone. */

import { startSimulator } from '../../src/simulator/server.ts';
import type { ContractSubject, Methods } from './subject.ts';
import { followPlainly, SIMULATOR_METHODS } from './subjects.ts';

export const HMAC_KEY = 'D1F6A2B8C3E4950718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F';

/**
 * Card numbers are not sent to this API, so a card has to be stored in the sandbox first, for a shopper:
 * TRUEPENNY_SANDBOX_ADYEN_STORED_METHOD and TRUEPENNY_SANDBOX_ADYEN_SHOPPER.
 */
const SANDBOX_METHODS: Methods = {
  approve: {
    type: 'card',
    token: process.env['TRUEPENNY_SANDBOX_ADYEN_STORED_METHOD'] ?? 'not-set',
    stored: true,
    customer: process.env['TRUEPENNY_SANDBOX_ADYEN_SHOPPER'] ?? 'not-set',
  },
  declines: { soft_decline: null, hard_decline: null, needs_authentication: null, unmapped: null },
  challenge: null,
  pendingThenApprove: null,
  pendingThenDecline: null,
};

export const ADYEN_SUBJECT: ContractSubject = {
  provider: 'adyen',
  version: '72',
  async start(dataDir) {
    const options = { port: 0, host: '127.0.0.1', dataDir, dialectPorts: { adyen: 0 } };
    const { url: control, dialectUrls, close } = await startSimulator(options);
    return { control, url: dialectUrls.get('adyen') ?? '', close };
  },
  account: (url) => ({
    url,
    credentials: { api_key: 'AQE_simulator' },
    settings: { merchant_account: 'TestMerchant' },
  }),
  webhooks: {
    secret: HMAC_KEY,
    follow: (control, url) => followPlainly(control, { url, secret: HMAC_KEY, dialect: 'adyen' }),
  },
  methods: SIMULATOR_METHODS,
  sandbox: { url: null, methods: SANDBOX_METHODS },
};
