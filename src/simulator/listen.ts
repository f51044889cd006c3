/** The ports that the simulator listens on: one for the plain dialect and its own addresses, one for each other. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Dialect } from './simulator.ts';

export type Listener = { server: Server; dialect: Dialect | null; url: string };

export type Place = { dialect: Dialect | null; host: string; port: number; connections: number };

/** @throws when the port is in use, naming the setting that moves it. */
export async function listen({ dialect, host, port, connections }: Place): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 70_000, maxHeaderSize: 16 * 1024 });
  server.maxConnections = connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const setting = portSetting(dialect);
      const taken = `Port ${port} is in use. Stop what runs there, or set ${setting} to another port.`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
  return { server, dialect, url: `http://${host}:${(server.address() as AddressInfo).port}` };
}

export async function closeListener({ server }: Listener): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function portSetting(dialect: Dialect | null): string {
  return `TRUEPENNY_SIMULATOR_${dialect === null ? '' : `${dialect.name.toUpperCase()}_`}PORT`;
}
