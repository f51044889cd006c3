/** A platform with one account at the subject's provider, its API over HTTP, and a worker whose clock the suite moves. */

import { mkdir } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Connector } from '../../src/connectors/port.ts';
import { processOnce } from '../../src/features/webhooks/process.ts';
import { synchronizeOnce } from '../../src/features/webhooks/synchronize.ts';
import { type FlowDeps, readerOf } from '../../src/flow/deps.ts';
import { workOnce } from '../../src/flow/schedule.ts';
import { insertApiKey, mintApiKey, SCOPES } from '../../src/http/api-keys.ts';
import { createServer } from '../../src/http/server.ts';
import { keepHouse } from '../../src/main.ts';
import { type Client, clientOf, type Payment } from '../support/client.ts';
import { temporaryFolder } from '../support/folder.ts';
import { testPlatform } from '../support/platform.ts';
import { quietPort } from '../support/processes.ts';
import { type Provider, providerAt } from '../support/provider.ts';
import type { ContractSubject } from './subject.ts';

export type Contract = Sandbox & {
  /** Its books are the oracle. */
  provider: Provider;
};

/** Without books: the provider's own word is all there is. */
export type Sandbox = {
  api: Client;
  /** Where the provider is to send its webhooks. */
  webhookUrl: string;
  capabilities: NonNullable<ReturnType<typeof readerOf>>['capabilities'];
  /** The payments once nothing is pending any more: the worker works, and its clock goes forward. */
  settled(ids: string[]): Promise<Payment[]>;
  /** Does what is due by a clock that is so far ahead. */
  work(aheadMs: number): Promise<void>;
  /** Reads what the provider lists as moved, by such a clock; gives how many entries were new, null if not due. */
  list(aheadMs: number): Promise<number | null>;
  /** Does the chores of the worker by such a clock. */
  keepHouse(aheadMs: number): Promise<void>;
  /** The tables that hold this text anywhere in a row. */
  tablesWith(text: string): Promise<string[]>;
  /** What came of the provider's webhooks: `applied`, `ignored`, `parked`, `set_aside`, `refused`. */
  deliveries(): Promise<Record<string, number>>;
  stop(): Promise<void>;
};

export const ACCOUNT = 'contract';
const PATIENCE_MS = 30_000;
/** The worker's clock at each further try: from a look at once to days later. */
const AHEAD_MS = [0, 1, 2, 4, 8, 15, 30, 60, 120, 300, 660, 1800, 3600, 7200, 25_000, 90_000, 180_000].map(
  (s) => s * 1000,
);

export async function startContract(subject: ContractSubject): Promise<Contract> {
  const folder = await temporaryFolder('contract');
  await mkdir(`${folder.path}/books`, { recursive: true });
  const simulated = await subject.start(`${folder.path}/books`);
  const running = await startPlatform(subject, subject.account(simulated.url), AHEAD_MS);
  await subject.webhooks?.follow(simulated.control, running.webhookUrl);
  const provider = providerAt(simulated.control);
  await provider.settings({ pending_ms: 50, slow_ms: 600, webhook_retry_ms: [50] });
  const stop = async () => {
    await running.stop();
    await simulated.close();
    await folder.remove();
  };
  return { ...running, provider, stop };
}

/** At the provider itself, whose clock nobody moves. */
export async function startSandbox(subject: ContractSubject, account: Account): Promise<Sandbox> {
  return startPlatform(subject, account, [0]);
}

type Account = ReturnType<ContractSubject['account']>;

export async function startPlatform(
  subject: ContractSubject,
  account: Account,
  aheadMs: readonly number[],
): Promise<Sandbox> {
  const port = await quietPort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const test = await testPlatform({ env: environment(subject, account, publicUrl) });
  const config = { publicUrl, trustedProxies: 0 };
  const server = await createServer({ ...test.platform.deps, ...test.platform, config });
  await server.listen({ host: '127.0.0.1', port });
  // The worker is another process than the API: nothing but the database keeps the two apart.
  const { deps } = await test.another();
  const key = mintApiKey(deps.world, { mode: 'test', kind: 'secret' });
  await insertApiKey(deps.pool, deps.world, { ...key, merchant: test.principal.merchant, scopes: SCOPES });
  const api = clientOf(publicUrl, key.key);
  const reader = readerOf(deps, subject.provider, ACCOUNT);
  if (!reader) throw new Error('the account is not configured');
  return {
    api,
    capabilities: reader.capabilities,
    webhookUrl: `${publicUrl}/webhooks/${subject.provider}/${ACCOUNT}`,
    settled: (ids) => settled(api, (ms) => work(deps, reader, ms), aheadMs, ids),
    work: (ms) => work(deps, reader, ms),
    list: (ms) => synchronizeOnce(ahead(deps, ms), test.platform.inbox, reader, ACCOUNT),
    keepHouse: (ms) => keepHouse(ahead(deps, ms), failed),
    tablesWith: (text) => tablesWith(deps, text),
    deliveries: () => deliveries(deps),
    stop: async () => {
      await server.close();
      await test.close();
    },
  };
}

function failed(error: unknown): never {
  throw error;
}

async function tablesWith({ pool }: FlowDeps, text: string): Promise<string[]> {
  const { rows } = await pool.query(
    `select distinct tableoid::regclass::text as name from (
      select tableoid, x::text as row from payments x
      union all select tableoid, x::text from events x
      union all select tableoid, x::text from event_private x
      union all select tableoid, x::text from idempotency_keys x
      union all select tableoid, x::text from payloads x) rows where strpos(row, $1) > 0`,
    [text],
  );
  return rows.map(({ name }: { name: string }) => name);
}

async function work(deps: FlowDeps, reader: Connector, aheadMs: number): Promise<void> {
  const later = ahead(deps, aheadMs);
  if (reader.webhooks) while ((await processOnce(later, reader)) > 0);
  while ((await workOnce(later)) > 0);
}

function ahead(deps: FlowDeps, ms: number): FlowDeps {
  const { world } = deps;
  return { ...deps, world: { ...world, now: () => world.now() + ms } };
}

async function deliveries({ pool }: FlowDeps): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ result: string; count: number }>(
    `select coalesce(i.result::text, d.state::text) as result, count(*)::int as count
      from inbox i left join inbox_due d on d.inbox_id = i.id group by 1
      union all select 'refused', count(*)::int from inbox_refused having count(*) > 0`,
  );
  return Object.fromEntries(rows.map(({ result, count }) => [result, count]));
}

function environment(subject: ContractSubject, given: Account, publicUrl: string): Record<string, string> {
  const { provider, version, webhooks } = subject;
  const versions = [{ version, percent: 100 }];
  const account = { account: ACCOUNT, provider, mode: 'test', versions, ...given };
  const secrets = webhooks ? { [`${provider}/${ACCOUNT}`]: [webhooks.secret] } : {};
  return {
    TRUEPENNY_PROVIDERS: JSON.stringify([account]),
    TRUEPENNY_PUBLIC_URL: publicUrl,
    TRUEPENNY_WEBHOOK_SECRETS: JSON.stringify(secrets),
  };
}

async function settled(
  api: Client,
  work: (aheadMs: number) => Promise<void>,
  aheadMs: readonly number[],
  ids: string[],
): Promise<Payment[]> {
  let step = 0;
  let payments: Payment[] = [];
  const pending = async () => {
    await work(aheadMs[Math.min(step, aheadMs.length - 1)] ?? 0);
    step += 1;
    payments = await Promise.all(ids.map((id) => api.payment(id)));
    return payments.flatMap((p) => p.pending_operations.map((o) => `${p.id}: ${o.kind} is ${o.status}`));
  };
  await expect.poll(pending, { timeout: PATIENCE_MS, interval: 20 }).toEqual([]);
  return payments;
}
