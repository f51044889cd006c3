import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readXml } from './xml.ts';

describe("Braintree's XML", () => {
  test('is read by its types, with names as the SDK has them', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
      <a-b><last-4>1234</last-4><n type="integer">-3</n><yes type='boolean'>true</yes><none nil="true"/>
      <ids type="array"><item>x</item><item>y</item></ids><no-ids type="array"/><empty></empty>
      <one-two a="&lt;">A &amp; B &#233;&#x20AC; &unknown;</one-two></a-b>`;
    expect(readXml(text)).toEqual({
      aB: {
        last4: '1234',
        n: -3,
        yes: true,
        none: null,
        ids: ['x', 'y'],
        noIds: [],
        empty: '',
        oneTwo: 'A & B é€ &unknown;',
      },
    });
  });

  test('a name that comes twice is a list: so a page of results has its transactions', () => {
    const text = '<p type="collection"><n type="integer">2</n><t><id>a</id></t><t><id>b</id></t></p>';
    expect(readXml(text)).toEqual({ p: { n: 2, t: [{ id: 'a' }, { id: 'b' }] } });
  });

  test.each([
    ['nothing', ''],
    ['no XML', '{"a":1}'],
    ['what breaks off', '<transaction>\n  <id>8'],
    ['an end that is another', '<a><b></a></b>'],
    ['two roots', '<a/><b/>'],
    ['text around the root', '<a/>x'],
    ["a document's own entities", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['what is nested too deep', '<a>'.repeat(50) + '</a>'.repeat(50)],
  ])('%s is none', (_, text) => {
    expect(readXml(text)).toBeUndefined();
  });

  test('a name of the language is a name like any other', () => {
    expect(Object.keys(readXml('<a><__proto__>x</__proto__></a>')?.['a'] ?? {})).toEqual(['_Proto__']);
  });

  test('every published sample of a webhook can be read', () => {
    const url = new URL('../../../test/fixtures/webhook-signatures/braintree-samples.json', import.meta.url);
    const { samples } = JSON.parse(readFileSync(url, 'utf8')) as {
      samples: { kind: string; bt_payload: string }[];
    };
    for (const { kind, bt_payload } of samples)
      expect(readXml(Buffer.from(bt_payload, 'base64').toString()), kind).toMatchObject({
        notification: { kind },
      });
  });
});
