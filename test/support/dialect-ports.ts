import { DIALECTS } from '../../src/simulator/dialects/all.ts';

/** Several simulators share one machine: each dialect takes any free port. */
export const ANY_DIALECT_PORTS: Readonly<Record<string, string>> = Object.fromEntries(
  DIALECTS.map(({ name }) => [`TRUEPENNY_SIMULATOR_${name.toUpperCase()}_PORT`, '0']),
);
