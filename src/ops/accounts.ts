/**
 * Provider accounts as they are configured: `providers.json` in the data folder, or TRUEPENNY_PROVIDERS. Secrets come
 * from here or, named, from the environment; never from the database, and they are never repeated in a message.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigProblem } from './config-problem.ts';

export type AccountConfig = {
  /** Unique in the installation: `default`, `stripe_eu`. */
  account: string;
  provider: string;
  /** In the place of the provider's own address: a simulator, a sandbox, a proxy. */
  url: string | null;
  /** Whose payments it takes. */
  mode: 'test' | 'live' | 'any';
  /** New attempts are spread over these; the percents make 100. */
  versions: readonly { version: string; percent: number }[];
  credentials: Readonly<Record<string, string>>;
  /** What the connector wants to know beside: a merchant account, a country. No secrets. */
  settings: Readonly<Record<string, Setting>>;
};

export type Setting = string | number | boolean;

type Env = Readonly<Record<string, string | undefined>>;

const NAME = /^[a-z0-9_-]{1,40}$/;
/** Of versions, credentials and variables: they stand in messages, which a slip must not make endless. */
const LABEL = /^[\w.-]{1,64}$/;
const MOST_ACCOUNTS = 100;

/** The configured accounts; without any, the simulator's `default`. */
export function providerAccounts(env: Env, dataDir: string, simulatorUrl: string): readonly AccountConfig[] {
  const given = env['TRUEPENNY_PROVIDERS'];
  const local = (accounts: readonly AccountConfig[]) => accounts.map((a) => withSimulator(a, simulatorUrl));
  if (given !== undefined && given !== '') return local(readAccounts(given, env, 'TRUEPENNY_PROVIDERS'));
  const file = join(dataDir, 'providers.json');
  const text = readIfThere(file);
  return text === null ? [simulatorAccount(simulatorUrl)] : local(readAccounts(text, env, file));
}

/** The simulator that is started here needs no address. */
function withSimulator(account: AccountConfig, url: string): AccountConfig {
  return account.provider === 'simulator' && account.url === null ? { ...account, url } : account;
}

function simulatorAccount(url: string): AccountConfig {
  const versions = [{ version: '1', percent: 100 }];
  return {
    account: 'default',
    provider: 'simulator',
    url,
    mode: 'any',
    versions,
    credentials: {},
    settings: {},
  };
}

/** `where` names the source in messages. */
export function readAccounts(text: string, env: Env, where: string): readonly AccountConfig[] {
  const list = parse(text);
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_ACCOUNTS)
    throw new ConfigProblem(`${where} must hold a JSON list of 1 to ${MOST_ACCOUNTS} provider accounts.`);
  const accounts = list.map((entry: unknown, n) => accountOf(entry, env, `${where}, account ${n + 1}`));
  const names = accounts.map(({ account }) => account);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined)
    throw new ConfigProblem(`${where} names the account ${twice} twice: each needs a name of its own.`);
  return accounts;
}

function accountOf(entry: unknown, env: Env, where: string): AccountConfig {
  const known = ['account', 'provider', 'url', 'mode', 'versions', 'credentials', 'settings'];
  const fields = objectOf(entry, where);
  const stranger = Object.keys(fields).find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new ConfigProblem(`${where} has a field that nothing reads; it may have ${known.join(', ')}.`);
  const { account, provider, url = null, mode = 'test', versions, credentials = {}, settings = {} } = fields;
  if (typeof account !== 'string' || !NAME.test(account))
    throw new ConfigProblem(`${where} needs "account": a name of lower-case letters, digits, _ and -.`);
  if (typeof provider !== 'string' || !NAME.test(provider))
    throw new ConfigProblem(`${where} (${account}) needs "provider": the name of a provider.`);
  if (url !== null && !(typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url)))
    throw new ConfigProblem(`${where} (${account}): "url" must be an http or https address.`);
  if (mode !== 'test' && mode !== 'live' && mode !== 'any')
    throw new ConfigProblem(`${where} (${account}): "mode" must be test, live or any.`);
  const named = `${where} (${account})`;
  return {
    account,
    provider,
    url,
    mode,
    versions: versionsOf(versions, named),
    credentials: credentialsOf(credentials, env, named),
    settings: settingsOf(settings, named),
  };
}

function versionsOf(value: unknown, where: string): AccountConfig['versions'] {
  const list = Array.isArray(value) ? value : [];
  const versions = list.flatMap((entry: unknown) => {
    const { version, percent } = objectOf(entry, where);
    const whole = typeof percent === 'number' && Number.isInteger(percent) && percent >= 0 && percent <= 100;
    return typeof version === 'string' && LABEL.test(version) && whole ? [{ version, percent }] : [];
  });
  const sum = versions.reduce((total, { percent }) => total + percent, 0);
  const distinct = new Set(versions.map(({ version }) => version)).size === versions.length;
  if (versions.length > 0 && versions.length === list.length && sum === 100 && distinct) return versions;
  throw new ConfigProblem(
    `${where} needs "versions": [{"version": "…", "percent": 100}], each once, whose whole percents make 100; they make ${sum}.`,
  );
}

/** Each is the secret itself, or `{"env": NAME}`: then the variable holds it. */
function credentialsOf(value: unknown, env: Env, where: string): Record<string, string> {
  const entries = Object.entries(objectOf(value, where)).map(([name, given]): [string, string] => {
    if (!LABEL.test(name))
      throw new ConfigProblem(`${where}: a credential has a name of letters, digits and _, at most 64.`);
    if (typeof given === 'string' && given !== '') return [name, given];
    const named = typeof given === 'object' && given !== null && 'env' in given ? given.env : null;
    const variable = typeof named === 'string' && LABEL.test(named) ? named : null;
    const secret = variable === null ? undefined : env[variable];
    if (secret !== undefined && secret !== '') return [name, secret];
    throw new ConfigProblem(
      variable !== null
        ? `${where}: the environment variable ${variable} for the credential ${name} is not set.`
        : `${where}: the credential ${name} must be a text, or {"env": "NAME"}.`,
    );
  });
  return Object.fromEntries(entries);
}

function settingsOf(value: unknown, where: string): Record<string, Setting> {
  const settings = objectOf(value, where);
  if (Object.values(settings).every((s) => ['string', 'number', 'boolean'].includes(typeof s)))
    return settings as Record<string, Setting>;
  throw new ConfigProblem(`${where}: "settings" may hold texts, numbers and true or false.`);
}

function objectOf(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ConfigProblem(`${where} must be a JSON object where one belongs; see docs/guides/running.md.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
