import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.ts';
import { startSimulator } from '../../simulator/server.ts';
import { simulatorWebhooks } from './webhooks.ts';

/** What the simulator itself says of a dispute that its dashboard opens and ends. */
async function saidOf(...acts: [path: string, body: object][]) {
  const folder = await temporaryFolder('disputes');
  const simulator = await startSimulator({ port: 0, host: '127.0.0.1', dataDir: folder.path });
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${simulator.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await answer.json()) as { provider_reference: string; disputes: { id: string }[] };
  };
  const sale = { amount: 4200, currency: 'EUR', reference: 'pay_1' };
  const { provider_reference: charge } = await post('/charges', sale);
  let dispute = '';
  for (const [path, body] of acts)
    dispute =
      (await post(`/charges/${charge}/${path}`, dispute === '' ? body : { dispute })).disputes[0]?.id ?? '';
  const listed = await fetch(`${simulator.url}/v1/transactions?limit=100`);
  const { transactions } = (await listed.json()) as { transactions: { type: string }[] };
  await simulator.close();
  await folder.remove();
  const told = transactions.filter(({ type }) => type.startsWith('dispute.'));
  return { dispute, told: told.map((one) => simulatorWebhooks.parse(Buffer.from(JSON.stringify(one)))) };
}

const OPENED = { kind: 'disputed', amount: 4200 };

test.each([
  ['win', 'dispute_won'],
  ['lose', 'dispute_lost'],
] as const)('a chargeback takes the money, and its end is told: %s', async (path, kind) => {
  const { dispute, told } = await saidOf(['dispute', { amount: 4200 }], [path, {}]);
  expect(told).toMatchObject([
    { notices: [{ reference: 'pay_1', fact: { ...OPENED, dispute } }] },
    { notices: [{ reference: 'pay_1', fact: { kind, dispute } }] },
  ]);
});

test('an inquiry moves nothing; the chargeback that it becomes does', async () => {
  const { dispute, told } = await saidOf(['dispute', { amount: 4200, inquiry: true }], ['escalate', {}]);
  expect(told).toMatchObject([
    { kind: 'ignored', why: 'dispute.inquiry says nothing about money' },
    { notices: [{ fact: { ...OPENED, dispute } }] },
  ]);
});
