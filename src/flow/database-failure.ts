/** What a failed statement means for what was in it. SQLSTATE classes: PostgreSQL documentation, appendix A. */

export type DatabaseFailure =
  /** An item broke a constraint or holds data that cannot be stored. */
  | { kind: 'bad_item'; sqlstate: string; constraint: string }
  /** Rolled back for reasons of timing: the same again. */
  | { kind: 'again'; sqlstate: string }
  /** Nobody knows whether it was committed. */
  | { kind: 'connection'; sqlstate: string }
  | { kind: 'bug'; sqlstate: string };

/** What the driver says when a connection could not be made, or was lost; it has no codes for these. */
const LOST =
  /connection terminated|timeout exceeded when trying to connect|connection error|connection ended|not queryable|query read timeout/i;
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;

export function failureOf(error: unknown): DatabaseFailure {
  const {
    code = '',
    constraint = '',
    message = '',
  } = error as { code?: string; constraint?: string; message?: string };
  const sqlstate = /^[0-9A-Z]{5}$/.test(code) ? code : '';
  if (sqlstate.startsWith('22') || sqlstate.startsWith('23'))
    return { kind: 'bad_item', sqlstate, constraint };
  if (['40P01', '40001', '55P03', '57014'].includes(sqlstate)) return { kind: 'again', sqlstate };
  // Class 08 and 57P: connection lost, server stopping or starting; 53: out of connections, memory or disk.
  if (/^(08|57P|53|25006)/.test(sqlstate)) return { kind: 'connection', sqlstate };
  if (NETWORK.test(code) || LOST.test(message)) return { kind: 'connection', sqlstate: code };
  return { kind: 'bug', sqlstate };
}
