/** The payments feature, put together. */

import * as explaining from './explain.ts';
import * as reads from './reads.ts';
import * as requests from './requests.ts';
import { customerReturned } from './returns.ts';
import type { Payments } from './types.ts';

export function createPayments(deps: requests.RequestDeps): Payments {
  return {
    create: (request) => requests.create(deps, request),
    confirm: (request) => requests.confirm(deps, request),
    capture: (request) => requests.capture(deps, request),
    void: (request) => requests.voidPayment(deps, request),
    refund: (request) => requests.refund(deps, request),
    retrieve: (principal, payment) => reads.retrieve(deps, principal, payment),
    list: (principal, query) => reads.list(deps, principal, query),
    retrieveCapture: (principal, capture) => reads.retrieveCapture(deps, principal, capture),
    retrieveRefund: (principal, refund) => reads.retrieveRefund(deps, principal, refund),
    events: (principal, payment, page) => reads.events(deps, principal, payment, page),
    explain: (principal, payment) => explaining.explain(deps, principal, payment),
    exceptions: (principal, page) => reads.exceptions(deps, principal, page),
    customerReturned: (attempt, trace, returned) => customerReturned(deps, attempt, trace, returned),
  };
}
