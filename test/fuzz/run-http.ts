/** The HTTP surface from end to end: a target with some resources, every operation, what stands in the inbox after. */

import { processOnce } from '../../src/features/webhooks/process.ts';
import { LIMITS } from '../../src/ops/limits.ts';
import { clientOf } from '../support/client.ts';
import { webhook } from '../support/webhooks.ts';
import { type Coverage, type Fuzzing, fuzzBytes, fuzzOperation, gather } from './http.ts';
import { heapMiB } from './settings.ts';
import { type Document, HIDDEN, type Operation, operationsOf } from './surface.ts';
import { startTarget, type Target } from './target.ts';

export type HttpReport = {
  operations: Operation[];
  coverage: Coverage;
  heapMiB: Growth;
  metricsBytes: Growth;
};

/** After the first pass and after the last. */
export type Growth = { before: number; after: number };

/** By chance a pass may have nothing but refusals for an operation. */
const PATIENCE_PASSES = 5;

/** One pass: so many requests for each operation. `again` repeats it with other seeds while it says so. */
export async function fuzzHttp(options: {
  runs: number;
  seed: number;
  again(pass: number): boolean;
  say(line: string): void;
}): Promise<HttpReport> {
  const target = await startTarget();
  try {
    const operations = inOrder([...operationsOf(await documentOf(target)), ...HIDDEN]);
    const fuzzing: Fuzzing = { target, resources: new Map(), coverage: new Map(), ...options };
    await prepare(target, fuzzing);
    const onePass = async (seed: number) => {
      for (const operation of operations) {
        await prepareReplay(fuzzing, operation);
        await fuzzOperation({ ...fuzzing, seed }, operation);
      }
      await fuzzBytes(target);
      await emptyInbox(target);
    };
    await onePass(options.seed);
    const before = { heap: heapMiB(), metrics: await metricsBytes(target) };
    const unreached = () => operations.some(({ id }) => !fuzzing.coverage.get(id)?.accepted);
    for (let pass = 1; options.again(pass) || (pass < PATIENCE_PASSES && unreached()); pass++) {
      await onePass(options.seed + pass);
      options.say(`pass ${pass + 1}: heap ${heapMiB()} MiB`);
    }
    return {
      operations,
      coverage: fuzzing.coverage,
      heapMiB: { before: before.heap, after: heapMiB() },
      metricsBytes: { before: before.metrics, after: await metricsBytes(target) },
    };
  } finally {
    await target.close();
  }
}

/** A label that strangers can fill would make it grow with each of them. */
async function metricsBytes({ test }: Target): Promise<number> {
  return (await test.platform.deps.metrics.registry.metrics()).length;
}

/** What deletes comes last: the others need something to be about. */
function inOrder(operations: Operation[]): Operation[] {
  return operations.toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));
}

async function documentOf(target: Target): Promise<Document> {
  const { text } = await target.send({ method: 'GET', path: '/openapi.json', headers: {}, body: null });
  return JSON.parse(text.slice(text.indexOf('\n\n'))) as Document;
}

/** Something of each kind, so that requests have something to be about. */
async function prepare(target: Target, { resources }: Fuzzing): Promise<void> {
  const { port } = target.server.server.address() as { port: number };
  const api = clientOf(`http://127.0.0.1:${port}`, target.secretKey);
  const notice = ({ text }: { text: string }) => gather(resources, text);
  await deliver(target, LIMITS.inbox.replayAlone + 1);
  notice(await clientOf(`http://127.0.0.1:${port}`, target.platformKeys[0]).get('/v1/provider_webhooks'));
  for (let n = 0; n < 3; n++) {
    notice(await api.reserve('tok_approve'));
    notice(await api.reserve('tok_approve'));
    notice(await api.sale('tok_3ds', { return_url: 'https://shop.example/back' }));
    const sold = await api.sale('tok_approve');
    notice(sold);
    notice(await api.refund(sold.body.id, 100));
    notice(await api.get(`/v1/payments/${sold.body.id}/events`));
    notice(await api.post('/v1/webhook_endpoints', { url: 'https://example.com/hooks' }));
  }
}

/** What can be approved or rejected is a replay of so many that it takes two; what can be stopped is under way. */
async function prepareReplay({ target, resources }: Fuzzing, { path }: Operation): Promise<void> {
  if (!path.startsWith('/v1/webhook_replays/{id}')) return;
  const { port } = target.server.server.address() as { port: number };
  const asker = clientOf(`http://127.0.0.1:${port}`, target.platformKeys[0]);
  const deliveries = resources.get('whk') ?? [];
  const which = path.endsWith('/stop') ? { webhooks: deliveries.slice(0, 1) } : { provider: 'simulator' };
  const asked = await asker.post<{ id?: string }>('/v1/webhook_replays', { ...which, reason: 'fuzzing' });
  if (asked.body.id !== undefined) resources.set('rpl', [asked.body.id]);
}

/** Deliveries of what nobody knows: something to list and to replay. */
async function deliver(target: Target, deliveries: number): Promise<void> {
  for (let n = 0; n < deliveries; n++) {
    const { headers, body } = webhook({ type: 'charge.expired', data: { charge: `ch_unknown_${n}` } });
    const path = '/webhooks/simulator/default';
    await target.send({ method: 'POST', path, headers, body: Buffer.from(body) });
  }
}

/** Every delivery that was taken comes to an end: what cannot be understood is set aside, and fails nothing. */
async function emptyInbox({ test, complaints }: Target): Promise<void> {
  const { deps } = test.platform;
  for (const { versions } of deps.accounts.values())
    for (const { connector } of versions) while ((await processOnce(deps, connector)) > 0);
  const wrong = complaints();
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
}
