/** The names of the tests that a file holds and runs, as they are written there. */

import { parseAst } from 'vite';

type Node = { type: string; [key: string]: unknown };

export function testNames(text: string): string[] {
  const names: string[] = [];
  const visit = (node: Node): void => {
    if (node.type === 'CallExpression' && isTest(node['callee'] as Node)) {
      const [name] = node['arguments'] as Node[];
      if (typeof name?.['value'] === 'string') names.push(name['value']);
    }
    for (const child of Object.values(node).flat()) if (isNode(child)) visit(child);
  };
  visit(parseAst(text, { lang: 'ts', sourceType: 'module' }) as unknown as Node);
  return names;
}

/** Also one of a table, and one that runs on a condition; not one that is left out for good. */
function isTest(callee: Node): boolean {
  if (callee.type === 'Identifier') return callee['name'] === 'test';
  if (callee.type === 'CallExpression') return isTest(callee['callee'] as Node);
  if (callee.type !== 'MemberExpression') return false;
  const { name } = callee['property'] as { name?: string };
  return name !== 'skip' && name !== 'todo' && isTest(callee['object'] as Node);
}

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === 'string';
}
