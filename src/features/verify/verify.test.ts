import { afterAll, beforeAll, expect, test } from 'vitest';
import { request, sale } from '../../../test/support/platform.ts';
import { fromUuid, mintId, toUuid } from '../../core/ids.ts';
import { takeDigest } from './digest.ts';
import {
  attestAll,
  CHAIN_KEY,
  type Copy,
  copyOf,
  fixture,
  makePayments,
  type Original,
  original,
  SILENT,
  WORLD,
} from './test-kit.ts';
import { reportText } from './text.ts';
import { type Progress, verifyDatabase } from './verify.ts';

let source: Original;
let copy: Copy;
beforeAll(async () => {
  source = await original();
  copy = await copyOf(source);
});
afterAll(async () => {
  await copy?.drop();
  await source?.drop();
});

test('a database that nobody touched passes, and the report says what it covers', async () => {
  const report = await copy.verify();
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ holds: true, stopped: null, notes: [], private_parts_erased: 0 });
  expect(report.checked).toMatchObject({ payments: 27, heads: 18 });
  expect(report.digest?.events_since).toBeGreaterThan(0);
  expect(reportText(report)).toContain('Everything holds.');
});

test('an empty database passes', async () => {
  const { platform, database, folder } = await fixture();
  const { pool } = platform.deps;
  const report = await verifyDatabase({ pool, chainKey: CHAIN_KEY, digestFolder: folder.path, world: WORLD });
  await platform.close();
  await database.drop();
  await folder.remove();
  expect(report).toMatchObject({ holds: true, checked: { payments: 0 } });
});

test('with another key than that of the installation nothing is believed', async () => {
  const report = await copy.verify({ chainKey: Buffer.alloc(32, 9) });
  expect(report.findings[0]).toMatchObject({ invariant: 'hash-chain' });
  expect(report.counts['hash-chain']).toBe(27);
  expect(report.findings).toHaveLength(21);
  expect(reportText(report)).toContain('more of them');
});

test('one payment alone can be verified', async () => {
  const report = await copy.verify({ payment: source.made.refunded });
  expect(report).toMatchObject({ holds: true, checked: { payments: 1, events: 6, heads: 1 } });
});

test('a payment that never was is said to be none', async () => {
  const payment = mintId('payment', WORLD.now(), WORLD.randomBytes(10));
  const report = await copy.verify({ payment });
  expect(report).toMatchObject({ holds: true, notes: ['There is no such payment.'] });
});

test('a run that is interrupted says where it stopped, and goes on from there', async () => {
  const stopped = await copy.verify({ signal: AbortSignal.abort(), from: source.made.sold });
  expect(stopped.stopped).toEqual({ phase: 'payments', from: source.made.sold });
  expect(stopped.checked.payments).toBe(0);
  const ids = await copy.sql('select id from payments order by id');
  const left = ids.findIndex((row) => row['id'] === toUuid(source.made.sold));
  const rest = await copy.verify({ from: source.made.sold });
  expect(rest.checked.payments).toBe(ids.length - left);
});

test('progress tells of payments, rate and place', async () => {
  const told: Progress[] = [];
  await copy.verify({ onProgress: (progress: Progress) => told.push(progress) });
  expect(new Set(told.map((p) => p.phase))).toEqual(
    new Set(['payments', 'ledger', 'other tables', 'digests']),
  );
  expect(told.at(-1)?.payments).toBe(27);
});

test('rows in masses that no payment accounts for are named without being held in memory', async () => {
  const flooded = await copyOf(source);
  const [last] = await flooded.sql('select id from payments order by id desc limit 1');
  await flooded.sql(
    `insert into events (payment_id, version, id, merchant_id, type, data, recorded_at, correlation, hash)
      select $1, n, gen_random_uuid(), $1, 'operation_unknown', '{}', now(), 'x', sha256('x')
      from generate_series(1000, 31000) n`,
    [last?.['id']],
  );
  const report = await flooded.verify();
  await flooded.drop();
  expect(report.findings).toEqual([
    {
      invariant: 'ledger-follows-events',
      payment: fromUuid('payment', String(last?.['id'])),
      what: expect.stringContaining('more rows'),
    },
  ]);
});

test('a system at work gives no false alarm', async () => {
  const busy = await fixture();
  const { platform, asker, database, folder } = busy;
  const { pool } = platform.deps;
  const digests = `${folder.path}/digests`;
  const done = new AbortController();
  const sell = async (lane: number) => {
    for (let n = 0; !done.signal.aborted; n++) {
      const reply = await platform.payments.create(request(asker, `${lane}/${n}`, sale('tok_approve')));
      const { id } = reply.body as { id: string };
      const refund = { payment: id, amount: 100, reason: null, metadata: {} };
      await platform.payments.refund(request(asker, `${lane}/${n}/refund`, refund));
    }
  };
  const attest = async () => {
    while (!done.signal.aborted)
      await takeDigest({ pool, world: WORLD, log: SILENT, folder: digests, key: CHAIN_KEY });
  };
  const verify = () => verifyDatabase({ pool, chainKey: CHAIN_KEY, digestFolder: digests, world: WORLD });
  const work = [attest(), ...Array.from({ length: 8 }, (_, lane) => sell(lane))];
  await makePayments(busy, 'beside');
  const reports = [];
  for (let run = 0; run < 5; run++) reports.push(await verify());
  done.abort();
  await Promise.all(work);
  await attestAll(pool, digests);
  reports.push(await verify());
  await platform.close();
  await database.drop();
  await folder.remove();
  expect(reports.flatMap((report) => report.findings)).toEqual([]);
  expect(reports.at(-1)?.digest?.events_since).toBe(0);
  expect(reports.at(-1)?.checked.payments).toBeGreaterThan(20);
});
