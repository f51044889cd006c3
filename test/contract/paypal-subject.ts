import { PAYPAL_VERSION } from '../../src/connectors/paypal/connector.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { ContractSubject, Methods } from './subject.ts';
import { followPlainly, SIMULATOR_METHODS } from './subjects.ts';

const WEBHOOK_ID = '4JH86294D6297924G';

/** Cards have to be put into PayPal's vault by whoever has the sandbox: without any, only approval is asked for. */
const OWN_VAULT: Methods = {
  approve: { type: 'card', token: process.env['TRUEPENNY_SANDBOX_PAYPAL_VAULT_ID'] ?? '' },
  declines: { soft_decline: null, hard_decline: null, needs_authentication: null, unmapped: null },
  challenge: null,
  pendingThenApprove: null,
  pendingThenDecline: null,
};

/** A new one for each run: whom it trusts is the simulator that it starts. */
export function paypalSubject(): ContractSubject {
  let authority = '';
  return {
    provider: 'paypal',
    version: PAYPAL_VERSION,
    async start(dataDir) {
      const options = { port: 0, dialectPorts: { paypal: 0 }, host: '127.0.0.1', dataDir };
      const { url: control, dialectUrls, close } = await startSimulator(options);
      const url = dialectUrls.get('paypal') ?? '';
      authority = await (await fetch(`${url}/v1/notifications/certs/authority`)).text();
      return { control, url, close };
    },
    account: (url) => ({
      url,
      credentials: { client_id: 'client', client_secret: 'secret' },
      settings: { certificate_authority: authority },
    }),
    webhooks: {
      secret: WEBHOOK_ID,
      follow: (control, url) => followPlainly(control, { url, secret: WEBHOOK_ID, dialect: 'paypal' }),
    },
    methods: SIMULATOR_METHODS,
    sandbox: { url: null, methods: OWN_VAULT },
  };
}
