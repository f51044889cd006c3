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
const EMPTY_ARRAY = 12;
/** In a record: the count of columns, then type and length of the first. */
const FIRST_VALUE = 12;
/** PostgreSQL counts microseconds from the year 2000. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const TWO_32 = 0x1_0000_0000;

/**
 * The first column is an int4, the record's place, which is filled in by `recordArray`.
 *
 * Values: number for integers (safe ones), boolean, Buffer for bytea, else text; `json` is text too,
 * `timestamptz` ISO 8601; null and what is left out are null.
 */
export function recordEncoder(columns: Columns): (row: object) => Buffer {
  const [, ...plan] = Object.entries(columns).map(([name, type]) => ({ name, type, oid: OIDS[type] }));
  return (row) => {
    const values = plan.map(({ name }) => (row as Record<string, unknown>)[name]);
    const buffer = Buffer.allocUnsafe(
      plan.reduce((sum, { type }, i) => sum + 8 + sizeOf(type, values[i]), FIRST_VALUE + 4),
    );
    let at = writeCountAndPlace(buffer, plan.length + 1);
    plan.forEach(({ type, oid }, i) => {
      at = buffer.writeInt32BE(oid, at);
      at = writeValue(buffer, at, type, values[i]);
    });
    return buffer;
  };
}

function writeCountAndPlace(buffer: Buffer, count: number): number {
  buffer.writeInt32BE(count, 0);
  buffer.writeInt32BE(OIDS.int4, 4);
  buffer.writeInt32BE(4, 8);
  return buffer.writeInt32BE(0, FIRST_VALUE);
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
  if (count === 0) return at + EMPTY_ARRAY;
  buffer.writeInt32BE(count, at + 12);
  return buffer.writeInt32BE(1, at + 16);
}

function sizeOf(type: ColumnType, value: unknown): number {
  if (value === null || value === undefined) return 0;
  switch (type) {
    case 'bool':
      return 1;
    case 'int2':
      return 2;
    case 'int4':
      return 4;
    case 'int8':
    case 'timestamptz':
      return 8;
    case 'uuid':
      return 16;
    case 'bytea':
      return (value as Buffer).length;
    case 'text':
    case 'json':
      return Buffer.byteLength(value as string);
    case 'text[]':
      return sizeOfArray('text', value as unknown[]);
    case 'int8[]':
      return sizeOfArray('int8', value as unknown[]);
    default:
      return type satisfies never;
  }
}

function sizeOfArray(type: ColumnType, values: readonly unknown[]): number {
  if (values.length === 0) return EMPTY_ARRAY;
  return values.reduce<number>((sum, value) => sum + 4 + sizeOf(type, value), ARRAY_HEADER);
}

/** Its length and its bytes; gives where the next one begins. */
function writeValue(buffer: Buffer, at: number, type: ColumnType, value: unknown): number {
  if (value === null || value === undefined) return buffer.writeInt32BE(-1, at);
  const end = write(buffer, at + 4, type, value);
  buffer.writeInt32BE(end - at - 4, at);
  return end;
}

function write(buffer: Buffer, at: number, type: ColumnType, value: unknown): number {
  switch (type) {
    case 'bool':
      return buffer.writeUInt8(value ? 1 : 0, at);
    case 'int2':
      return buffer.writeInt16BE(value as number, at);
    case 'int4':
      return buffer.writeInt32BE(value as number, at);
    case 'int8':
      return writeInt8(buffer, at, value as number);
    case 'timestamptz':
      return writeInt8(buffer, at, (Date.parse(value as string) - EPOCH_MS) * 1000);
    case 'uuid':
      return at + buffer.write((value as string).replaceAll('-', ''), at, 'hex');
    case 'bytea':
      return at + (value as Buffer).copy(buffer, at);
    case 'text':
    case 'json':
      return at + buffer.write(value as string, at, 'utf8');
    case 'text[]':
      return writeArray(buffer, at, 'text', value as string[]);
    case 'int8[]':
      return writeArray(buffer, at, 'int8', value as number[]);
    default:
      return type satisfies never;
  }
}

function writeArray(buffer: Buffer, start: number, type: ColumnType, values: readonly unknown[]): number {
  let at = writeArrayHeader(buffer, start, OIDS[type], values.length);
  for (const value of values) at = writeValue(buffer, at, type, value);
  return at;
}

function writeInt8(buffer: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error('a record holds no integer beyond 2^53');
  const high = Math.floor(value / TWO_32);
  buffer.writeInt32BE(high, at);
  return buffer.writeUInt32BE(value - high * TWO_32, at + 4);
}
