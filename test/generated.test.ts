import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { generatedFiles } from '../scripts/generate.ts';

test.each(Object.entries(generatedFiles()))(
  '%s is what the code says; else run npm run generate',
  async (path, text) => {
    expect(await readFile(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
  },
);
