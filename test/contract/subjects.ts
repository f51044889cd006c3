/** The connectors that the contract suite is run for. */

import { startSimulator } from '../../src/simulator/server.ts';
import { SECRET } from '../support/webhooks.ts';
import type { ContractSubject, Methods, Simulated } from './subject.ts';

const card = (name: string) => ({ type: 'card' as const, token: `tok_${name}` });

/** The simulator's own tokens: for every dialect that takes a token of ours. */
export const SIMULATOR_METHODS: Methods = {
  approve: card('approve'),
  declines: {
    soft_decline: card('decline_insufficient_funds'),
    hard_decline: card('decline_stolen_card'),
    needs_authentication: card('decline_authentication_required'),
    unmapped: card('decline_unmapped'),
  },
  challenge: card('3ds'),
  pendingThenApprove: card('pending_then_approve'),
  pendingThenDecline: card('pending_then_decline'),
};

export const SIMULATOR_SUBJECT: ContractSubject = {
  provider: 'simulator',
  version: '1',
  async start(dataDir) {
    const { url, close } = await startSimulator({ port: 0, host: '127.0.0.1', dataDir });
    return { control: url, url, close };
  },
  account: (url) => ({ url, credentials: {}, settings: {} }),
  webhooks: { secret: SECRET, follow: (control, url) => followPlainly(control, { url, secret: SECRET }) },
  methods: SIMULATOR_METHODS,
  sandbox: null,
};

/** The simulator, and where it speaks the dialect. */
export async function startDialect(dialect: string, dataDir: string): Promise<Simulated> {
  const options = { port: 0, host: '127.0.0.1', dataDir, dialectPorts: { [dialect]: 0 } };
  const { url: control, dialectUrls, close } = await startSimulator(options);
  const url = dialectUrls.get(dialect);
  if (url !== undefined) return { control, url, close };
  await close();
  throw new Error(`the simulator speaks no ${dialect}: src/simulator/dialects/all.ts has no line for it`);
}

/** Has the simulator send its webhooks there; `more` for a dialect. */
export async function followPlainly(control: string, endpoint: object): Promise<void> {
  const answer = await fetch(`${control}/webhook-endpoints`, {
    method: 'POST',
    body: JSON.stringify(endpoint),
  });
  if (!answer.ok) throw new Error(`the simulator refused the endpoint: ${await answer.text()}`);
}
