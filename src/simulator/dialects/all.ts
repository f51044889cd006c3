/** The providers that the simulator speaks like: a folder and a line here for each. */

import type { Dialect } from '../simulator.ts';
import { paypal } from './paypal/dialect.ts';
import { stripe } from './stripe/dialect.ts';

export const DIALECTS: readonly Dialect[] = Object.freeze([stripe, paypal]);
