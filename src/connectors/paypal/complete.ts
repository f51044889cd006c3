import type { CompleteRequest } from '../port.ts';
import type { Call } from './client.ts';
import { readReference } from './reference.ts';

/** The customer has approved: only now is the money reserved or taken. */
export function completeCall({ providerReference }: CompleteRequest, intent: 'AUTHORIZE' | 'CAPTURE'): Call {
  const { id } = readReference(providerReference);
  const verb = intent === 'CAPTURE' ? 'capture' : 'authorize';
  return {
    method: 'POST',
    path: `/v2/checkout/orders/${encodeURIComponent(id)}/${verb}`,
    route: `/v2/checkout/orders/{id}/${verb}`,
    body: {},
    keyed: true,
  };
}
