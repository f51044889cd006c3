/** XML as Braintree writes it: names with hyphens, types as attributes, lists whose items have a name of their own. */

export type XmlValue = string | number | boolean | null | XmlList | XmlFields;
export type XmlFields = { readonly [name: string]: XmlValue | undefined };
/** `item` is the name of each entry; `collection` lists beside other fields. */
export type XmlList = { item: string; of: readonly XmlValue[] };

/** An absent field is left out; an empty one is written as `nil`. */
export function toXml(root: string, value: XmlFields, type?: 'collection'): string {
  const attribute = type === undefined ? '' : ` type="${type}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${fields(value)}</${root}>\n`;
}

export function list(item: string, of: readonly XmlValue[]): XmlList {
  return { item, of };
}

function fields(value: XmlFields): string {
  return Object.entries(value)
    .map(([name, one]) => (one === undefined ? '' : element(hyphenated(name), one)))
    .join('');
}

function element(name: string, value: XmlValue): string {
  if (value === null) return `<${name} nil="true"/>`;
  if (typeof value === 'string') return `<${name}${typeOf(name)}>${escaped(value)}</${name}>`;
  if (typeof value === 'number') return `<${name} type="integer">${value}</${name}>`;
  if (typeof value === 'boolean') return `<${name} type="boolean">${value}</${name}>`;
  if (!isList(value)) return `<${name}>${fields(value)}</${name}>`;
  return `<${name} type="array">${value.of.map((one) => element(value.item, one)).join('')}</${name}>`;
}

function isList(value: XmlList | XmlFields): value is XmlList {
  return Array.isArray((value as XmlList).of);
}

function typeOf(name: string): string {
  if (name === 'timestamp' || name.endsWith('-at')) return ' type="datetime"';
  return name.endsWith('-date') ? ' type="date"' : '';
}

/** `processorResponseCode` is `processor-response-code`, `last4` is `last-4`. */
function hyphenated(name: string): string {
  return name.replace(/[A-Z]|\d+/g, (part) => `-${part.toLowerCase()}`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
