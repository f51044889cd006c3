/** Reads source files as syntax trees and names what breaks the rules of the layout. */

import { dirname, join } from 'node:path';
import { parseAst } from 'vite';
import {
  CHANCE,
  GLOBALS_BANNED_IN_CORE,
  IMPORT_RULES,
  type Import,
  MODULES_ROUND_THE_WORLD,
  SEAMED,
  SEAMS,
  WAYS_ROUND_THE_WORLD,
} from './architecture-rules.ts';

/** Path from the repository's root → text. */
export type Sources = ReadonlyMap<string, string>;

type Node = { type: string; [key: string]: unknown };

const MAX_LINES = 300;

/** One line for each violation: `src/core/money.ts: uses Date: …`. */
export function violations(sources: Sources): string[] {
  const parsed = [...sources].map(([path, text]) => ({ path, text, tree: parse(text) }));
  const imports = parsed.flatMap(({ path, tree }) => importsOf(path, tree));
  return [
    ...imports.flatMap(brokenRules),
    ...cycles(imports),
    ...parsed
      .filter(({ path }) => path.startsWith('src/core/'))
      .flatMap(({ path, tree }) => impurities(path, tree)),
    ...parsed
      .filter(({ path }) => path.startsWith('src/'))
      .flatMap(({ path, tree }) => moduleState(path, tree)),
    ...parsed
      .filter(({ path }) => SEAMED.test(path) && !path.startsWith('src/core/') && !SEAMS.has(path))
      .flatMap(({ path, tree }) => roundTheWorld(path, tree)),
    ...parsed.filter(({ text }) => lines(text) > MAX_LINES).map(tooLong),
  ];
}

function parse(text: string): Node {
  return parseAst(text, { lang: 'ts', sourceType: 'module' }) as unknown as Node;
}

function brokenRules(found: Import): string[] {
  return IMPORT_RULES.filter((rule) => rule.from.test(found.from) && !rule.allows(found)).map(
    (rule) => `${found.from}: imports ${found.to}: ${rule.why}`,
  );
}

function importsOf(from: string, tree: Node): Import[] {
  const found: Import[] = [];
  walk(tree, (node) => {
    const source = node['source'] as Node | null | undefined;
    const isImport = /^(Import|ExportNamed|ExportAll)Declaration$|^(ImportExpression|TSImportType)$/.test(
      node.type,
    );
    if (!isImport || !source) return;
    const specifier = typeof source['value'] === 'string' ? source['value'] : '(computed)';
    const to = specifier.startsWith('.') ? join(dirname(from), specifier) : specifier;
    found.push({ from, to, typeOnly: isTypeOnly(node) });
  });
  return found;
}

function isTypeOnly(node: Node): boolean {
  const kind = (each: Node) => each['importKind'] ?? each['exportKind'];
  const specifiers = (node['specifiers'] ?? []) as Node[];
  if (node.type === 'TSImportType' || kind(node) === 'type') return true;
  return specifiers.length > 0 && specifiers.every((each) => kind(each) === 'type');
}

/** Each cycle once, from its first file in alphabetical order. */
function cycles(imports: Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  return [...next.keys()].sort().flatMap((start) => {
    const way = shortestWay(next, start);
    const isFirst = way?.every((path) => path >= start);
    return way && isFirst
      ? [`${start}: imports itself by way of ${way.join(' → ')}: read one, read them all`]
      : [];
  });
}

function shortestWay(next: ReadonlyMap<string, string[]>, start: string): string[] | null {
  const ways = (next.get(start) ?? []).map((path) => [path]);
  const seen = new Set<string>();
  for (const way of ways) {
    const last = way.at(-1) ?? start;
    if (last === start) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    ways.push(...(next.get(last) ?? []).map((path) => [...way, path]));
  }
  return null;
}

function impurities(path: string, tree: Node): string[] {
  const found = new Set<string>();
  walk(tree, (node, parent, key) => {
    if (node.type === 'AwaitExpression' || node['await'] === true) found.add('await');
    if (node['async'] === true) found.add('async');
    if (node.type === 'Identifier' && !isMerelyAName(parent, key)) found.add(String(node['name']));
    if (node.type === 'MemberExpression') found.add(memberName(node));
  });
  const banned = [...found].filter((name) => GLOBALS_BANNED_IN_CORE.includes(name));
  return banned.map(
    (name) => `${path}: uses ${name}: the core is told the time, ids and chance, and waits for nothing`,
  );
}

/** What a simulation could not bring back: each way round the World. */
function roundTheWorld(path: string, tree: Node): string[] {
  const found = new Set<string>();
  walk(tree, (node, parent, key) => {
    if (node.type === 'Identifier' && !isMerelyAName(parent, key)) found.add(String(node['name']));
    if (node.type === 'MemberExpression') found.add(memberName(node));
    if (node.type === 'NewExpression' && (node['arguments'] as Node[]).length === 0)
      found.add(`new ${(node['callee'] as Node)['name']}()`);
  });
  const banned = [...found].filter((name) => WAYS_ROUND_THE_WORLD.includes(name));
  const why =
    'the clock, chance, waiting and the network come through the World, or no seed brings a run back';
  return [...banned, ...modulesRound(tree)].map((name) => `${path}: uses ${name}: ${why}`);
}

function modulesRound(tree: Node): string[] {
  const imports = (tree['body'] as Node[]).filter(
    (node) => node.type === 'ImportDeclaration' && !isTypeOnly(node),
  );
  return imports.flatMap((node) => {
    const from = String((node['source'] as Node)['value']);
    if (MODULES_ROUND_THE_WORLD.test(from)) return [from];
    if (!/^(node:)?crypto$/.test(from)) return [];
    const names = (node['specifiers'] as Node[]).map((each) => String((each['imported'] as Node)?.['name']));
    return names.filter((name) => CHANCE.test(name));
  });
}

/** `x.Date`, `{ Date: 1 }`: names that only look like the global. */
function isMerelyAName(parent: Node | null, key: string): boolean {
  if (!parent || parent['computed'] === true) return false;
  if (parent.type === 'MemberExpression') return key === 'property';
  if (parent.type === 'TSQualifiedName') return key === 'right';
  return key === 'key' || key === 'imported' || key === 'exported';
}

function memberName(node: Node): string {
  const [object, property] = [node['object'] as Node, node['property'] as Node];
  return `${object['name']}.${property['name'] ?? property['value']}`;
}

/** `let`, and what is empty at first and can only be there to be filled. */
function moduleState(path: string, tree: Node): string[] {
  const declarations = (tree['body'] as Node[]).map(
    (node) => (node['declaration'] as Node | undefined) ?? node,
  );
  return declarations
    .filter((node) => node.type === 'VariableDeclaration' && node['declare'] !== true)
    .flatMap((node) =>
      (node['declarations'] as Node[]).filter((each) => node['kind'] !== 'const' || startsEmpty(each)),
    )
    .map(
      (each) =>
        `${path}: keeps ${(each['id'] as Node)['name']} at module level: two processes side by side share it`,
    );
}

function startsEmpty(declarator: Node): boolean {
  let value = declarator['init'] as Node | null;
  while (value && /^TS(As|Satisfies|NonNull)Expression$/.test(value.type))
    value = value['expression'] as Node;
  if (value?.type === 'NewExpression') {
    const name = String((value['callee'] as Node)['name']);
    return /^(Weak)?(Map|Set)$|^Array$/.test(name) && (value['arguments'] as Node[]).length === 0;
  }
  const content = value?.['elements'] ?? value?.['properties'];
  return Array.isArray(content) && content.length === 0;
}

function walk(node: Node, visit: (node: Node, parent: Node | null, key: string) => void): void {
  const enter = (current: Node, parent: Node | null, key: string): void => {
    visit(current, parent, key);
    for (const [name, value] of Object.entries(current)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (typeof child?.type === 'string') enter(child as Node, current, name);
      }
    }
  };
  enter(node, null, '');
}

function lines(text: string): number {
  return text.split('\n').length - 1;
}

function tooLong({ path, text }: { path: string; text: string }): string {
  return `${path}: has ${lines(text)} lines, more than ${MAX_LINES}: which of its two subjects can leave?`;
}
