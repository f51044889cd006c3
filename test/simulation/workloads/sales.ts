/** The money is taken at once; a declined customer tries another card. */

import { ask } from '../merchants.ts';
import { card, create, createInput, refunds, settled, shownIn, type Workload } from './lives.ts';

const TOKENS = [
  'tok_approve',
  'tok_approve',
  'tok_approve',
  'tok_approve',
  'tok_decline_insufficient_funds',
  'tok_pending_then_approve',
  'tok_pending_then_decline',
  'tok_wrong_amount',
] as const;

export const SALES: Workload = {
  name: 'sales',
  weight: 5,
  async live(merchant) {
    const { random } = merchant;
    const token = random.pick(TOKENS);
    const made = await create(merchant, createInput(merchant, { token, capture_method: 'automatic' }));
    if (made?.status === 'processing' && random.chance(0.3)) {
      // Impatient: another card while nobody knows what became of the first.
      const input = { payment: made.id, payment_method: card('tok_approve'), provider_account: null };
      await ask(merchant, 'confirm', input, made.id);
    }
    const payment = made && (await settled(merchant, made));
    if (!payment) return;
    if (payment.status === 'requires_payment_method' && random.chance(0.7)) {
      const input = { payment: payment.id, payment_method: card('tok_approve'), provider_account: null };
      shownIn(await ask(merchant, 'confirm', input, payment.id));
    }
    await refunds(merchant, payment.id, payment.amount);
  },
};
