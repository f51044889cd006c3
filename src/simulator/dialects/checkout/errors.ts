/** Refusals as Checkout.com words them; its 401, 404 and 429 have no body. */

import type { ProblemCode, Refusal } from '../../problems.ts';
import type { Said } from '../../simulator.ts';
import type { Reply } from '../../view.ts';

const BARE: Partial<Record<ProblemCode, number>> = {
  no_such_route: 404,
  not_found: 404,
  in_flight: 429,
  rate_limited: 429,
  server_error: 500,
  books_not_written: 503,
  books_full: 507,
};

export function refuseInWords({ code }: Refusal): Reply {
  const status = BARE[code];
  return status === undefined ? invalidReply(code) : { status, body: null };
}

/** The simulator's own word for what was wrong stands in the place of theirs. */
export function invalidReply(code: string): Reply {
  return { status: 422, body: { error_type: 'request_invalid', error_codes: [code] } };
}

export function invalid(code: string): Said {
  return said(invalidReply(code));
}

export function said(reply: Reply): Said {
  return { is: 'said', reply };
}
