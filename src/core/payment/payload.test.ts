import { describe, expect, test } from 'vitest';
import { isApart, payloadOf, setApart, spentPayloads } from './payload.ts';
import { approved, CHALLENGE, createCommand, outcome, PENDING, play, UNKNOWN } from './situations.ts';

describe('a payload', () => {
  const document = { type: 'card', token: `eyJ${'a'.repeat(400)}` } as const;
  const json = { type: 'google_pay', token: '{"signature":"…"}' } as const;
  const name = { type: 'card', token: 'a'.repeat(255) } as const;

  test.each([document, json])('of a $type is a document, which the events only name', (method) => {
    expect(payloadOf(method, 'att_1')).toEqual({ attempt: 'att_1', token: method.token });
    const apart = setApart(method, 'att_1');
    expect(apart).toEqual({ type: method.type, token: 'payload of att_1' });
    expect(isApart(apart)).toBe(true);
  });

  test('is not what names a method that the provider keeps', () => {
    expect(payloadOf(name, 'att_1')).toBeNull();
    expect(setApart(name, 'att_1')).toBe(name);
    expect(payloadOf({ type: 'ideal' }, 'att_1')).toBeNull();
    expect(payloadOf(null, 'att_1')).toBeNull();
  });

  const created = createCommand();
  if (created.type === 'create' && created.confirm)
    created.confirm.payment_method = setApart(document, 'att_1');
  const before = play([created]).state;

  test.each([
    ['unknown', UNKNOWN, []],
    ['accepted', PENDING, []],
    ['approved', approved(), ['att_1']],
    ['answered with a challenge', CHALLENGE, ['att_1']],
  ])('of an attempt that is %s', (_, answer, spent) => {
    const after = play([created, outcome('op_auth_1', answer)]).state;
    if (after === null) throw new Error('there is a payment');
    expect(spentPayloads(before, after)).toEqual(spent);
    expect(spentPayloads(after, after)).toEqual([]);
  });
});
