import type { CompleteRequest } from '../port.ts';
import type { Call } from './client.ts';

/**
 * Finishes a redirect by what the customer's browser brought back. Null where it brought nothing: then there is
 * nothing to ask, and the AUTHORISATION webhook will tell.
 */
export function completeCall({ returned }: CompleteRequest): Call | null {
  const redirectResult = new URLSearchParams(returned ?? '').get('redirectResult');
  if (redirectResult === null || redirectResult === '') return null;
  return { path: '/payments/details', route: '/payments/details', body: { details: { redirectResult } } };
}
