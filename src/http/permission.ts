/**
 * What a key may do. A secret key may do what its scopes say. A publishable key is in every browser: it may
 * only confirm a payment that its holder knows the id of, since all else tells or moves what is not theirs. What
 * belongs to the platform and to no merchant takes a live key with a scope of the platform.
 */

import type { Principal } from '../features/payments/types.ts';
import type { Scope } from './api-keys.ts';
import { Refused } from './problems.ts';

export type Access = { scope: Scope; publishable?: boolean };

export function refuseWithoutPermission(principal: Principal, access: Access): void {
  if (principal.kind === 'publishable') {
    if (!access.publishable) throw denied('Use a secret key: a publishable key may only confirm payments.');
  } else if (!principal.scopes.includes(access.scope)) {
    throw denied(`Use a key with the scope ${access.scope}.`);
  } else if (access.scope.startsWith('platform:') && principal.mode !== 'live') {
    throw denied(`Use a live key with the scope ${access.scope}.`);
  }
}

function denied(detail: string): Refused {
  return new Refused('permission_denied', { detail });
}
