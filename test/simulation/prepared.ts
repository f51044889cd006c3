/**
 * Statements that are prepared and described once for a connection. node-postgres has the rows of a statement described
 * each time, and makes anew what reads them: as much work as all the rest of a small statement. Nor is there a time-out
 * here, since the clock is another.
 */

import { createRequire } from 'node:module';
import pg from 'pg';
import type { Statement } from './statement.ts';

/** As node-postgres itself makes parameters of values. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  prepareValue(value: unknown): unknown;
};

type Column = { name: string; parse(text: string): unknown };
type Described = { fields: { name: string; dataTypeID: number }[] };

/** What node-postgres asks of a query of one's own, beside `submit`. */
type Handlers = {
  name: string;
  text: string;
  handleRowDescription(message: Described): void;
  handleDataRow(message: { fields: (string | null)[] }): void;
  handleCommandComplete(message: { text: string }): void;
  handleReadyForQuery(): void;
  handleError(error: Error): void;
};

type Sending = { name: string; text: string; values: unknown[] };
type Settle = { resolve(result: pg.QueryResult): void; reject(error: Error): void };

export function preparedOn(client: pg.PoolClient): (statement: Statement) => Promise<pg.QueryResult> {
  const known = new Map<string, Column[]>();
  return ({ name, text, values = [] }) => {
    if (name === undefined) return client.query({ text, values });
    const { promise, ...settle } = Promise.withResolvers<pg.QueryResult>();
    client.query(queryOf({ name, text, values }, known, settle));
    return promise;
  };
}

function queryOf(sending: Sending, known: Map<string, Column[]>, settle: Settle): pg.Submittable & Handlers {
  const { name, text } = sending;
  const rows: Record<string, unknown>[] = [];
  let columns = known.get(name) ?? [];
  let rowCount = 0;
  return {
    name,
    text,
    submit: (connection) => send(connection, sending, known.has(name)),
    handleRowDescription({ fields }) {
      columns = fields.map(columnOf);
    },
    handleDataRow: ({ fields }) => void rows.push(rowOf(columns, fields)),
    handleCommandComplete({ text: tag }) {
      known.set(name, columns);
      rowCount = Number(tag.slice(tag.lastIndexOf(' ') + 1));
    },
    handleReadyForQuery: () => settle.resolve({ rows, rowCount, command: '', oid: 0, fields: [] }),
    handleError: settle.reject,
  };
}

function send(connection: pg.Connection, { name, text, values }: Sending, described: boolean): void {
  const { stream } = connection as unknown as { stream: { cork(): void; uncork(): void } };
  const { parsedStatements } = connection as unknown as { parsedStatements: Record<string, string> };
  stream.cork();
  if (parsedStatements[name] === undefined) connection.parse({ name, text, types: [] }, true);
  connection.bind({ statement: name, values: values.map(prepareValue) } as pg.BindConfig, true);
  if (!described) connection.describe({ type: 'P', name: '' }, true);
  connection.execute({ portal: '', rows: '' }, true);
  connection.sync();
  stream.uncork();
}

function columnOf({ name, dataTypeID }: Described['fields'][number]): Column {
  return { name, parse: pg.types.getTypeParser(dataTypeID, 'text') };
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [i, { name, parse }] of columns.entries()) {
    const text = fields[i] ?? null;
    row[name] = text === null ? null : parse(text);
  }
  return row;
}
