import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '../../src/cli/context.ts';
import { read as readCredentials } from '../../src/cli/credentials.ts';
import { fold } from '../../src/cli/facts.ts';
import { checkAccounts, REGISTRY } from '../../src/connectors/registry.ts';
import { isId } from '../../src/core/ids.ts';
import { findTail } from '../../src/features/verify/tail.ts';
import { readAccounts } from '../../src/ops/accounts.ts';
import { ConfigProblem } from '../../src/ops/config-problem.ts';
import { createLog } from '../../src/ops/log.ts';
import { chainKey, readWebhookSecrets, webhookSecrets } from '../../src/ops/secrets.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/folder.ts';
import { hostileText, hostileValue, spoiled } from './hostile.ts';
import { RUNS, SEED, TIMEOUT_MS } from './settings.ts';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/out-of-order.ndjson', import.meta.url));
/** Stands in every file that may hold a secret; no message may repeat it. */
const SECRET = 'sk-canary-in-a-file';
const OPTIONS = { numRuns: RUNS, seed: SEED };
const FROM_DISK = { numRuns: Math.min(RUNS, 2_000), seed: SEED };

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder('fuzz');
});
afterAll(() => folder.remove());

/** Files as somebody's slip or a torn disk leaves them: near the right text, or nowhere near. */
function files(good: unknown): fc.Arbitrary<string> {
  const whole = spoiled(fc.constant(good)).map((value) => JSON.stringify(value) ?? '');
  const torn = fc.tuple(whole, fc.nat({ max: 400 })).map(([text, end]) => text.slice(0, end));
  const any = fc.oneof(
    hostileText,
    hostileValue.map((v) => JSON.stringify(v) ?? ''),
    fc.string({ unit: 'binary' }),
  );
  return fc.oneof(
    { weight: 5, arbitrary: whole },
    { weight: 2, arbitrary: torn },
    { weight: 2, arbitrary: any },
  );
}

/** What comes of it; or the message, where it is one that tells a person what to do, and not the secret. */
function told<T>(fn: () => T): { value: T } | { message: string } {
  try {
    return { value: fn() };
  } catch (error) {
    if (!(error instanceof Problem || error instanceof ConfigProblem)) throw error;
    expect(error.message).not.toContain(SECRET);
    expect(error.message.length).toBeLessThan(2_000);
    return { message: error.message };
  }
}

test('facts: any file is folded with its invariants holding, or refused with its line named', {
  timeout: TIMEOUT_MS,
}, async () => {
  const lines = (await readFile(EXAMPLE, 'utf8')).trim().split('\n');
  const facts = lines.map((line) => JSON.parse(line) as object);
  const line = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...lines) },
    { weight: 2, arbitrary: spoiled(fc.constantFrom(...facts)).map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: hostileText },
  );
  const most = fc.array(line, { maxLength: 12 }).map((some) => [lines[0], ...some].join('\n'));
  let folded = 0;
  fc.assert(
    fc.property(fc.oneof(most, files(facts)), (text) => {
      const result = told(() => fold(text));
      if ('message' in result) return;
      folded += 1;
      expect(result.value.invariants.filter((invariant) => !invariant.holds)).toEqual([]);
    }),
    OPTIONS,
  );
  expect(folded).toBeGreaterThan(0);
});

test('providers.json: any file is read whole or refused, its secrets unrepeated', {
  timeout: TIMEOUT_MS,
}, () => {
  const [version] = Object.keys(REGISTRY['paypal']?.versions ?? {});
  const good = [
    {
      account: 'eu',
      provider: 'paypal',
      mode: 'test',
      url: 'http://127.0.0.1:8090',
      versions: [{ version, percent: 100 }],
      credentials: { client_id: SECRET, client_secret: { env: 'EU_CLIENT_SECRET' } },
      settings: { certificate_authority: '-----BEGIN CERTIFICATE' },
    },
  ];
  const use = (text: string) => {
    const accounts = readAccounts(text, { EU_CLIENT_SECRET: SECRET }, 'providers.json');
    checkAccounts(accounts);
    return accounts;
  };
  expect(told(() => use(JSON.stringify(good)))).toHaveProperty('value');
  fc.assert(
    fc.property(files(good), (text) => {
      const result = told(() => use(text));
      if ('message' in result) return;
      for (const { account, versions } of result.value) {
        expect(account).toMatch(/^[a-z0-9_-]{1,40}$/);
        expect(versions.reduce((sum, { percent }) => sum + percent, 0)).toBe(100);
      }
    }),
    OPTIONS,
  );
});

test('webhook-secrets.json: any file gives lists of secrets or is refused', {
  timeout: TIMEOUT_MS,
}, async () => {
  const good = { 'simulator/default': [SECRET], 'stripe/eu': [SECRET, `${SECRET}2`] };
  expect(readWebhookSecrets(JSON.stringify(good))?.size).toBe(2);
  fc.assert(
    fc.property(files(good), (text) => {
      for (const secrets of readWebhookSecrets(text)?.values() ?? [])
        expect(secrets.every((secret) => typeof secret === 'string' && secret !== '')).toBe(true);
    }),
    OPTIONS,
  );
  await fc.assert(
    fc.asyncProperty(files(good), async (text) => {
      await writeFile(join(folder.path, 'webhook-secrets.json'), text);
      told(() => webhookSecrets(folder.path, null));
    }),
    FROM_DISK,
  );
});

test('credentials.json: any file gives whole credentials or is refused', {
  timeout: TIMEOUT_MS,
}, async () => {
  const good = {
    merchant: 'mer_01k3h9v7w2e4r8t0y6n5m1q3za',
    secretKey: `sk_test_${SECRET}`,
    publishableKey: 'pk_test_x',
  };
  const file = join(folder.path, 'credentials.json');
  await writeFile(file, JSON.stringify(good));
  expect(readCredentials(file)).toEqual(good);
  await fc.assert(
    fc.asyncProperty(files(good), async (text) => {
      await writeFile(file, text);
      const result = told(() => readCredentials(file));
      if ('message' in result || result.value === null) return;
      expect(isId('merchant', result.value.merchant)).toBe(true);
      expect([typeof result.value.secretKey, typeof result.value.publishableKey]).toEqual([
        'string',
        'string',
      ]);
    }),
    FROM_DISK,
  );
});

test('chain.key: any file is a key of 32 bytes or is refused', { timeout: TIMEOUT_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(hostileText, fc.constant('ab'.repeat(32))), async (text) => {
      await writeFile(join(folder.path, 'chain.key'), text);
      const result = told(() => chainKey(folder.path, null));
      if ('value' in result) expect(result.value.length).toBe(32);
    }),
    FROM_DISK,
  );
});

test('digests: no folder of rubbish is taken for a series, and none stops the next digest', {
  timeout: TIMEOUT_MS,
}, async () => {
  const header = {
    digest: 1,
    series: 1,
    taken_at: '2026-11-22T00:00:00.000Z',
    system: '7470001',
    horizon: '900',
    from: { xid: '0', position: 0 },
    to: { xid: '900', position: 12 },
    streams: 1,
    streams_sha256: 'ab'.repeat(32),
    previous: null,
    signature: 'ab'.repeat(32),
  };
  const head = ['pay_01k3h9v7w2e4r8t0y6n5m1q3za', 3, 'AAAA'];
  const lines = fc.array(fc.oneof(files(header), files(head), fc.constant(JSON.stringify(header))), {
    maxLength: 6,
  });
  const note = files({
    header,
    sha256: 'ab'.repeat(32),
    file: '2026-11-22.ndjson',
    end: 400,
    signature: 'ab'.repeat(32),
  });
  const digests = join(folder.path, 'digests');
  await mkdir(digests, { recursive: true });
  const log = createLog({ name: 'fuzz', level: 'silent' });
  await fc.assert(
    fc.asyncProperty(lines, note, async (some, latest) => {
      await writeFile(join(digests, '2026-11-22.ndjson'), some.join('\n'));
      await writeFile(join(digests, 'latest.json'), latest);
      expect(await findTail(digests, Buffer.alloc(32, 1), log)).toBeNull();
    }),
    FROM_DISK,
  );
});
