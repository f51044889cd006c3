/** Checkout.com, as the simulator plays it, and its sandbox. */

import { CHECKOUT_VERSION } from '../../src/connectors/checkout/connector.ts';
import type { ContractSubject } from './subject.ts';
import { followPlainly, SIMULATOR_METHODS, startDialect } from './subjects.ts';

const SECRET = 'the-contract-suite-signs-with-this';

export const CHECKOUT_SUBJECT: ContractSubject = {
  provider: 'checkout',
  version: CHECKOUT_VERSION,
  start: (dataDir) => startDialect('checkout', dataDir),
  account: (url) => ({
    url,
    credentials: { secret_key: 'sk_sbox_simulator' },
    settings: { processing_channel_id: 'pc_simulator' },
  }),
  webhooks: {
    secret: SECRET,
    follow: (control, url) => followPlainly(control, { url, secret: SECRET, dialect: 'checkout' }),
  },
  methods: SIMULATOR_METHODS,
  sandbox: {
    url: null,
    methods: {
      // A token lasts for one payment: the id of a stored card (`src_…`) has to be made first.
      approve: {
        type: 'card',
        token: process.env['TRUEPENNY_SANDBOX_CHECKOUT_SOURCE_ID'] ?? 'not-set',
        stored: true,
      },
      declines: { soft_decline: null, hard_decline: null, needs_authentication: null, unmapped: null },
      challenge: null,
      pendingThenApprove: null,
      pendingThenDecline: null,
    },
  },
};
