/** One webhook on the wire: one POST, one deadline, no redirect followed. */

import { Agent, request } from 'undici';
import type { World } from '../../ops/world.ts';

/** `status` is null where no answer came, and `error` says why. */
export type Ending = { status: number | null; error: string | null };

export type Sender = {
  send(url: string, headers: Record<string, string>, body: string): Promise<Ending>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
};

const CONNECTIONS = 64;
const ANSWER_BYTES = 64 * 1024;

export function createSender(world: World, timeoutMs: number): Sender {
  // The deadline is ours, one for the whole call: undici's own know only parts of it.
  const agent = new Agent({ connections: CONNECTIONS, headersTimeout: 0, bodyTimeout: 0 });
  return {
    async send(url, headers, body) {
      const deadline = new AbortController();
      const answered = new AbortController();
      void world.sleep(timeoutMs, answered.signal).then(() => deadline.abort());
      const ending = await post(agent, url, headers, body, deadline.signal);
      answered.abort();
      return ending;
    },
    close: () => agent.destroy(),
  };
}

async function post(
  dispatcher: Agent,
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Ending> {
  try {
    const answer = await request(url, { method: 'POST', dispatcher, headers, body, signal });
    // The status is the answer, whatever becomes of the rest.
    await answer.body.dump({ limit: ANSWER_BYTES }).catch(() => undefined);
    return { status: answer.statusCode, error: null };
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    return { status: null, error: signal.aborted ? 'timeout' : (code ?? name ?? 'failed') };
  }
}
