/** Which methods an address takes: 404 and 405 are told apart here, where no route was found. */

import type { FastifyInstance } from 'fastify';

export type Addresses = { methodsAt(path: string): string[] };

/** To be called before any route is registered. */
export function collectAddresses(server: FastifyInstance): Addresses {
  const addresses: { pattern: RegExp; method: string }[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    for (const one of [method].flat()) addresses.push({ pattern: patternOf(url), method: one });
  });
  return {
    methodsAt: (path) =>
      [...new Set(addresses.filter((a) => a.pattern.test(path)).map((a) => a.method))].sort(),
  };
}

function patternOf(url: string): RegExp {
  const text = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace('*', '.*');
  return new RegExp(`^${text}$`);
}
