/** Reserved first: captured whole, in parts, at the same moment from two places, voided, or forgotten. */

import { ask, type Merchant, pause } from '../merchants.ts';
import { create, createInput, refunds, type Shown, settled, type Workload } from './lives.ts';

export const RESERVATIONS: Workload = {
  name: 'reservations',
  weight: 4,
  async live(merchant) {
    const { random } = merchant;
    const made = await create(merchant, createInput(merchant, 'approve', 'manual'));
    const payment = made && (await settled(merchant, made));
    if (!payment) return;
    await pause(merchant, random.between(0, 2 * 3600_000));
    if (random.chance(0.15)) return;
    if (random.chance(0.25)) return void (await ask(merchant, 'void', { payment: payment.id }, payment.id));
    await captures(merchant, payment);
    if (random.chance(0.2)) await ask(merchant, 'void', { payment: payment.id }, payment.id);
    await refunds(merchant, payment.id, payment.amount);
  },
};

async function captures(merchant: Merchant, { id: payment, amount: most }: Shown): Promise<void> {
  const { random } = merchant;
  for (let left = random.between(1, 2); left > 0; left -= 1) {
    const amount = left === 1 && random.chance(0.6) ? null : random.between(1, Math.ceil(most * 0.7));
    const input = { payment, amount, final: left === 1 && random.chance(0.7) };
    const beside = random.between(1, 100) <= merchant.habits.concurrent;
    await Promise.all([
      ask(merchant, 'capture', input, payment),
      ...(beside ? [besides(merchant, payment, input)] : []),
    ]);
    await pause(merchant, random.between(0, 3600_000));
  }
}

/** Somebody else at the merchant's, at the same moment: the same again, or the opposite. */
function besides(merchant: Merchant, payment: string, input: object) {
  return merchant.random.chance(0.5)
    ? ask(merchant, 'capture', input, payment)
    : ask(merchant, 'void', { payment }, payment);
}
