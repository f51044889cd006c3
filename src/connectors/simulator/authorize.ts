import type { AuthorizeRequest } from '../port.ts';

/** A charge; with `capture` the money moves at once. */
export function authorizeCall(request: AuthorizeRequest) {
  const { amount, currency, capture, reference, attempt, operation } = request;
  const { paymentMethod } = request;
  const token = 'token' in paymentMethod ? paymentMethod.token : paymentMethod.type;
  const body = {
    amount,
    currency,
    capture,
    reference,
    attempt,
    operation,
    token,
    return_url: request.returnUrl,
  };
  return { path: '/v1/charges', route: '/v1/charges', body };
}
