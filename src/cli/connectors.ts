/** `truepenny connectors check`: each provider account, and whether it can be used. Moves no money. */

import { checkConnector, type Finding } from '../connectors/check.ts';
import { createAccounts } from '../connectors/registry.ts';
import { webhookSecrets } from '../ops/secrets.ts';
import { realWorld } from '../ops/world.ts';
import { readArguments, refuseMore } from './arguments.ts';
import { configuration, WrongUse } from './context.ts';

type Row = Finding & { account: string; connector: string };

const USAGE = 'Usage: truepenny connectors check';

export async function run(args: string[]): Promise<number> {
  const [action, ...more] = readArguments(args, USAGE, {}).positionals;
  if (action !== 'check') throw new WrongUse('What shall be done with connectors?', USAGE);
  refuseMore(more, USAGE);
  const config = configuration();
  const world = realWorld();
  const accounts = createAccounts(config.providers, { world, timeoutMs: config.providerTimeoutMs });
  const secrets = webhookSecrets(config.dataDir, config.webhookSecrets);
  const rows: Row[] = [];
  for (const { account, provider, versions } of accounts.values()) {
    for (const { connector, percent } of versions) {
      const found = await checkConnector(connector, secrets.get(`${provider}/${account}`), world);
      const name = `${provider} ${connector.version}, ${percent} %`;
      rows.push(...found.map((finding) => ({ ...finding, account, connector: name })));
      await connector.close();
    }
  }
  for (const line of tableOf(rows)) console.log(line);
  return rows.some(({ ok }) => ok === false) ? 1 : 0;
}

const MARKS = { true: 'ok', false: 'WRONG', null: '–' } as const;

function tableOf(rows: Row[]): string[] {
  const cells = rows.map((r) => [r.account, r.connector, r.what, MARKS[`${r.ok}`], r.detail]);
  const all = [['account', 'connector', 'check', '', 'what was found'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
