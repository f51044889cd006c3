/**
 * PostgreSQL arrays in their binary form, as `array_recv` reads them (src/backend/utils/adt/arrayfuncs.c):
 * nothing is quoted here, and nothing parsed there.
 */

/** Types by their object ids, fixed in PostgreSQL's catalogue. */
const OIDS = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  timestamptz: 1184,
  uuid: 2950,
} as const;

export type ElementType = keyof typeof OIDS;

/** Longest header: dimensions, null flag, element type, length, lower bound. */
const HEADER = 20;
/** PostgreSQL counts microseconds from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_32 = 0x1_0000_0000;

/**
 * One array of one dimension. Values: number for integers (safe ones), boolean, Buffer for bytea, else text;
 * `json` is text too, `timestamptz` ISO 8601; null and undefined are null.
 */
export function binaryArray(type: ElementType, values: readonly unknown[]): Buffer {
  const buffer = Buffer.allocUnsafe(
    HEADER + values.reduce<number>((sum, v) => sum + 4 + longest(type, v), 0),
  );
  buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(values.some(isNull) ? 1 : 0, 4);
  buffer.writeInt32BE(OIDS[type], 8);
  if (values.length === 0) return buffer.subarray(0, 12);
  buffer.writeInt32BE(values.length, 12);
  buffer.writeInt32BE(1, 16);
  let at = HEADER;
  for (const value of values) {
    const bytes = isNull(value) ? -1 : write(buffer, at + 4, type, value);
    buffer.writeInt32BE(bytes, at);
    at += 4 + Math.max(0, bytes);
  }
  return buffer.subarray(0, at);
}

function isNull(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function longest(type: ElementType, value: unknown): number {
  if (typeof value === 'string' && (type === 'text' || type === 'json')) return value.length * 3;
  return type === 'bytea' && !isNull(value) ? (value as Buffer).length : 16;
}

/** Gives how many bytes were written. */
function write(buffer: Buffer, at: number, type: ElementType, value: unknown): number {
  switch (type) {
    case 'bool':
      return buffer.writeUInt8(value ? 1 : 0, at) - at;
    case 'int2':
      return buffer.writeInt16BE(value as number, at) - at;
    case 'int4':
      return buffer.writeInt32BE(value as number, at) - at;
    case 'int8':
      return writeInt8(buffer, at, value as number);
    case 'timestamptz':
      return writeInt8(buffer, at, (Date.parse(value as string) - EPOCH_MS) * 1000);
    case 'uuid':
      return buffer.write((value as string).replaceAll('-', ''), at, 'hex');
    case 'bytea':
      return (value as Buffer).copy(buffer, at);
    case 'text':
    case 'json':
      return buffer.write(value as string, at, 'utf8');
    default:
      return type satisfies never;
  }
}

function writeInt8(buffer: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error('binaryArray: not a safe integer');
  const high = Math.floor(value / TWO_32);
  buffer.writeInt32BE(high, at);
  return buffer.writeUInt32BE(value - high * TWO_32, at + 4) - at;
}

/** An array as one text, for what an array cannot hold: arrays of different lengths. */
export function arrayText(values: readonly (string | number)[]): string {
  return `{${values.map((v) => (typeof v === 'number' ? v : `"${v.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
