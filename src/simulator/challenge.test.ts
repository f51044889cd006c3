import { describe, expect, test } from 'vitest';
import { CHARGE, movableWorld, testSimulator } from './test-kit.ts';

async function challenged(overrides: object = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world });
  const order = { ...CHARGE, token: 'tok_3ds', ...overrides };
  const { body } = await simulator.post('/v1/charges', order, 'op_1');
  const action = body.action as { url: string };
  const press = (button: string) => fetch(`${action.url}/${button}`, { method: 'POST', redirect: 'manual' });
  const complete = (operation = 'op_2') =>
    simulator.post(`/v1/charges/${body.charge}/complete`, { operation }, operation);
  const book = async () => (await simulator.books()).charges[0];
  return { simulator, world, action, press, complete, book, body };
}

describe('a 3DS challenge', () => {
  test('approved: the customer is sent back, and the money moves only at the completion, once', async () => {
    const { body, press, complete, book } = await challenged();
    expect(body.status).toBe('requires_action');
    const back = await press('approve');
    expect([back.status, back.headers.get('location')]).toEqual([303, CHARGE.return_url]);
    expect(await book()).toMatchObject({ authorized: 0, captured: 0, status: 'requires_action' });

    const answers = await Promise.all([complete('op_2'), complete('op_2'), complete('op_3')]);
    expect(answers.map((answer) => answer.body.status)).toEqual(['approved', 'approved', 'approved']);
    expect(new Set(answers.map((answer) => answer.body.movement)).size).toBe(1);
    expect(await book()).toMatchObject({ authorized: 4200, captured: 4200, captures: [{ amount: 4200 }] });
  });

  test('completed before the customer has answered: still waiting, and the same key goes on later', async () => {
    const { press, complete } = await challenged();
    const early = await complete();
    expect(early.body).toMatchObject({ status: 'requires_action', action: { answered: false } });
    await press('approve');
    expect((await complete()).body.status).toBe('approved');
  });

  test('approved and not completed: a look-up says that the customer has answered', async () => {
    const { simulator, press } = await challenged();
    await press('approve');
    const seen = await simulator.get('/v1/operations/op_1');
    expect(seen.body).toMatchObject({ status: 'requires_action', action: { answered: true } });
  });

  test('failed: the customer is sent back, the charge is declined', async () => {
    const { press, complete } = await challenged();
    expect((await press('fail')).status).toBe(303);
    expect((await complete()).body).toMatchObject({ status: 'declined', code: '3F' });
  });

  test('abandoned: no redirect, the charge is declined', async () => {
    const { press, complete } = await challenged();
    const left = await press('abandon');
    expect(left.status).toBe(200);
    expect(await left.text()).toContain('abandoned');
    expect((await complete()).body).toMatchObject({ status: 'declined', code: '3A' });
  });

  test('unanswered: it lapses after challenge_ms, and a late approval changes nothing', async () => {
    const { world, press, complete } = await challenged();
    world.forward(15 * 60_000);
    await press('approve');
    expect((await complete()).body).toMatchObject({ status: 'declined', code: '3A' });
  });

  test.each([
    ['fail', 'approve', 'declined'],
    ['approve', 'fail', 'approved'],
  ])(
    'answered twice, %s and then %s: the first counts, and both times the customer is sent back',
    async (...args) => {
      const [first, second, end] = args;
      const { press, complete } = await challenged();
      expect((await press(first)).status).toBe(303);
      expect((await press(second)).status).toBe(303);
      expect((await complete()).body.status).toBe(end);
    },
  );

  test('voided before the customer answers: an approval cannot take money any more', async () => {
    const { simulator, body, press, complete, book } = await challenged();
    await simulator.post(`/v1/charges/${body.charge}/void`, { operation: 'op_v' }, 'op_v');
    await press('approve');
    const answer = await complete();
    expect([answer.status, answer.body.code]).toEqual([422, 'charge_voided']);
    expect(await book()).toMatchObject({ authorized: 0, captured: 0, voided: 0, status: 'voided' });
  });
});

describe('the page', () => {
  test('shows amount and reference, has three buttons, no script, and escapes what it is given', async () => {
    const { action } = await challenged({ reference: '<script>alert("x")</script>&\'' });
    const response = await fetch(action.url);
    const html = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('€42.00');
    expect(html).not.toContain('<script');
    expect(html).toContain('&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#38;&#39;');
    expect(html.match(/<form method="post"/g)).toHaveLength(3);
    expect(html).toContain('lang="en"');
  });

  test.each([
    ['JPY', '¥4,200'],
    ['KWD', 'KWD\u00a04.200'],
  ])('shows minor units of %s as people read them', async (currency, shown) => {
    const { action } = await challenged({ currency });
    expect(await (await fetch(action.url)).text()).toContain(shown);
  });

  test('exists only for a charge that asks for the customer', async () => {
    const simulator = await testSimulator();
    const { body } = await simulator.post('/v1/charges', CHARGE, 'op_1');
    expect((await simulator.get(`/3ds/${body.charge}`)).status).toBe(404);
    expect((await simulator.get('/3ds/ch_unknown')).status).toBe(404);
  });
});
