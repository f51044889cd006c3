/** Numbers and tables of the page. */

export function number(value: number): string {
  return value.toLocaleString('en-GB');
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
