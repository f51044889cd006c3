import { isUtf8 } from 'node:buffer';

/** The JSON of a body; undefined where it is none. Bytes that are not UTF-8 would be read as if they were equal. */
export function readJson(body: Buffer): unknown {
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
