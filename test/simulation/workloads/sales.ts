/** The money is taken at once; a declined customer tries another card. */

import { ask, type Merchant } from '../merchants.ts';
import { create, createInput, method, refunds, settled, shownIn, type Workload } from './lives.ts';

const KINDS = [
  'approve',
  'approve',
  'approve',
  'approve',
  'decline',
  'pendingThenApprove',
  'pendingThenDecline',
] as const;

export const SALES: Workload = {
  name: 'sales',
  weight: 5,
  async live(merchant) {
    const { random } = merchant;
    const kind = random.pick(KINDS);
    const made = await create(merchant, createInput(merchant, kind, 'automatic'));
    if (made?.status === 'processing') await loseHeart(merchant, made.id);
    const payment = made && (await settled(merchant, made));
    if (!payment) return;
    if (payment.status === 'requires_payment_method' && random.chance(0.7)) {
      const input = {
        payment: payment.id,
        payment_method: method(merchant, 'approve'),
        provider_account: null,
      };
      shownIn(await ask(merchant, 'confirm', input, payment.id));
    }
    await refunds(merchant, payment.id, payment.amount);
  },
};

/** While nobody knows what became of the first try: another card, or no payment after all. */
async function loseHeart(merchant: Merchant, payment: string): Promise<void> {
  const { random } = merchant;
  if (random.chance(0.3)) {
    const input = { payment, payment_method: method(merchant, 'approve'), provider_account: null };
    await ask(merchant, 'confirm', input, payment);
  } else if (random.chance(0.4)) await ask(merchant, 'void', { payment }, payment);
}
