/**
 * Braintree's XML, read as its SDK reads it: `type` says what a text is, names become camel case. Only what the
 * gateway writes is understood: no declarations of a document's own, no entities beyond the five and numbers.
 */

export type Xml = string | number | boolean | null | Xml[] | { [name: string]: Xml };
type Element = { name: string; attributes: ReadonlyMap<string, string>; children: Element[]; text: string };

const MAX_DEPTH = 20;
const PROLOG = /^\s*(?:<\?xml[^>]*\?>\s*)?/;
const TOKEN = /<(\/?)([\w-]+)((?:\s+[\w:-]+=(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** The document as `{root: value}`; undefined for what is none. */
export function readXml(text: string): { [name: string]: Xml } | undefined {
  const root = parse(text.slice(PROLOG.exec(text)?.[0].length ?? 0));
  return root === undefined ? undefined : { [camelCase(root.name)]: readValue(root) };
}

function parse(text: string): Element | undefined {
  const top: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open: Element[] = [top];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null || !take(open, found)) return undefined;
  }
  const [root, ...others] = top.children;
  return open.length === 1 && others.length === 0 && top.text.trim() === '' ? root : undefined;
}

/** False for an end without a beginning, or what is nested too deep. */
function take(
  open: Element[],
  [, closing, name = '', attributes = '', empty, text]: RegExpExecArray,
): boolean {
  const at = open.at(-1) as Element;
  if (text !== undefined) {
    at.text += text;
    return true;
  }
  if (closing === '/') return open.length > 1 && open.pop()?.name === name;
  const made: Element = { name, attributes: attributesOf(attributes), children: [], text: '' };
  at.children.push(made);
  if (empty !== '/') open.push(made);
  return open.length <= MAX_DEPTH;
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const pairs = [...text.matchAll(/([\w:-]+)=(?:"([^"]*)"|'([^']*)')/g)];
  return new Map(pairs.map(([, name = '', double, single = '']) => [name, unescaped(double ?? single)]));
}

function readValue({ attributes, children, text }: Element): Xml {
  const type = attributes.get('type');
  if (attributes.get('nil') === 'true') return null;
  if (type === 'array') return children.map(readValue);
  if (children.length > 0) return fieldsOf(children);
  if (type === 'boolean') return text === 'true';
  if (type === 'integer') return Number.parseInt(text, 10);
  return unescaped(text);
}

/** A name that comes twice is a list: so a page of search results has its transactions. */
function fieldsOf(children: readonly Element[]): { [name: string]: Xml } {
  const fields: { [name: string]: Xml } = Object.create(null);
  for (const child of children) {
    const name = camelCase(child.name);
    const before = fields[name];
    const value = readValue(child);
    fields[name] =
      before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}

function camelCase(name: string): string {
  return name.replace(/[-_]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (all, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : null;
    if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    return NAMED[name] ?? all;
  });
}
