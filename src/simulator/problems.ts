/** Everything that the simulated provider refuses, with its HTTP status. */

export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request cannot be read' },
  idempotency_key_missing: { status: 400, title: 'The Idempotency-Key header is missing or malformed' },
  not_found: { status: 404, title: 'Nothing is known under this id' },
  no_such_route: { status: 404, title: 'There is no such address; see the guide to the simulator' },
  already_voided: { status: 409, title: 'The charge has been voided before' },
  already_captured: { status: 409, title: 'The authorisation has been captured in full before' },
  already_refunded: { status: 409, title: 'The charge has been refunded in full before' },
  in_flight: { status: 409, title: 'A request with this key is being processed' },
  too_large: { status: 413, title: 'The body is too large' },
  idempotency_key_reused: { status: 422, title: 'The key was used for another request' },
  unknown_token: { status: 422, title: 'No such token; GET /tokens lists them' },
  return_url_required: { status: 422, title: 'This token needs a return_url' },
  attempt_cancelled: { status: 422, title: 'The attempt was cancelled before it arrived' },
  charge_voided: { status: 422, title: 'The charge was voided before it was approved' },
  not_challenged: { status: 422, title: 'The charge never asked for the customer' },
  not_authorized: { status: 422, title: 'The charge is not authorised' },
  authorization_voided: { status: 422, title: 'The authorisation has been voided' },
  authorization_expired: { status: 422, title: 'The authorisation has lapsed' },
  capture_exceeds_authorization: { status: 422, title: 'More than what is left of the authorisation' },
  nothing_to_void: { status: 422, title: 'The charge was declined; nothing is held' },
  void_after_capture: {
    status: 422,
    title: 'Nothing is left to release of what was captured: refund it',
  },
  nothing_captured: { status: 422, title: 'Nothing is captured' },
  refund_exceeds_capture: { status: 422, title: 'More than what is left of the captures' },
  nothing_to_approve: {
    status: 422,
    title: 'Only a charge that was declined or has lapsed can be approved late',
  },
  reversal_exceeds_capture: { status: 422, title: 'More than what is left of the captures' },
  dispute_exceeds_capture: { status: 422, title: 'More than what is left of the captures' },
  dispute_closed: { status: 409, title: 'The dispute cannot go there from where it stands' },
  refund_already_returned: { status: 409, title: 'The refund has come back before' },
  too_many_endpoints: {
    status: 422,
    title: 'Too many endpoints; DELETE /webhook-endpoints/{id} removes one',
  },
  nothing_to_expire: { status: 422, title: 'No authorised amount is open' },
  fault_does_not_apply: { status: 422, title: 'This fault means nothing for this operation' },
  too_many_faults: { status: 422, title: 'Too many faults are armed; DELETE /faults clears them' },
  rate_limited: { status: 429, title: 'Too many requests' },
  server_error: { status: 500, title: 'An injected failure' },
  books_not_written: { status: 503, title: 'The journal cannot be written; see the log of the simulator' },
  books_full: { status: 507, title: 'The books are full; DELETE /books clears them' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export type Refusal = { code: ProblemCode; detail: string };

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

export function refuse(code: ProblemCode, detail: string = PROBLEMS[code].title): Refusal {
  return { code, detail };
}
