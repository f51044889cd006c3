/**
 * The message that runs a prepared statement, with lists of records as its parameters, written in its place at once.
 * node-postgres copies each parameter into a message that begins with 256 bytes and copies itself whenever it grows:
 * of a group of payments that was several times its size in garbage, which the collector had to look through all memory
 * for every second or two (docs/reference/performance.md).
 *
 * https://www.postgresql.org/docs/18/protocol-message-formats.html, "Bind".
 */

import type { RecordWriter } from './records.ts';

const BINARY = 1;
/** Formats of the columns of the answer: all of them are text. */
const TEXT_ANSWER = Buffer.from([0, 0]);

/** Everything before the parameters, all of them binary; the length comes at the end, since only then it is known. */
export function bindHead(statement: string, parameters: number): Buffer {
  const name = Buffer.from(`${statement}\0`);
  const counts = Buffer.from([0, BINARY, 0, BINARY, parameters >> 8, parameters & 255]);
  return Buffer.concat([Buffer.from('B\0\0\0\0\0', 'latin1'), name, counts]);
}

/** `fill` writes as many lists as the head has announced. The bytes are the writer's: until the answer is there, they are not to be written again. */
export function bindMessage(writer: RecordWriter, head: Buffer, fill: () => void): Buffer {
  writer.clear();
  writer.raw(head);
  fill();
  writer.raw(TEXT_ANSWER);
  const message = writer.written();
  message.writeInt32BE(message.length - 1, 1);
  return message;
}
