/** Reserved first: captured whole, in parts, at the same moment from two places, voided, or forgotten. */

import { ask, type Merchant, pause } from '../merchants.ts';
import { create, createInput, look, refunds, settled, type Workload } from './lives.ts';

export const RESERVATIONS: Workload = {
  name: 'reservations',
  weight: 4,
  async live(merchant) {
    const { random } = merchant;
    const made = await create(
      merchant,
      createInput(merchant, { token: 'tok_approve', capture_method: 'manual' }),
    );
    const payment = made && (await settled(merchant, made.id));
    if (!payment) return;
    await pause(merchant, random.between(0, 2 * 3600_000));
    if (random.chance(0.15)) return;
    if (random.chance(0.25)) return void (await ask(merchant, 'void', { payment: payment.id }, payment.id));
    await captures(merchant, payment.id);
    if (random.chance(0.2)) await ask(merchant, 'void', { payment: payment.id }, payment.id);
    await refunds(merchant, payment.id);
  },
};

async function captures(merchant: Merchant, payment: string): Promise<void> {
  const { random } = merchant;
  for (let left = random.between(1, 3); left > 0; left -= 1) {
    const most = (await look(merchant, payment))?.amount_capturable ?? 0;
    if (most === 0) return;
    const amount = left === 1 && random.chance(0.6) ? null : random.between(1, Math.ceil(most * 1.1));
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
