/**
 * Rows in PostgreSQL's binary form, as `record_recv` and `array_recv` read them (src/backend/utils/adt/
 * rowtypes.c, arrayfuncs.c): nothing is quoted here, and nothing parsed there.
 *
 * A list of rows goes as one parameter, an array of a composite type. Measured against an array for each
 * column: half the time in the server, whether for one row of 28 columns or for fifty.
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
  'text[]': 1009,
  'int8[]': 1016,
} as const;

export type ColumnType = keyof typeof OIDS;

/** A composite type's columns, in its order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** Dimensions, null flag, element type, length, lower bound. */
const ARRAY_HEADER = 20;
/** In a record: the count of columns, then type and length of the first. */
const FIRST_VALUE = 12;
/** PostgreSQL counts microseconds from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_32 = 0x1_0000_0000;

/** Where a record is put together before it gets a buffer of its own size; nothing here waits in between. */
let draft = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * The first column is an int4, the record's place, which is filled in by `recordArray`.
 *
 * Values: number for integers (safe ones), boolean, Buffer for bytea, else text; `json` is text too,
 * `timestamptz` ISO 8601; null and what is left out are null.
 */
export function recordEncoder(columns: Columns): (row: object) => Buffer {
  const [, ...plan] = Object.entries(columns).map(([name, type]) => ({ name, type, oid: OIDS[type] }));
  return (row) => {
    let at = writeCountAndPlace(plan.length + 1);
    for (const { name, type, oid } of plan) {
      const value = (row as Record<string, unknown>)[name];
      makeRoom(at + 8 + longest(value));
      draft.writeInt32BE(oid, at);
      const bytes = value === null || value === undefined ? -1 : write(at + 8, type, value);
      draft.writeInt32BE(bytes, at + 4);
      at += 8 + Math.max(0, bytes);
    }
    return Buffer.from(draft.subarray(0, at));
  };
}

function writeCountAndPlace(count: number): number {
  draft.writeInt32BE(count, 0);
  draft.writeInt32BE(OIDS.int4, 4);
  draft.writeInt32BE(4, 8);
  return draft.writeInt32BE(0, FIRST_VALUE);
}

/**
 * The records of several lists as one array. The first column becomes the place of the record's list, so
 * that the same record can go into one group after another. `typeOid` is the composite type's.
 */
export function recordArray(typeOid: number, lists: readonly (readonly Buffer[])[]): Buffer {
  let count = 0;
  let size = ARRAY_HEADER;
  for (const list of lists)
    for (const record of list) {
      count += 1;
      size += 4 + record.length;
    }
  const buffer = Buffer.allocUnsafe(size);
  let at = writeArrayHeader(buffer, 0, typeOid, count);
  lists.forEach((list, place) => {
    for (const record of list) {
      at = buffer.writeInt32BE(record.length, at);
      record.copy(buffer, at);
      buffer.writeInt32BE(place, at + FIRST_VALUE);
      at += record.length;
    }
  });
  return buffer.subarray(0, at);
}

function writeArrayHeader(buffer: Buffer, at: number, typeOid: number, count: number): number {
  buffer.writeInt32BE(count === 0 ? 0 : 1, at);
  buffer.writeInt32BE(0, at + 4);
  buffer.writeUInt32BE(typeOid, at + 8);
  if (count === 0) return at + 12;
  buffer.writeInt32BE(count, at + 12);
  return buffer.writeInt32BE(1, at + 16);
}

function makeRoom(size: number): void {
  if (size <= draft.length) return;
  const larger = Buffer.allocUnsafeSlow(size * 2);
  draft.copy(larger);
  draft = larger;
}

function longest(value: unknown): number {
  if (typeof value === 'string') return value.length * 3;
  if (Buffer.isBuffer(value)) return value.length;
  if (Array.isArray(value)) return value.reduce((sum, v) => sum + 12 + longest(v), ARRAY_HEADER);
  return 16;
}

/** Gives how many bytes were written. */
function write(at: number, type: ColumnType, value: unknown): number {
  switch (type) {
    case 'bool':
      return draft.writeUInt8(value ? 1 : 0, at) - at;
    case 'int2':
      return draft.writeInt16BE(value as number, at) - at;
    case 'int4':
      return draft.writeInt32BE(value as number, at) - at;
    case 'int8':
      return writeInt8(at, value as number);
    case 'timestamptz':
      return writeInt8(at, (Date.parse(value as string) - EPOCH_MS) * 1000);
    case 'uuid':
      return draft.write((value as string).replaceAll('-', ''), at, 'hex');
    case 'bytea':
      return (value as Buffer).copy(draft, at);
    case 'text':
    case 'json':
      return draft.write(value as string, at, 'utf8');
    case 'text[]':
      return writeArray(at, 'text', value as string[]);
    case 'int8[]':
      return writeArray(at, 'int8', value as number[]);
    default:
      return type satisfies never;
  }
}

function writeArray(start: number, type: ColumnType, values: readonly unknown[]): number {
  let at = writeArrayHeader(draft, start, OIDS[type], values.length);
  for (const value of values) {
    const bytes = write(at + 4, type, value);
    draft.writeInt32BE(bytes, at);
    at += 4 + bytes;
  }
  return at - start;
}

function writeInt8(at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error('a record holds no integer beyond 2^53');
  const high = Math.floor(value / TWO_32);
  draft.writeInt32BE(high, at);
  return draft.writeUInt32BE(value - high * TWO_32, at + 4) - at;
}
