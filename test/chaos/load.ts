/** Merchants and their customers at work, over all APIs, until they are told to stop. */

import { type Client, clientOf } from '../support/client.ts';
import type { Deployment } from '../support/deployment.ts';
import { seeded } from '../support/random.ts';
import { keepShopping, sellOnce } from './clients.ts';
import type { History } from './history.ts';

export type Load = {
  history: History;
  api: Client;
  /** A payment at one API, resolved once it is answered. */
  sell(api: number): Promise<void>;
  /** Clients end only when told to: rejects when one fails before, and never resolves. */
  failed: Promise<never>;
  /** What is under way is finished, and nothing misbehaves on purpose any more. */
  stop(): Promise<void>;
};

const CLIENTS = 6;

export function startLoad({ apis, merchant, provider }: Deployment, seed: number): Load {
  const history: History = { steps: [], seen: [], dashboard: [] };
  const clients = apis.map(({ url }) => clientOf(url, merchant.secretKey));
  const [api] = clients;
  if (!api) throw new Error('there is no API');
  const stop = new AbortController();
  const shopOf = (n: number, at: Client[]) => ({
    history,
    provider,
    apis: at,
    apiUrls: apis.map(({ url }) => url),
    random: seeded(seed * 1000 + n),
    stopping: stop.signal,
  });
  const done = Promise.all(Array.from({ length: CLIENTS }, (_, n) => keepShopping(shopOf(n, clients))));
  const probes = clients.map((client, n) => shopOf(CLIENTS + n, [client]));
  return {
    history,
    api,
    sell: async (n) => void (probes[n] && (await sellOnce(probes[n]))),
    failed: done.then(() => new Promise<never>(() => undefined)),
    stop: async () => {
      stop.abort();
      await done;
      await provider.disarm();
    },
  };
}
