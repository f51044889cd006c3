/** What an intruder can change among the digests themselves, and what a crash leaves there. */

import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { mintId, toUuid } from '../../core/ids.ts';
import { type Pool, query } from '../../db/pool.ts';
import type { Rows } from '../../db/prepared.ts';
import { HEADS_BY_EVENT, type HeadEventRow } from '../../db/statements/digest.ts';
import { LIMITS } from '../../ops/limits.ts';
import { takeDigest } from './digest.ts';
import { digestFiles } from './series.ts';
import {
  attestAll,
  CHAIN_KEY,
  type Copy,
  copyOf,
  type Original,
  original,
  rehash,
  SILENT,
  WORLD,
} from './test-kit.ts';

let source: Original;
let copy: Copy;
/** A file a day: before the first payment, after the first round of payments, after the second. */
let files: string[];
beforeAll(async () => {
  source = await original();
});
afterAll(() => source?.drop());
beforeEach(async () => {
  copy = await copyOf(source);
  files = await digestFiles(copy.digests);
});
afterEach(() => copy?.drop());

test('a digest line that is edited is found, and the payment that it attests named', async () => {
  const payment = source.made.sold;
  await edit(files[1], (text) => text.replace(`["${payment}",4`, `["${payment}",3`));
  const { findings } = await copy.verify();
  expect(findings).toEqual([
    wrong(/^digest 2 in .* does not hold the streams that it was made of/),
    {
      invariant: 'attested-by-digest',
      payment,
      what: 'event 3, or one before it, is not what digest 2 attests',
    },
  ]);
});

test('a digest line that is removed is found', async () => {
  await edit(files[1], (text) => text.replace(/\["pay_.*\n/, ''));
  expect((await copy.verify()).findings).toEqual([
    wrong(/^digest 2 in .* does not hold the streams that it was made of/),
  ]);
});

test('a header that is edited is found', async () => {
  await edit(files[1], (text) => text.replace(/"taken_at":"\d{4}/, '"taken_at":"1999'));
  expect((await copy.verify()).findings).toEqual([
    wrong(/^digest 2 in .* is not what was signed/),
    wrong(/^digest 3 in .* follows another digest than it did/),
  ]);
});

test.each([
  { name: 'the first', index: 0, finds: [/^digest 2 in .* comes where digest 1 is missing/] },
  { name: 'one in the middle', index: 1, finds: [/^digest 3 in .* comes where digest 2 is missing/] },
  { name: 'the last', index: 2, finds: [/^the files end with digest 2, but digest 3 had been written/] },
])('a digest file that is deleted is found: $name', async ({ index, finds }) => {
  await rm(join(copy.digests, files[index] ?? ''));
  expect((await copy.verify()).findings).toEqual(finds.map(wrong));
});

test('all digest files deleted are found, as long as the note of the last one is there', async () => {
  for (const file of files) await rm(join(copy.digests, file));
  expect((await copy.verify()).findings).toEqual([wrong(/^the files end with digest 0, but digest 3/)]);
});

test('the end of the series cut off is found', async () => {
  const file = join(copy.digests, files[2] ?? '');
  await truncate(file, (await stat(file)).size - 10);
  expect((await copy.verify()).findings[0]).toEqual(
    wrong(/^digest 3 in .* does not hold the streams that it was made of/),
  );
});

test.each([
  {
    name: 'deleted',
    change: () => rm(join(copy.digests, 'latest.json')),
    finds: /^latest.json.* is missing/,
  },
  { name: 'edited', change: () => editNote(), finds: /^latest.json.* is forged/ },
])('the note of the last digest $name is found', async ({ change, finds }) => {
  await change();
  expect((await copy.verify()).findings).toEqual([wrong(finds)]);
});

test('lines that belong to no digest are found', async () => {
  await edit(files[1], (text) => `junk\n${text}`);
  expect((await copy.verify()).findings).toEqual([wrong(/^line 1 of .* belongs to no digest/)]);
});

test('damage stays found after more digests were taken', async () => {
  await rm(join(copy.digests, files[2] ?? ''));
  await attest();
  expect((await copy.verify()).findings).toEqual([wrong(/^digest 4 in .* comes where digest 3 is missing/)]);
});

test('digests go on when the note of the last one is lost, without forgetting what was attested', async () => {
  await rm(join(copy.digests, 'latest.json'));
  await attest();
  expect(await copy.verify()).toMatchObject({ holds: true, digest: { digest: 4, events_since: 0 } });
});

test('a digest that a crash left half written is no violation, and the next one takes its place', async () => {
  const file = join(copy.digests, files[2] ?? '');
  const text = await readFile(file, 'utf8');
  await appendFile(file, text.slice(0, 300));
  const before = await copy.verify();
  expect(before).toMatchObject({ holds: true, notes: [expect.stringContaining('unfinished digest')] });
  await attest();
  expect(await copy.verify()).toMatchObject({
    holds: true,
    notes: [],
    digest: { digest: 4, events_since: 0 },
  });
});

test('a digest that was written, but not noted before a crash, is adopted', async () => {
  const note = await readFile(join(copy.digests, 'latest.json'));
  await attest();
  await writeFile(join(copy.digests, 'latest.json'), note);
  expect(await copy.verify()).toMatchObject({ holds: true });
  expect(await take()).toMatchObject({ kind: 'taken', digests: 0, latest: { header: { digest: 4 } } });
});

test('nothing is written while nothing happens', async () => {
  await attest();
  const before = await readdir(copy.digests);
  expect(await take()).toMatchObject({ kind: 'taken', digests: 0, streams: 0 });
  expect(await readdir(copy.digests)).toEqual(before);
});

test('a digest waits for a transaction that is still open, and then attests its event', async () => {
  await attest();
  const payment = mintId('payment', WORLD.now(), WORLD.randomBytes(10));
  const late = await copy.pool.connect();
  try {
    await late.query('begin');
    await insertEvent(late, payment, 1);
    // Committed first, though begun later.
    await insertEvent(copy.pool, mintId('payment', WORLD.now(), WORLD.randomBytes(10)), 1);
    expect(await take()).toMatchObject({ digests: 0 });
    await late.query('commit');
  } finally {
    late.release();
  }
  await attest();
  const text = await readFile(join(copy.digests, (await digestFiles(copy.digests)).at(-1) ?? ''), 'utf8');
  expect(text).toContain(`["${payment}",1,`);
});

test('events are attested in the order of their transactions, not of the digits in which those are written', async () => {
  const [first, second] = [source.made.sold, source.made.refunded];
  for (const [payment, xid] of [
    [first, '9'],
    [second, '10'],
  ] as const)
    await copy.sql('update events set xid = $2::xid8 where payment_id = $1', [toUuid(payment), xid]);
  const rows = await query<HeadEventRow>(copy.pool, HEADS_BY_EVENT, ['8', 0, '11', 100]);
  expect([...new Set(rows.map((row) => row.payment))]).toEqual([toUuid(first), toUuid(second)]);
});

test('many at once on one folder make one series', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, take));
  expect(results.every((r) => r.kind === 'taken' || r.kind === 'busy')).toBe(true);
  await attest();
  expect(await copy.verify()).toMatchObject({ holds: true, digest: { events_since: 0 } });
});

test('a database that was restored is told, attested anew, and still held against what was attested before', async () => {
  const restored = onCluster(copy.pool, '1');
  const before = await copy.verify({ pool: restored });
  expect(before).toMatchObject({ holds: true, digest: { events_since: null } });
  expect(before.notes).toEqual([expect.stringContaining('was restored')]);
  await take(restored);
  const after = await copy.verify({ pool: restored });
  expect(after).toMatchObject({ holds: true, notes: [expect.stringMatching(/^Digest 4 attests all anew/)] });
  await rehash(copy, source.made.sold, Buffer.alloc(32, 1));
  const { findings } = await copy.verify({ pool: restored });
  const attested = findings.filter((f) => f.invariant === 'attested-by-digest');
  expect(attested.map((f) => f.what)).toEqual([
    expect.stringContaining('digest 2 attests'),
    expect.stringContaining('digest 4 attests'),
  ]);
});

test('more streams than fit into one digest are attested in several, and go on where they stopped', async () => {
  const folder = join(copy.digests, 'new');
  await mkdir(folder);
  await copy.sql(
    `insert into payments (id, merchant_id, mode, currency, version, status, amount, amount_authorized, amount_captured,
      amount_capture_pending, amount_refunded, amount_refund_pending, amount_reversed, amount_disputed, captured_beyond,
      refunded_beyond, state, head, created_at, updated_at)
    select gen_random_uuid(), merchant_id, mode, currency, 1, status, amount, 0, 0, 0, 0, 0, 0, 0, 0, 0, state, head,
      created_at, updated_at
    from payments, generate_series(1, $2) where id = $1`,
    [toUuid(source.made.unpaid), LIMITS.digest.batch],
  );
  await attestAll(copy.pool, folder);
  const text = await readFile(join(folder, (await digestFiles(folder))[0] ?? ''), 'utf8');
  const headers = text.split('\n').filter((line) => line.startsWith('{'));
  const attested = text.split('\n').filter((line) => line.startsWith('['));
  expect(headers.length).toBe(2);
  expect(new Set(attested).size).toBe(LIMITS.digest.batch + 27);
});

test('without any digest the report says so', async () => {
  const report = await copy.verify({ digestFolder: join(copy.digests, 'nowhere') });
  expect(report).toMatchObject({
    holds: true,
    digest: null,
    notes: [expect.stringContaining('no digest yet')],
  });
});

function attest(): Promise<void> {
  return attestAll(copy.pool, copy.digests);
}

function take(pool: unknown = copy.pool) {
  const deps = { pool: pool as Pool, world: WORLD, log: SILENT, folder: copy.digests, key: CHAIN_KEY };
  return takeDigest(deps);
}

function wrong(what: RegExp): object {
  return { invariant: 'digest-series', payment: null, what: expect.stringMatching(what) };
}

async function edit(file: string | undefined, change: (text: string) => string): Promise<void> {
  const path = join(copy.digests, file ?? '');
  const before = await readFile(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
}

function editNote(): Promise<void> {
  return edit('latest.json', (text) => text.replace(/"end":\d+/, '"end":1'));
}

async function insertEvent(db: Pick<Pool, 'query'>, payment: string, version: number): Promise<void> {
  await db.query(
    `insert into events (payment_id, version, id, merchant_id, type, data, recorded_at, correlation, hash)
      values ($1, $2, gen_random_uuid(), $1, 'payment_created', '{}', now(), 'x', sha256('x'))`,
    [toUuid(payment), version],
  );
}

/** The same database as if it were in another cluster: a second real one would be a server of its own. */
function onCluster(pool: Pool, system: string): Pool {
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'query') return Reflect.get(target, name, target);
      return (statement: { name?: string }, values: unknown, done: Done) => {
        const told: Done = (error, result) =>
          statement.name === 'digest_edge' && result
            ? done(error, { ...result, rows: [{ ...result.rows[0], system }] })
            : done(error, result);
        (Reflect.get(target, name, target) as (...given: unknown[]) => void).call(
          target,
          statement,
          values,
          told,
        );
      };
    },
  });
}

type Done = (error: Error | null, result?: Rows) => void;
