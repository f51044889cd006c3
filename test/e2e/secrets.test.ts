import pg from 'pg';
import { expect, test } from 'vitest';
import { sale } from '../support/client.ts';
import { endToEnd } from '../support/e2e.ts';

/** Every process tells all that it can tell; that its logs hold no secret is checked at the end of every file. */
const t = endToEnd({ apis: 1, env: { TRUEPENNY_LOG_LEVEL: 'trace' } });

const CARD = '4111111111111111';

test('a card number is refused wherever it is sent, and is nowhere in the database', async () => {
  const bodies = [
    { metadata: { note: CARD } },
    { metadata: { [CARD]: 'x' } },
    { description: `paid with 4111 1111 1111 1111` },
    { reference: CARD },
    { customer: { name: CARD } },
    { return_url: `https://shop.example/${CARD}` },
    { payment_method: { type: 'card', token: CARD } },
  ];
  for (const body of bodies) {
    const answer = await t.api.post('/v1/payments', sale('tok_approve', body));
    expect(answer, JSON.stringify(body)).toMatchObject({ status: 400 });
    expect(answer.text).not.toContain(CARD);
  }
  const { id } = (await t.api.sale('tok_approve')).body;
  expect((await t.api.post('/v1/refunds', { payment: id, reason: CARD })).status).toBe(400);
  expect((await t.api.sale('tok_approve', {}, CARD)).status).toBe(400);
  for (const path of [
    `/v1/payments/${CARD}`,
    `/v1/payments?reference=${CARD}`,
    `/${CARD}`,
    `/return/${CARD}`,
  ])
    expect((await t.api.get(path).catch(() => ({ status: 404 }))).status, path).toBeGreaterThanOrEqual(400);
  await sendHeaders({
    traceparent: CARD,
    'user-agent': CARD,
    'x-card': CARD,
    authorization: `Bearer ${CARD}`,
  });
  expect(await tablesThatHold(CARD)).toEqual([]);
});

test('failures of every kind write no secret down', async () => {
  for (const token of [
    'tok_timeout_after',
    'tok_garbled',
    'tok_rate_limited',
    'tok_no_such_token',
    'tok_decline_unmapped',
  ])
    await t.api.sale(token, { metadata: { k: 'v' } });
  await t.api.post('/v1/payments', { nonsense: 'tok_secret' });
  const [one] = await t.api.payments();
  expect(JSON.stringify((await t.api.get(`/v1/payments/${one?.id}/events`)).body)).not.toContain('tok_');
  // A second attempt that waits for the first is told of in the first one's event, token and all.
  const { body } = await t.api.sale('tok_3ds', { return_url: 'https://shop.example/back' });
  const second = { payment_method: { type: 'card', token: 'tok_decline_lost_card' } };
  await t.api.post(`/v1/payments/${body.id}/confirm`, second);
  const events = JSON.stringify((await t.api.get(`/v1/payments/${body.id}/events`)).body);
  expect(events).toContain('attempt_abandoned');
  expect(events).not.toContain('tok_');
  expect(JSON.stringify((await t.api.get(`/v1/payments/${one?.id}/explain`)).body)).not.toContain('tok_');
});

async function sendHeaders(headers: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(headers))
    await fetch(`${t.deployment.apis[0]?.url}/v1/payments`, { headers: { [name]: value } }).then((a) =>
      a.text(),
    );
}

async function tablesThatHold(text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: t.deployment.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const held: string[] = [];
    for (const { name } of rows) {
      const found = await client.query(`select 1 from "${name}" t where t::text like $1 limit 1`, [
        `%${text}%`,
      ]);
      if (found.rowCount) held.push(name);
    }
    expect(rows.length).toBeGreaterThan(5);
    return held;
  } finally {
    await client.end();
  }
}
