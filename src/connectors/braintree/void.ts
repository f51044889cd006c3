/** Releases an authorisation. Where its id is not known the search by order id has to find it first. */

import type { Call } from './client.ts';

export function voidCall(id: string): Call {
  return {
    method: 'PUT',
    path: `/transactions/${encodeURIComponent(id)}/void`,
    route: '/transactions/{id}/void',
  };
}
