import type { LookUpResult, ProviderRequest } from '../port.ts';
import { uncalled } from '../uncalled.ts';

/** Adyen has no address to ask what became of a payment: its webhooks tell, and the key may be sent again. */
export function lookUp({ operation }: ProviderRequest, nowMs: number): LookUpResult {
  return { kind: 'unavailable', reason: 'Adyen offers no look-up', call: uncalled(operation, nowMs) };
}
