/** The providers that the simulator speaks like: a folder and a line here for each. */

import type { Dialect } from '../simulator.ts';
import { adyen } from './adyen/dialect.ts';
import { braintree } from './braintree/dialect.ts';
import { paypal } from './paypal/dialect.ts';
import { stripe } from './stripe/dialect.ts';

export const DIALECTS: readonly Dialect[] = Object.freeze([stripe, adyen, braintree, paypal]);

/** Each dialect's port, unless it is told another or something else is there. */
export const USUAL_PORTS: Readonly<Record<string, number>> = Object.freeze({
  stripe: 8091,
  adyen: 8092,
  braintree: 8093,
  paypal: 8094,
});
