/** The bank asks the customer: who passes, fails, leaves, comes back late, or takes another card. */

import { newTrace } from '../../../src/ops/trace.ts';
import { anyProcess, ask, type Merchant, pause } from '../merchants.ts';
import { create, createInput, method, refunds, type Shown, settled, type Workload } from './lives.ts';

export const CHALLENGES: Workload = {
  name: 'challenges',
  weight: 3,
  async live(merchant) {
    const { random } = merchant;
    const capture_method = random.pick(['automatic', 'manual'] as const);
    const made = await create(merchant, createInput(merchant, 'challenge', capture_method));
    const payment = made && (await settled(merchant, made));
    if (payment?.status !== 'requires_action') return;
    await pause(merchant, random.between(1_000, random.chance(0.1) ? 3600_000 : 120_000));
    if (random.chance(0.15)) return replace(merchant, payment);
    if (random.chance(0.1)) return void (await ask(merchant, 'void', { payment: payment.id }, payment.id));
    await confirmAtBank(merchant, payment);
    if (capture_method === 'automatic') await refunds(merchant, payment.id, payment.amount);
  },
};

/** In another tab; in the first one the customer may go on. */
async function replace(merchant: Merchant, shown: Shown): Promise<void> {
  const payment = shown.id;
  const input = { payment, payment_method: method(merchant, 'approve'), provider_account: null };
  const beside = merchant.random.chance(0.6) ? confirmAtBank(merchant, shown) : null;
  await Promise.all([ask(merchant, 'confirm', input, payment), beside]);
}

async function confirmAtBank(merchant: Merchant, { id, latest_attempt }: Shown): Promise<void> {
  const { random, simulation } = merchant;
  const { scheduler, provider, world } = simulation;
  const charge = provider.charges(id).find(({ state }) => state === 'requires_action');
  if (charge === undefined || random.chance(0.1)) return;
  const button = random.pick(['approve', 'approve', 'approve', 'fail', 'abandon'] as const);
  const url = `/3ds/${charge.id}/${button}`;
  const sent = await scheduler.step(world, 'customer answers', () =>
    provider.handle({ method: 'POST', url, headers: {}, body: '' }),
  );
  if (button === 'abandon' || random.chance(0.2) || typeof sent === 'string') return;
  await pause(merchant, random.between(0, 3_000));
  const process = anyProcess(merchant);
  if (process === null || latest_attempt === null) return;
  const returned = sent.headers['location']?.split('?')[1] ?? null;
  const trace = newTrace(process.deps.world);
  const back = process.payments.customerReturned(latest_attempt.id, trace, returned);
  await Promise.race([back.catch(() => null), pause(merchant, 15_000)]);
}
