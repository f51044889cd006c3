/**
 * Prepared statements that are described once for a connection. node-postgres has the rows of a statement described
 * each time it is run, and makes anew what reads them: as much work as all the rest of a small statement.
 */

import { createRequire } from 'node:module';
import pg from 'pg';

/** A statement with a name: the server parses and plans it once for each connection. */
export type Statement = { name: string; text: string };

/** As the server sends them: a message that is complete (`bind.ts`), or values that node-postgres makes one of. */
export type StatementParameters = { values: readonly unknown[] } | { message: Buffer };

export type Rows<Row = Record<string, unknown>> = { rows: Row[]; rowCount: number };
type Callback = (error: Error | null, result?: Rows) => void;
type Column = { name: string; parse(text: string): unknown };

/**
 * What node-postgres has of a connection beside what its types tell; and beside that, by their names, the columns of
 * the statements that were described on it. PostgreSQL itself refuses a plan whose rows have become others.
 */
type Connection = pg.Connection & {
  parsedStatements: Record<string, string>;
  described?: Map<string, readonly Column[]>;
};

/** As node-postgres itself makes parameters of values. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  prepareValue(value: unknown): unknown;
};

/** For one run: what `pool.query` and `client.query` take in the place of a text. */
export class PreparedQuery implements pg.Submittable {
  readonly name: string;
  readonly text: string;
  /** Set by node-postgres. */
  callback: Callback | undefined;
  private readonly parameters: StatementParameters;
  private readonly rows: Rows['rows'] = [];
  private rowCount = 0;
  private columns: readonly Column[] = [];
  private known: Map<string, readonly Column[]> | undefined;
  private unreadable: Error | null = null;

  constructor({ name, text }: Statement, parameters: StatementParameters) {
    this.name = name;
    this.text = text;
    this.parameters = 'message' in parameters ? parameters : { values: parameters.values.map(prepareValue) };
  }

  submit(given: pg.Connection): void {
    const connection = given as Connection;
    const { name, text } = this;
    connection.described ??= new Map();
    this.known = connection.described;
    const columns = this.known.get(name);
    connection.stream.cork();
    if (connection.parsedStatements[name] === undefined) connection.parse({ name, text, types: [] }, true);
    if ('message' in this.parameters) connection.stream.write(this.parameters.message);
    else connection.bind({ statement: name, values: this.parameters.values } as pg.BindConfig, true);
    if (columns === undefined) connection.describe({ type: 'P', name: '' }, true);
    else this.columns = columns;
    connection.execute({ portal: '', rows: '' }, true);
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    this.columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: pg.types.getTypeParser(dataTypeID, 'text'),
    }));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    try {
      this.rows.push(rowOf(this.columns, fields));
    } catch (error) {
      this.unreadable = error as Error;
    }
  }

  /** `SELECT 3`, `INSERT 0 1`. */
  handleCommandComplete({ text }: { text: string }): void {
    this.known?.set(this.name, this.columns);
    this.rowCount = Number(text.slice(text.lastIndexOf(' ') + 1));
  }

  handleReadyForQuery(): void {
    if (this.unreadable === null) this.callback?.(null, { rows: this.rows, rowCount: this.rowCount });
    else this.callback?.(this.unreadable);
  }

  handleError(error: Error): void {
    this.callback?.(error);
  }
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i += 1) {
    const { name, parse } = columns[i] as Column;
    const text = fields[i] ?? null;
    row[name] = text === null ? null : parse(text);
  }
  return row;
}
