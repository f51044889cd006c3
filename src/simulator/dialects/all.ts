/** The providers that the simulator speaks like: a folder and a line here for each. */

import type { Dialect } from '../simulator.ts';
import { adyen } from './adyen/dialect.ts';
import { braintree } from './braintree/dialect.ts';
import { checkout } from './checkout/dialect.ts';
import { paypal } from './paypal/dialect.ts';
import { stripe } from './stripe/dialect.ts';

/** Each with its port, unless it is told another or something else is there. */
const ALL: readonly (readonly [dialect: Dialect, usualPort: number])[] = [
  [stripe, 8091],
  [adyen, 8092],
  [braintree, 8093],
  [paypal, 8094],
  [checkout, 8095],
];

export const DIALECTS: readonly Dialect[] = Object.freeze(ALL.map(([dialect]) => dialect));

export const USUAL_PORTS: Readonly<Record<string, number>> = Object.freeze(
  Object.fromEntries(ALL.map(([{ name }, port]) => [name, port])),
);

/** Every dialect where it usually is, but for those that are told another port. */
export function allDialects(
  ports: Readonly<Record<string, number>>,
): Readonly<Record<string, number | 'usual'>> {
  return Object.fromEntries(DIALECTS.map(({ name }) => [name, ports[name] ?? 'usual']));
}
