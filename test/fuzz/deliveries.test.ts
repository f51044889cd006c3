import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REGISTRY } from '../../src/connectors/registry.ts';
import { hostileText, hostileValue } from './hostile.ts';
import { bodiesOf, parsers } from './parsers.ts';
import { RUNS, SEED, TIMEOUT_MS } from './settings.ts';
import { verifiers } from './verifiers.ts';

const SIGNATURES = fileURLToPath(new URL('../../src/connectors/signatures', import.meta.url));
const OPTIONS = { numRuns: RUNS, seed: SEED };
const KNOWN = verifiers();
const EMPTY = Buffer.from('{}');

const body = fc.oneof(
  hostileValue.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
  hostileText.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
);

test('every verifier of a signature is fuzzed here', async () => {
  const files = readdirSync(SIGNATURES).filter((file) => file.endsWith('.ts') && !file.includes('.test.'));
  const modules = await Promise.all(files.map((file) => import(`${SIGNATURES}/${file}`) as Promise<object>));
  const found = modules.flatMap((one) => Object.keys(one)).filter((name) => /^verify[A-Z]/.test(name));
  expect(Object.keys(KNOWN).sort()).toEqual(found.sort());
});

describe.each(Object.entries(KNOWN))('%s', (_, { verify, sign, header, secret }) => {
  test('takes whatever was rightly signed, and tells nothing of the secret', { timeout: TIMEOUT_MS }, () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map((one) => Buffer.from(one));
    fc.assert(
      fc.property(text, (one) => {
        const verdict = verify(sign(one));
        expect(verdict.ok).toBe(true);
        expect(JSON.stringify(verdict)).not.toContain(secret);
      }),
      { ...OPTIONS, numRuns: Math.min(RUNS, 2_000) },
    );
  });

  test('never throws, and takes nothing that was not signed', { timeout: TIMEOUT_MS }, () => {
    const names = [header, ...Object.keys(sign(EMPTY).headers), 'content-type', '__proto__'];
    const headers = fc.dictionary(fc.constantFrom(...names), hostileText, { maxKeys: 5 });
    const right = sign(EMPTY).headers;
    fc.assert(
      fc.property(headers, body, fc.boolean(), (some, bytes, partly) => {
        const verdict = verify({ headers: partly ? { ...right, ...some } : some, body: bytes });
        // The right headers are those of an empty object, and of nothing else.
        expect(verdict.ok && !(partly && bytes.equals(EMPTY))).toBe(false);
        expect(JSON.stringify(verdict).length).toBeLessThan(600);
      }),
      OPTIONS,
    );
  });
});

test('of every provider that sends webhooks the parser is fuzzed', () => {
  const fuzzed = new Set(parsers().map(({ provider }) => provider));
  expect(Object.keys(REGISTRY).filter((provider) => !fuzzed.has(provider))).toEqual([]);
});

describe.each(parsers())('the parser of $provider $version', ({ provider, webhooks }) => {
  test('makes something of every body, never throws, and bounds what it makes', {
    timeout: TIMEOUT_MS,
  }, () => {
    fc.assert(
      fc.property(bodiesOf(provider), (bytes) => {
        const parsed = webhooks.parse(bytes);
        expect(['notices', 'ignored', 'unreadable']).toContain(parsed.kind);
        if (parsed.kind === 'notices') for (const { fact } of parsed.notices) expectWhole(fact);
        else expect(parsed.why.length).toBeLessThan(500);
      }),
      OPTIONS,
    );
  });
});

/** Half a fact is none: an amount that comes out is one that can be posted. */
function expectWhole(fact: object): void {
  if (!('amount' in fact) || fact.amount === null) return;
  expect(Number.isSafeInteger(fact.amount)).toBe(true);
  expect(fact.amount as number).toBeGreaterThanOrEqual(0);
}
