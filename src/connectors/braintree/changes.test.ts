import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { realWorld } from '../../ops/world.ts';
import type { Connector, Notice } from '../port.ts';
import { braintreeConnector } from './connector.ts';
import { accountAt, authorize, braintreePair, capture, ID, refund, TRACE } from './test-kit.ts';

/** One round: everything until the list says that there is no more for now. */
async function round({ listChanges, webhooks }: Connector, after: string | null) {
  const entries: { eventId: string; notices: Notice[] }[] = [];
  let calls = 0;
  for (let cursor = after; ; calls += 1) {
    const page = await listChanges?.(cursor, TRACE);
    if (page?.kind !== 'page') throw new Error(`not a page: ${JSON.stringify(page)}`);
    for (const { eventId, body } of page.entries) {
      const parsed = webhooks?.parse(body);
      entries.push({ eventId, notices: parsed?.kind === 'notices' ? parsed.notices : [] });
    }
    cursor = page.next;
    if (!page.more) return { entries, cursor, calls: calls + 1 };
  }
}

/** The cursor of an account that is new. */
async function beginning({ listChanges }: Connector): Promise<string> {
  const page = await listChanges?.(null, TRACE);
  if (page?.kind !== 'page') throw new Error(`not a page: ${JSON.stringify(page)}`);
  return page.next;
}

const kinds = (entries: { notices: Notice[] }[]) =>
  entries.flatMap((e) => e.notices.map(({ fact }) => fact.kind));

describe("the account's list", () => {
  test('tells what is done in the control panel as facts of the attempt, and nothing of who paid', async () => {
    const { perform, connector, simulator } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0 });
    const { outcome } = await perform(authorize());
    const id = outcome.kind === 'approved' ? outcome.provider_reference : '';
    await simulator.post(`/charges/${id}/capture`, { amount: 3000 });
    await simulator.post(`/charges/${id}/refund`, { amount: 700 });
    const { entries } = await round(connector, null);
    const facts = entries.flatMap(({ notices }) => notices);
    expect(facts.every(({ providerReference }) => providerReference === id)).toBe(true);
    expect(facts).toContainEqual(
      expect.objectContaining({
        reference: ID.payment,
        attempt: ID.attempt,
        fact: expect.objectContaining({ kind: 'captured_total', amount: 3000 }),
      }),
    );
    expect(facts).toContainEqual(
      expect.objectContaining({
        reference: null,
        fact: expect.objectContaining({ kind: 'refunded', amount: 700, operation: null }),
      }),
    );
    const page = await connector.listChanges?.(await beginning(connector), TRACE);
    const bodies = page?.kind === 'page' ? page.entries.map(({ body }) => body.toString()) : [];
    expect(bodies.length).toBeGreaterThan(0);
    expect(bodies.join()).not.toMatch(/1881|401288|customer|nonce|token/);
  });

  test('a new account begins an hour back from when it was first seen, though the provider cannot be asked for long', async () => {
    const { connector, arm } = await braintreePair();
    await arm('lookup', 'error_before');
    const page = await connector.listChanges?.(null, TRACE);
    expect(page).toMatchObject({ kind: 'page', entries: [], more: true });
    const [min = ''] = page?.kind === 'page' ? page.next.split('|') : [];
    expect(Date.now() - Date.parse(min)).toBeGreaterThanOrEqual(3600_000);
  });

  test('what is told twice has the same id, and another once it has changed', async () => {
    const { perform, connector, simulator } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0 });
    const { outcome } = await perform(authorize());
    const id = outcome.kind === 'approved' ? outcome.provider_reference : '';
    const first = await round(connector, null);
    const ids = new Set(first.entries.map(({ eventId }) => eventId));
    expect([...ids]).toEqual([`listed/${id}/authorized/4200`]);
    const second = await round(connector, first.cursor);
    expect(second.entries.every(({ eventId }) => ids.has(eventId))).toBe(true);
    await perform(capture(id, { amount: 1500 }));
    const third = await round(connector, second.cursor);
    expect(third.entries.map(({ eventId }) => eventId)).toContain(`listed/${id}/settled/1500`);
  });

  test('a settlement that is declined hours later is found by its status: it has no date to search by', async () => {
    const { perform, connector, simulator, world } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0, settlement_ms: 5 * 3600_000 });
    await perform(authorize({ amount: 400_100, capture: true }));
    const first = await round(connector, null);
    expect(kinds(first.entries)).toContain('captured_total');
    expect(kinds(first.entries)).not.toContain('reversed');
    world.forward(2 * 3600_000);
    const second = await round(connector, first.cursor);
    expect(kinds(second.entries)).not.toContain('reversed');
    world.forward(4 * 3600_000);
    expect(kinds((await round(connector, second.cursor)).entries)).toContain('reversed');
  });

  test('a bank debit that its bank has not paid yet is no news', async () => {
    const { perform, connector, simulator, world } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0, bank_debit_ms: 3600_000 });
    const debit = { type: 'sepa_debit', token: 'fake-sepa-direct-debit-nonce' } as const;
    const { outcome } = await perform(authorize({ capture: true, paymentMethod: debit }));
    expect(outcome).toMatchObject({ kind: 'pending' });
    const first = await round(connector, null);
    expect(first.entries).not.toEqual([]);
    expect(kinds(first.entries)).toEqual([]);
    world.forward(3600_000);
    expect(kinds((await round(connector, first.cursor)).entries)).toContain('captured_total');
  });

  test('a refund of ours names its operation', async () => {
    const { perform, connector, simulator } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0 });
    const { outcome } = await perform(authorize({ capture: true }));
    const id = outcome.kind === 'approved' ? outcome.provider_reference : '';
    const given = await perform(refund(id));
    const { entries } = await round(connector, null);
    const told = entries.flatMap(({ notices }) => notices).find(({ fact }) => fact.kind === 'refunded');
    expect(told?.fact).toMatchObject({ operation: refund(id).operation, amount: 1000 });
    expect(told?.fact).toMatchObject({
      movement: given.outcome.kind === 'approved' ? given.outcome.movement : '',
    });
  });

  test('more than a page is read page by page, each transaction once', async () => {
    const { gateway, connector, simulator } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0 });
    for (let n = 0; n < 60; n += 1)
      await gateway.transaction.sale({
        amount: '1.00',
        paymentMethodNonce: 'fake-valid-nonce',
        orderId: `o${n}`,
      });
    const { entries, calls } = await round(connector, await beginning(connector));
    expect(entries).toHaveLength(60);
    expect(new Set(entries.map(({ eventId }) => eventId)).size).toBe(60);
    // Three pages of what was made, and one look for each other kind.
    expect(calls).toBe(8);
  });

  test('after an outage of days it goes on where it was, a day at a time', async () => {
    const { perform, connector, simulator, world } = await braintreePair();
    await simulator.post('/settings', { search_lag_ms: 0 });
    const { cursor } = await round(connector, null);
    world.forward(20 * 3600_000);
    await perform(authorize());
    world.forward(30 * 3600_000);
    const { entries, cursor: end, calls } = await round(connector, cursor);
    expect(kinds(entries)).toEqual(['authorized']);
    // Three windows of six kinds, and one page.
    expect(calls).toBe(18);
    expect((await round(connector, end)).entries).toEqual([]);
  });

  test('a day with more than the search gives at once is read in parts, and nothing of it is passed over', async () => {
    const end = Date.UTC(2026, 10, 28);
    const { connector, parts, read } = await busyAccount(end, 20_000);
    await round(connector, `${new Date(end - DAY_MS).toISOString()}|||`);
    expect(read.size).toBe(20_000);
    expect(Math.max(...parts)).toBeLessThan(1_000);
  });

  test('many declined settlements are read through, for no narrower window has fewer', async () => {
    const end = Date.UTC(2026, 10, 28);
    const { connector, read } = await busyAccount(end, 2_000, 'settlement_declined');
    const { calls } = await round(connector, `${new Date(end - 3600_000).toISOString()}|||`);
    expect(read.size).toBe(2_000);
    // A hundred pages, and one look for each other kind.
    expect(calls).toBe(105);
  });

  test.each(['error_before', 'timeout_before', 'rate_limited', 'garbled'])(
    '%s: the cursor stays where it was',
    async (fault) => {
      const { connector, arm } = await braintreePair();
      await arm('lookup', fault);
      const cursor = await beginning(connector);
      expect(await connector.listChanges?.(cursor, TRACE)).toMatchObject({ kind: 'unavailable' });
    },
  );
});

const DAY_MS = 24 * 3600_000;

/** An account that made so many transactions in the day before `end`, an hour ago; how many each part that was read had. */
async function busyAccount(
  end: number,
  count: number,
  listedBy: 'creation' | 'settlement_declined' = 'creation',
) {
  const made = Array.from({ length: count }, (_, n) => end - Math.floor((n * DAY_MS) / count));
  const parts = new Set<number>();
  const read = new Set<string>();
  let found: number[] = [];
  const find = ({ created_at: window, status }: Search): string => {
    if (window === undefined || (status === undefined) !== (listedBy === 'creation')) return '';
    const [min, max] = [Date.parse(window.min), Date.parse(window.max)];
    found = made.filter((at) => at >= min && at <= max).slice(0, 20_000);
    return found.map((at) => `<item>${at.toString(36)}</item>`).join('');
  };
  const server = createServer(async (request, response) => {
    const { search } = JSON.parse(await text(request)) as { search: Search };
    for (const id of search.ids ?? []) read.add(id);
    if (search.ids !== undefined) parts.add(found.length);
    const page =
      '<credit-card-transactions type="collection"><page-size type="integer">50</page-size></credit-card-transactions>';
    const ids = `<search-results><ids type="array">${find(search)}</ids></search-results>`;
    response.end(search.ids === undefined ? ids : page);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const world = { ...realWorld(), now: () => end + 3600_000 };
  const connector = braintreeConnector({ account: accountAt(`http://127.0.0.1:${port}`), world });
  onTestFinished(async () => {
    await connector.close();
    server.close();
  });
  return { connector, parts, read };
}

type Search = { created_at?: { min: string; max: string }; status?: string[]; ids?: string[] };
