/** What a run of the contract suite found, kept in a file that the reference page is made from. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Capabilities } from '../../src/connectors/capabilities.ts';

export type Results = {
  provider: string;
  version: string;
  capabilities: Capabilities;
  outcomes: Record<string, string>;
  proved: Record<string, string>;
  faults: Record<string, Record<string, string>>;
  currencies: Record<string, string>;
};

export type Report = {
  capabilities(told: Capabilities): void;
  outcome(name: string, result: string): void;
  capability(name: string, result: string): void;
  fault(operation: string, fault: string, result: string): void;
  currency(currency: string, result: string): void;
  /** Keeps the results with TRUEPENNY_KEEP_RESULTS=1; else they must be those that are kept. */
  check(): void;
};

export function createReport({ provider, version }: { provider: string; version: string }): Report {
  const results: Omit<Results, 'capabilities'> & { capabilities: Capabilities | null } = {
    provider,
    version,
    capabilities: null,
    outcomes: {},
    proved: {},
    faults: {},
    currencies: {},
  };
  const file = new URL(`./results/${provider}-${version}.json`, import.meta.url);
  return {
    capabilities(told) {
      // Deadlines are the test's own here.
      results.capabilities = {
        ...told,
        timeoutMs: { authorize: 0, complete: 0, capture: 0, void: 0, refund: 0 },
      };
    },
    outcome(name, result) {
      results.outcomes[name] = result;
    },
    capability(name, result) {
      results.proved[name] = result;
    },
    fault(operation, fault, result) {
      results.faults[operation] = { ...results.faults[operation], [fault]: result };
    },
    currency(currency, result) {
      results.currencies[currency] = result;
    },
    check() {
      if (process.env['TRUEPENNY_KEEP_RESULTS'] === '1')
        writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
      expect(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null).toEqual(results);
    },
  };
}
