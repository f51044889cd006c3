/** Configuration from the environment, with defaults that need none of it. Secrets come from here, never from the database. */

import { resolve } from 'node:path';
import { type AccountConfig, providerAccounts } from './accounts.ts';
import { ConfigProblem } from './config-problem.ts';
import { type KafkaConfig, kafkaConfigOf } from './kafka-config.ts';
import { readWebhookSecrets, type WebhookSecrets } from './secrets.ts';

export type Config = {
  port: number;
  simulatorPort: number;
  /** By name, of dialects that are to be elsewhere than usual (`TRUEPENNY_SIMULATOR_STRIPE_PORT`); 0 takes any free port. */
  simulatorDialectPorts: Readonly<Record<string, number>>;
  /** Where the simulator is reached; another machine's, when it runs apart. */
  simulatorUrl: string;
  /** Where the simulator sends its webhooks from the start; null: nowhere, until it is told over HTTP. */
  simulatorWebhook: { url: string; secret: string } | null;
  /** At least one; see `providers.json` in docs/guides/running.md. */
  providers: readonly AccountConfig[];
  /** Where the worker tells its health and metrics; null: nowhere. */
  workerPort: number | null;
  dataDir: string;
  /** Null: the embedded PostgreSQL. */
  databaseUrl: string | null;
  /** Where customers and callers reach the API, without a slash at the end. */
  publicUrl: string;
  /** So many proxies stand before the API, and each adds to `X-Forwarded-For` whom it was reached by. */
  trustedProxies: number;
  logLevel: string;
  providerTimeoutMs: number | null;
  /** Key of the hash chain, 64 hexadecimal digits. Null: kept in a file in the data folder. */
  chainKeyHex: string | null;
  /** Null: kept in a file in the data folder. */
  webhookSecrets: WebhookSecrets | null;
  allowUnsafeDatabase: boolean;
  /** Merchants' webhook endpoints in private networks and without TLS: for development. */
  webhooksAllowPrivate: boolean;
  /** Where the event stream goes; null: nowhere. */
  kafka: KafkaConfig | null;
};

export { ConfigProblem };

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const port = portOf(env, 'TRUEPENNY_PORT', 8080);
  const simulatorPort = portOf(env, 'TRUEPENNY_SIMULATOR_PORT', 8090);
  const simulatorUrl = env['TRUEPENNY_SIMULATOR_URL'] ?? `http://127.0.0.1:${simulatorPort}`;
  const dataDir = resolve(env['TRUEPENNY_DATA_DIR'] ?? '.truepenny');
  return {
    port,
    simulatorPort,
    simulatorDialectPorts: dialectPortsOf(env),
    simulatorUrl,
    simulatorWebhook: simulatorWebhookOf(env),
    providers: providerAccounts(env, dataDir, simulatorUrl),
    workerPort: numberOf(env, 'TRUEPENNY_WORKER_PORT', 1, 65_535),
    dataDir,
    databaseUrl: databaseUrlOf(env),
    publicUrl: (env['TRUEPENNY_PUBLIC_URL'] ?? `http://127.0.0.1:${port}`).replace(/\/+$/, ''),
    trustedProxies: numberOf(env, 'TRUEPENNY_TRUSTED_PROXIES', 0, 10) ?? 0,
    logLevel: env['TRUEPENNY_LOG_LEVEL'] ?? 'info',
    providerTimeoutMs: numberOf(env, 'TRUEPENNY_PROVIDER_TIMEOUT_MS', 100, 120_000),
    chainKeyHex: chainKeyOf(env),
    webhookSecrets: webhookSecretsOf(env),
    allowUnsafeDatabase: env['TRUEPENNY_ALLOW_UNSAFE_DATABASE'] === '1',
    webhooksAllowPrivate: env['TRUEPENNY_WEBHOOKS_ALLOW_PRIVATE'] === 'true',
    kafka: kafkaConfigOf(env),
  };
}

type Env = Readonly<Record<string, string | undefined>>;

function portOf(env: Env, name: string, fallback: number): number {
  return numberOf(env, name, 1, 65_535) ?? fallback;
}

function dialectPortsOf(env: Env): Readonly<Record<string, number>> {
  const given = Object.keys(env).flatMap((variable): [string, number][] => {
    const [, provider] = /^TRUEPENNY_SIMULATOR_([A-Z]+)_PORT$/.exec(variable) ?? [];
    const port = provider === undefined ? null : numberOf(env, variable, 0, 65_535);
    return provider === undefined || port === null ? [] : [[provider.toLowerCase(), port]];
  });
  return Object.fromEntries(given);
}

function numberOf(env: Env, name: string, least: number, most: number): number | null {
  const text = env[name];
  if (text === undefined || text === '') return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConfigProblem(`${name} must be a whole number from ${least} to ${most}.`);
}

function databaseUrlOf(env: Env): string | null {
  const text = env['DATABASE_URL'];
  if (text === undefined || text === '') return null;
  // The value is not repeated: it may hold a password.
  if (!/^postgres(ql)?:\/\//.test(text))
    throw new ConfigProblem('DATABASE_URL must begin with postgres:// or postgresql://.');
  if (/[?&]target_session_attrs=(?!(?:read-write|primary)(?:&|$))/.test(text))
    throw new ConfigProblem(
      'DATABASE_URL: target_session_attrs is read-write or primary; no other is of use.',
    );
  return text;
}

function simulatorWebhookOf(env: Env): Config['simulatorWebhook'] {
  const url = env['TRUEPENNY_SIMULATOR_WEBHOOK_URL'] ?? '';
  const secret = env['TRUEPENNY_SIMULATOR_WEBHOOK_SECRET'] ?? '';
  if (url === '' && secret === '') return null;
  if (/^https?:\/\//.test(url) && /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/.test(secret)) return { url, secret };
  throw new ConfigProblem(
    'TRUEPENNY_SIMULATOR_WEBHOOK_URL must be an http address, and TRUEPENNY_SIMULATOR_WEBHOOK_SECRET whsec_ and the base64 of 24 to 64 bytes; set both or neither.',
  );
}

function chainKeyOf(env: Env): string | null {
  const text = env['TRUEPENNY_CHAIN_KEY'];
  if (text === undefined || text === '') return null;
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new ConfigProblem('TRUEPENNY_CHAIN_KEY must be 64 hexadecimal digits: openssl rand -hex 32.');
  return text;
}

function webhookSecretsOf(env: Env): WebhookSecrets | null {
  const text = env['TRUEPENNY_WEBHOOK_SECRETS'];
  if (text === undefined || text === '') return null;
  const secrets = readWebhookSecrets(text);
  if (secrets) return secrets;
  throw new ConfigProblem(
    'TRUEPENNY_WEBHOOK_SECRETS must be a JSON object: {"simulator/default": ["whsec_…"]}.',
  );
}
