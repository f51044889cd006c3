/** The one command that brings a seed back. */

import type { WorkOrder } from './work.ts';

export function commandOf(order: WorkOrder): string {
  const { seed, days, lives, without, only, onlyLives, provider, sessions } = order;
  return [
    `npm run simulate -- --seed ${seed} --days ${days} --lives ${lives}`,
    ...(without.length > 0 ? [`--without ${without.join(',')}`] : []),
    ...(only !== null ? [`--only ${only.join(',') || 'none'}`] : []),
    ...(onlyLives !== null ? [`--only-lives ${onlyLives.join(',')}`] : []),
    ...(provider !== null ? [`--provider ${provider}`] : []),
    ...(sessions ? ['--sessions'] : []),
    '--explain',
  ].join(' ');
}
