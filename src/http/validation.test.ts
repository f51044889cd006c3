import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, startServer, type TestServer } from '../../test/support/http-server.ts';
import { type IdKind, mintId } from '../core/ids.ts';
import { LIMITS } from '../ops/limits.ts';
import { realWorld } from '../ops/world.ts';

const world = realWorld();
const id = (kind: IdKind) => mintId(kind, world.now(), world.randomBytes(10));
const max = LIMITS.fields;
const CARD = '4242424242424242';

let app: TestServer;
let key: string;

beforeAll(async () => {
  app = await startServer();
  key = (await app.makeKey()).key;
});
afterAll(() => app.stop());

const headers = (more: object = {}) => ({ authorization: `Bearer ${key}`, 'idempotency-key': 'k', ...more });

function post(path: string, text: string, more: object = {}): Promise<Answer> {
  return app.request('POST', path, {
    headers: headers({ 'content-type': 'application/json', ...more }),
    body: text,
  });
}
const get = (path: string) => app.request('GET', path, { headers: headers() });

/** JSON text, so that numbers can be written as no JavaScript number is. */
type Field = { name: string; good: string; bad: Record<string, string[]> };

const quoted = (text: string) => JSON.stringify(text);
const NO_TEXT = ['1', 'true', '[]', '{}', 'null'];
const ODD = ['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff"', '"a\\nb"', '"\\u007f"', '"\\u0085"'];

function text(name: string, good: string, maxLength: number, options: { empty?: boolean } = {}): Field {
  const long = quoted('\u{1f600}'.repeat(maxLength + 1));
  return {
    name,
    good: quoted(good),
    bad: { '': [...NO_TEXT, ...ODD, long, ...(options.empty ? [] : ['""'])] },
  };
}

const amount: Field = {
  name: 'amount',
  good: '4200',
  bad: {
    amount_not_integer: ['"4200"', '100.5', '0.1', '4200.0000000000000001', 'true', 'null', '[]', '{}'],
    amount_not_positive: ['0', '-0', '-1', '-5', '0e5'],
    amount_too_large: ['9007199254740992', '9007199254740993', '1e18', '1e400', '1'.repeat(400)],
  },
};
const currency: Field = {
  name: 'currency',
  good: '"EUR"',
  bad: {
    currency_unknown: ['"zzz"', '"eur"', '"EURO"', '""', '"XXX"', '978', 'null', '"EUR\\n"', '"__proto__"'],
  },
};
const flag = (name: string): Field => ({
  name,
  good: 'true',
  bad: { '': ['"true"', '1', '0', 'null', '{}'] },
});
const choice = (name: string, good: string): Field => ({
  name,
  good: quoted(good),
  bad: {
    '': [
      ...NO_TEXT,
      ...ODD,
      '""',
      '"other"',
      quoted(good.toUpperCase() === good ? good.toLowerCase() : good.toUpperCase()),
    ],
  },
});
const paymentMethod: Field = {
  name: 'payment_method',
  good: '{"type":"card","token":"tok_approve"}',
  bad: {
    '': [
      ...NO_TEXT,
      '"tok_approve"',
      '{"type":"card"}',
      '{"token":"tok"}',
      '{"type":"bank","token":"tok"}',
      '{"type":"card","token":""}',
      '{"type":"card","token":"a b"}',
      '{"type":"card","token":"\\u0000"}',
      '{"type":"card","token":5}',
      `{"type":"card","token":${quoted('t'.repeat(max.walletToken + 1))}}`,
      '{"type":"card","token":"tok","number":"1"}',
      '{"type":"card","token":"tok","__proto__":{}}',
    ],
  },
};
const metadata: Field = {
  name: 'metadata',
  good: '{"k":"v","empty":""}',
  bad: {
    '': [
      ...NO_TEXT.filter((value) => value !== '{}'),
      '"text"',
      '{"k":1}',
      '{"k":null}',
      '{"k":{}}',
      '{"k":["v"]}',
      '{"":"v"}',
      '{"a\\u0000":"v"}',
      '{"k":"\\ud800"}',
      '{"\\udc00":"v"}',
      '{"__proto__":"v"}',
      '{"constructor":"v"}',
      '{"__pro\\u0074o__":"v"}',
      '{"prototype":{"a":"b"}}',
      `{"${'k'.repeat(max.metadataKey + 1)}":"v"}`,
      `{"k":${quoted('v'.repeat(max.metadataValue + 1))}}`,
      JSON.stringify(
        Object.fromEntries(Array.from({ length: max.metadataKeys + 1 }, (_, n) => [`k${n}`, 'v'])),
      ),
    ],
  },
};
const returnUrl: Field = {
  name: 'return_url',
  good: '"https://shop.example/done?order=1"',
  bad: {
    '': [
      ...NO_TEXT,
      ...ODD,
      '""',
      '"shop.example"',
      '"/done"',
      '"javascript:alert(1)"',
      '"data:text/html,x"',
      '"ftp://shop.example/"',
      '"https://"',
      '"https://user:secret@shop.example/"',
      '"https://user@shop.example/"',
      '"https://shop.example/a b"',
      '"https:\\\\\\\\shop.example"',
      '"https://shop.example:99999/"',
      quoted(`https://shop.example/${'a'.repeat(max.returnUrl)}`),
    ],
  },
};
const customer: Field = {
  name: 'customer',
  good: '{"id":"c-1","name":"Zo\u00eb \u{1f600}","email":"zoe@example.com"}',
  bad: {
    '': [
      ...NO_TEXT.filter((value) => value !== '{}'),
      '{"id":5}',
      '{"id":""}',
      '{"name":"a\\u0000"}',
      '{"name":"\\ud800"}',
      `{"name":${quoted('n'.repeat(max.customerField + 1))}}`,
      '{"email":"nobody"}',
      '{"email":"a@b@c"}',
      '{"email":"a b@c"}',
      '{"phone":"1"}',
    ],
  },
};
const paymentId: Field = {
  name: 'payment',
  good: quoted(id('payment')),
  bad: {
    '': [
      ...NO_TEXT,
      ...ODD,
      '""',
      '"pay_1"',
      quoted(id('refund')),
      quoted(id('payment').toUpperCase()),
      quoted(`${id('payment')}0`),
    ],
  },
};

const PAY = `/v1/payments/${id('payment')}`;
const BODIES: { path: string; required: string[]; fields: Field[] }[] = [
  {
    path: '/v1/payments',
    required: ['amount', 'currency'],
    fields: [
      amount,
      currency,
      choice('capture_method', 'manual'),
      flag('confirm'),
      paymentMethod,
      text('reference', 'order-1001', max.reference),
      text('description', 'Two \u{1f375} and a caf\u00e9', max.description, { empty: true }),
      metadata,
      returnUrl,
      customer,
      choice('channel', 'web'),
      choice('billing_country', 'DE'),
      flag('allow_partial_authorization'),
    ],
  },
  { path: `${PAY}/confirm`, required: [], fields: [paymentMethod] },
  { path: `${PAY}/capture`, required: [], fields: [amount, flag('final')] },
  { path: `${PAY}/void`, required: [], fields: [] },
  {
    path: '/v1/refunds',
    required: ['payment'],
    fields: [paymentId, amount, text('reason', 'broken', max.reason, { empty: true }), metadata],
  },
];

const bodyOf = (members: Record<string, string>) =>
  `{${Object.entries(members)
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    .join(',')}}`;
const goodBody = (fields: Field[]) => Object.fromEntries(fields.map(({ name, good }) => [name, good]));

function expectRefused(answer: Answer, field: string, code?: string): void {
  const errors = answer.body['errors'] as { field: string; code: string; message: string }[];
  expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_request']);
  expect(errors.map((e) => e.field).filter((f) => f.startsWith(`/${field}`))).not.toEqual([]);
  if (code) expect(errors).toContainEqual(expect.objectContaining({ field: `/${field}`, code }));
}

test.each(BODIES)('POST $path takes good values in every field', async ({ path, fields }) => {
  expect((await post(path, bodyOf(goodBody(fields)))).status).toBe(200);
});

test.each(BODIES)(
  'POST $path names the field that it misses, or does not know',
  async ({ path, fields, required }) => {
    for (const name of required) {
      const { [name]: _, ...rest } = goodBody(fields);
      expectRefused(await post(path, bodyOf(rest)), name, 'missing');
    }
    for (const name of ['unknown', 'Amount', 'constructor', '__proto__', 'toString'])
      expect((await post(path, bodyOf({ ...goodBody(fields), [name]: '1' }))).status).toBe(
        name === '__proto__' ? 400 : 400,
      );
  },
);

const CASES = BODIES.flatMap(({ path, fields }) =>
  fields.map((field) => ({ path, fields, field, name: field.name })),
);

test.each(CASES)(
  'POST $path refuses every bad $name, and leaves nothing behind',
  async ({ path, fields, field }) => {
    app.features.calls.length = 0;
    for (const [code, values] of Object.entries(field.bad)) {
      for (const value of values) {
        const answer = await post(path, bodyOf({ ...goodBody(fields), [field.name]: value }));
        expectRefused(answer, field.name, code || undefined);
      }
    }
    expect(app.features.calls).toEqual([]);
  },
);

const bodyCards = BODIES.flatMap(({ path, fields }) =>
  [...fields.map((f) => f.name), 'unknown'].flatMap((name) =>
    [
      `"${CARD}"`,
      CARD,
      `"4242 4242-4242 4242"`,
      `{"a":["x ${CARD} y"]}`,
      `{"${CARD}":1}`,
      `"\\u0034242424242424242"`,
    ].map((value) => ({ path, fields, name, value })),
  ),
);

test('a card number in any field of any body is refused, and appears nowhere', async () => {
  app.lines.length = 0;
  app.features.calls.length = 0;
  for (const { path, fields, name, value } of bodyCards) {
    const answer = await post(path, bodyOf({ ...goodBody(fields), [name]: value }));
    expect([name, answer.body['code'], answer.status]).toEqual([name, 'card_number_refused', 400]);
    expect(answer.text).toContain(`/${name}`);
    expect(answer.text.replace(/[ -]/g, '')).not.toContain(CARD);
  }
  const nineteen = await post('/v1/payments', `{"amount":4000000000000000006,"currency":"EUR"}`);
  expect(nineteen.body['code']).toBe('card_number_refused');
  await expectSilence();
});

test.each(['  ', '   ', '\u00a0', '.', '\u2013', '\\u2013', '\\t'])(
  'a card number in a body is found with %j between its groups',
  async (between) => {
    const description = CARD.match(/\d{4}/g)?.join(between);
    const answer = await post('/v1/payments', `{"amount":1,"currency":"EUR","description":"${description}"}`);
    expect(answer.body['code']).toBe('card_number_refused');
  },
);

test('a card number in a body is found in full-width digits', async () => {
  const description = CARD.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
  const answer = await post('/v1/payments', `{"amount":1,"currency":"EUR","description":"${description}"}`);
  expect(answer.body['code']).toBe('card_number_refused');
});

test('a card number in an address, a query, a key or a name is refused, and appears nowhere', async () => {
  app.lines.length = 0;
  app.features.calls.length = 0;
  const answers = [
    await get(`/v1/payments/${CARD}`),
    await get(`/v1/refunds/4242-4242-4242-4242`),
    await get(`/v1/captures/${CARD}`),
    await get(`/v1/payments?reference=${CARD}`),
    await get(`/v1/payments?${CARD}=1`),
    await get(`/v1/ledger/journals?account=4242+4242+4242+4242`),
    await post(`/v1/payments/${CARD}/void`, '{}'),
    await post('/v1/payments', '{}', { 'idempotency-key': `pay-${CARD}` }),
    await post('/v1/payments', `{"${CARD}":"x"}`),
  ];
  expect(answers.map((a) => [a.status, a.body['code']])).toEqual(
    answers.map(() => [400, 'card_number_refused']),
  );
  expect(answers.some((a) => a.text.includes('4242'))).toBe(false);
  for (const path of [`/${CARD}`, `/v1/${CARD}?a=${CARD}`, `/return/${CARD}`])
    expect((await get(path)).text).not.toContain('4242');
  await get('/health/live');
  await expectSilence();
});

async function expectSilence(): Promise<void> {
  expect(app.features.calls).toEqual([]);
  await expect.poll(() => app.lines.length).toBeGreaterThan(0);
  expect(app.lines.join('').replace(/[ -]/g, '')).not.toContain(CARD);
  expect((await app.request('GET', '/metrics')).text).not.toContain(CARD);
}

const TIMES = [
  '',
  'now',
  '2026-01-31',
  '2026-02-31T00:00:00Z',
  '2026-01-31T25:00:00Z',
  '2026-01-31T12:00:00',
  '9999-12-31T23:59:59Z0',
  '0000-01-01T00:00:00Z',
  '2026-01-31T12:00:00%2B99:00',
];
const TEXTS = ['%00', '%0A', '%7F', 'a&reference=b'];
const QUERIES: Record<string, Record<string, string[]>> = {
  '/v1/payments': {
    limit: [
      '',
      '0',
      '-1',
      '101',
      '1.5',
      '1e1',
      'ten',
      '99999999999999999999',
      '%00',
      '5&limit=6',
      '+5',
      '0x5',
    ],
    cursor: ['', 'pay_1', id('refund'), '%00', "' or 1=1 --"],
    status: ['', 'paid', 'CAPTURED', '%00'],
    reference: ['', ...TEXTS, 'r'.repeat(max.reference + 1)],
    currency: ['', 'eur', 'zzz', '%00'],
    created_from: TIMES,
    created_to: TIMES,
    unknown: ['1'],
    __proto__: ['1'],
  },
  [`${PAY}/events`]: { limit: ['0', '101', 'x'], after: ['-1', 'x', '1.5', '99999999999'], unknown: ['1'] },
  '/v1/exceptions': { limit: ['0', '101'], cursor: ['exc_1', id('payment')], unknown: ['1'] },
  '/v1/ledger/accounts': { at: TIMES, unknown: ['1'] },
  '/v1/ledger/trial-balance': { at: TIMES, unknown: ['1'] },
  '/v1/ledger/journals': {
    payment: ['', 'pay_1', '%00'],
    account: ['', 'A', '%00', 'a'.repeat(101)],
    limit: ['0'],
    cursor: ['x'],
    unknown: ['1'],
  },
};

test.each(Object.keys(QUERIES))('GET %s refuses every bad filter', async (path) => {
  app.features.calls.length = 0;
  for (const [name, values] of Object.entries(QUERIES[path] ?? {})) {
    for (const value of values) {
      const answer = await get(`${path}?${name}=${value}`);
      expect([name, value, answer.status, answer.body['code']]).toEqual([
        name,
        value,
        400,
        'invalid_request',
      ]);
    }
  }
  expect(app.features.calls).toEqual([]);
});

test.each([
  ['GET', '/v1/payments/:id', 'payment'],
  ['GET', '/v1/payments/:id/events', 'payment'],
  ['GET', '/v1/payments/:id/explain', 'payment'],
  ['POST', '/v1/payments/:id/confirm', 'payment'],
  ['POST', '/v1/payments/:id/capture', 'payment'],
  ['POST', '/v1/payments/:id/void', 'payment'],
  ['GET', '/v1/refunds/:id', 'refund'],
  ['GET', '/v1/captures/:id', 'capture'],
] as const)('%s %s finds nothing under a malformed id', async (method, path, kind) => {
  const others = (['payment', 'refund', 'capture', 'operation'] as const).filter((k) => k !== kind).map(id);
  for (const bad of ['x', id(kind).toUpperCase(), `${id(kind)}0`, "'%20or%201=1", '..%2f', ...others]) {
    const answer = await app.request(method, path.replace(':id', bad), { headers: headers() });
    expect([bad, answer.status, answer.body['code']]).toEqual([bad, 404, `${kind}_not_found`]);
  }
  const nul = await app.request(method, path.replace(':id', '%00'), { headers: headers() });
  expect(nul.status).toBe(400);
});

test('what is wrong is told without the value', async () => {
  const answer = await post(
    '/v1/payments',
    '{"amount":"my-secret","currency":"my-secret","reference":["my-secret"],"a my-secret":1}',
  );
  expect(answer.body['errors']).toHaveLength(4);
  expect(answer.text).not.toContain('my-secret');
});
