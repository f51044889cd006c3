import { expect, test } from 'vitest';
import type { Connector } from '../port.ts';
import { paypal } from './test-kit.ts';

const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
const DAY_MS = 24 * 3600_000;

/** All that is listed from a cursor on, and the cursor for the next time. */
async function listed({ listChanges }: Connector, from: string | null) {
  const types: string[] = [];
  const ids = new Set<string>();
  let cursor = from;
  for (let page = 0; page < 100; page += 1) {
    const changes = await listChanges?.(cursor, TRACE);
    if (changes?.kind !== 'page') throw new Error('there was no page');
    for (const { eventId, body } of changes.entries) {
      if (!ids.has(eventId)) types.push(JSON.parse(body.toString()).event_type);
      ids.add(eventId);
    }
    cursor = changes.next;
    if (!changes.more) return { types, ids, cursor };
  }
  throw new Error('the list never ends');
}

test('what moved is listed whole, over pages and days, and only what is new the next time', async () => {
  const { connector, perform, world } = await charged();
  await perform(130);
  world.forward(3 * DAY_MS);
  await perform(2);
  // The last minutes are listed again the next time: an event may come into the list late.
  world.forward(3_600_000);
  const first = await listed(connector, null);
  expect(first.types).toEqual(Array.from({ length: 132 }, () => 'PAYMENT.CAPTURE.COMPLETED'));

  await perform(1);
  const second = await listed(connector, first.cursor);
  expect(second.types).toHaveLength(1);
  expect(first.ids.isDisjointFrom(second.ids)).toBe(true);
});

test('what is listed is what was delivered: each event parses, and PayPal confirms it', async () => {
  const { connector, perform } = await charged();
  await perform(1);
  const changes = await connector.listChanges?.(null, TRACE);
  const { cursor } = await listed(connector, null);
  expect(changes?.kind).toBe('page');
  const last = await connector.listChanges?.(new Date(Date.parse(cursor) - DAY_MS / 2).toISOString(), TRACE);
  const [entry] = last?.kind === 'page' ? last.entries : [];
  if (!entry) throw new Error('nothing was listed');
  const { webhooks } = connector;
  expect(webhooks?.parse(entry.body).kind).toBe('notices');
  expect(await webhooks?.confirm?.(entry.body, TRACE)).toEqual({ kind: 'confirmed' });

  const changed = Buffer.from(entry.body.toString().replace('"42.00"', '"43.00"'));
  expect(await webhooks?.confirm?.(changed, TRACE)).toEqual({ kind: 'denied' });
  const unknown = Buffer.from(entry.body.toString().replace(entry.eventId, 'WH-0'));
  expect(await webhooks?.confirm?.(unknown, TRACE)).toEqual({ kind: 'denied' });
});

test('a provider that is away neither lists nor confirms', async () => {
  const { connector, simulator } = await charged();
  await simulator.post('/outage', { mode: 'down' });
  expect(await connector.listChanges?.(null, TRACE)).toMatchObject({ kind: 'unavailable' });
  expect(await connector.webhooks?.confirm?.(Buffer.from('{"id":"WH-1"}'), TRACE)).toMatchObject({
    kind: 'unavailable',
  });
});

async function charged() {
  const it = await paypal();
  const perform = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      const operation = `op_${it.world.now()}_${n}`;
      const { outcome } = await it.connector.perform(
        {
          kind: 'authorize',
          operation,
          attempt: 'att_1',
          reference: 'pay_1',
          providerReference: null,
          amount: 4200,
          currency: 'EUR',
          capture: true,
          paymentMethod: { type: 'card', token: 'tok_approve' },
          offSession: false,
          returnUrl: 'http://127.0.0.1:9/return',
        },
        TRACE,
      );
      expect(outcome.kind).toBe('approved');
    }
  };
  return { ...it, perform };
}
