/** Several simulators share one machine: each dialect takes any free port. */
export const ANY_DIALECT_PORTS: Readonly<Record<string, string>> = Object.fromEntries(
  ['STRIPE', 'ADYEN', 'BRAINTREE', 'PAYPAL'].map((name) => [`TRUEPENNY_SIMULATOR_${name}_PORT`, '0']),
);
