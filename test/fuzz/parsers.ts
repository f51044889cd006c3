/**
 * Every connector's reader of webhooks, and bodies that look like what it reads: made of the words that stand in its
 * own source, so that whoever adds a connector has it fuzzed without writing a grammar.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Webhooks } from '../../src/connectors/port.ts';
import { REGISTRY } from '../../src/connectors/registry.ts';
import type { AccountConfig } from '../../src/ops/accounts.ts';
import { realWorld } from '../../src/ops/world.ts';
import { hostileText, hostileValue } from './hostile.ts';

const CONNECTORS = fileURLToPath(new URL('../../src/connectors', import.meta.url));

export type Parser = { provider: string; version: string; webhooks: Webhooks };

/** Of every connector of the registry, in every version; those without webhooks are left out. */
export function parsers(): Parser[] {
  return Object.entries(REGISTRY).flatMap(([provider, { credentials, settings, versions }]) =>
    Object.entries(versions).flatMap(([version, create]) => {
      const account: AccountConfig = {
        account: 'default',
        provider,
        url: 'http://127.0.0.1:1',
        mode: 'test',
        versions: [{ version, percent: 100 }],
        credentials: Object.fromEntries(credentials.map((name) => [name, 'fuzzed_here'])),
        settings: Object.fromEntries(settings.map((name) => [name, SETTINGS[name] ?? 'fuzzed_here'])),
      };
      const { webhooks } = create(account, { world: realWorld(), timeoutMs: null });
      return webhooks ? [{ provider, version, webhooks }] : [];
    }),
  );
}

/** Those whose text must have a form. */
const SETTINGS: Readonly<Record<string, string>> = { merchant_accounts: 'EUR=eur' };

/** JSON, forms and XML out of the connector's own words; plain rubbish among it. */
export function bodiesOf(provider: string): fc.Arbitrary<Buffer> {
  const word = fc.constantFrom(...wordsOf(provider));
  const leaf = fc.oneof(word, hostileValue, fc.nat().map(String), fc.integer());
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      leaf,
      fc.dictionary(word, tie('tree'), { maxKeys: 6, noNullPrototype: true }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }));
  const json = tree.map((value) => JSON.stringify(value) ?? '');
  const xml = fc.tuple(fc.array(word, { minLength: 1, maxLength: 8 }), fc.oneof(word, hostileText)).map(
    ([names, text]) =>
      `${names.map((n) => `<${n}>`).join('')}${text}${names
        .toReversed()
        .map((n) => `</${n}>`)
        .join('')}`,
  );
  const form = fc
    .dictionary(word, fc.oneof(word, xml, json), { maxKeys: 5 })
    .map((fields) =>
      new URLSearchParams(Object.entries(fields).map(([k, v]) => [k, v.toWellFormed()])).toString(),
    );
  const encoded = xml.map((text) =>
    new URLSearchParams({ bt_payload: Buffer.from(text).toString('base64') }).toString(),
  );
  return fc.oneof(
    { weight: 6, arbitrary: json.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.oneof(xml, form, encoded, hostileText).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  );
}

function wordsOf(provider: string): string[] {
  const folder = `${CONNECTORS}/${provider}`;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
  const source = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8')).join('\n');
  const quoted = [...source.matchAll(/['"`]([A-Za-z][\w.-]{1,40})['"`]/g)].map(([, word = '']) => word);
  const fields = [...source.matchAll(/\.([a-z][\w]{1,40})\b/g)].map(([, word = '']) => word);
  return [...new Set([...quoted, ...fields])];
}
