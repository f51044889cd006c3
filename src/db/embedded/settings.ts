/**
 * How the embedded server is set up. Given on its command line at every start, so that a new release of
 * Truepenny brings its settings to old data too.
 */

/** Clears LANG and LC_*: unset, initdb falls back to SQL_ASCII; set to a locale that is missing, it aborts. */
export const SERVER_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export const INITDB_ARGS = [
  '--username=truepenny',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // The character rules come with PostgreSQL; the C library's C.UTF-8 does not exist on every machine.
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--lc-messages=C',
  '--data-checksums',
  // In MB. A new log file is filled with zeros before its first use, and every commit waits for that: some 65 ms for
  // the usual 16 MB, each second at a thousand payments a second until enough files are there to be written anew.
  '--wal-segsize=1',
];

const DURABLE = {
  listen_addresses: '127.0.0.1',
  // TCP only: a socket's path may be too long for the system, and /tmp is shared.
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  max_connections: '200',
  // What is changed leaves a small cache within seconds and is handed to the disk at once. In a large one it stays, and
  // what Linux has gathered meanwhile goes out every 30 s in one go, for which commits wait half a second. What is read
  // lies in the system's cache anyway.
  shared_buffers: '32MB',
  backend_flush_after: '256kB',
  // As beside a large cache: a thirty-second of a small one is less than two groups of commits write.
  wal_buffers: '16MB',
  max_wal_size: '4GB',
  // What is used up is kept to be written anew, rather than deleted and made again.
  min_wal_size: '1GB',
  checkpoint_timeout: '15min',
  // lz4 is not built into these binaries.
  wal_compression: 'pglz',
  jit: 'off',
  // At the usual 2 ms commits waited for 100 to 200 ms at a time while it was at work.
  autovacuum_vacuum_cost_delay: '10ms',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  // DETAIL lines quote rows and keys; values stay out of the log.
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
};

/** For clusters that are deleted when a test run ends: they survive a killed process, not a power cut. */
const THROWAWAY = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '128MB',
};

/** The arguments of `postgres` for a port; `socketFolder`: where it listens beside it. */
export function serverArgs(port: number, throwaway: boolean, socketFolder: string | null = null): string[] {
  const sockets = socketFolder === null ? {} : { unix_socket_directories: socketFolder };
  const settings = { ...DURABLE, ...(throwaway ? THROWAWAY : {}), ...sockets, port: String(port) };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
