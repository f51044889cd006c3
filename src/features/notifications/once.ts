/** A change of endpoints, once. A secret in an answer is stored encrypted. */

import type { PoolClient } from 'pg';
import type { Reply } from '../../flow/caller.ts';
import * as flow from '../../flow/once.ts';
import { seal, unseal } from './secret.ts';
import type { Change, NotificationDeps } from './types.ts';

type Body = { id?: string; secret?: string; [field: string]: unknown };
export type Effect = flow.Effect<Body>;

export function once<Input>(
  deps: NotificationDeps,
  change: Change<Input>,
  effect: (client: PoolClient) => Promise<Effect>,
): Promise<Reply> {
  const keeping = {
    stored: (body: Body) => stored(deps, body),
    given: (answer: string) => given(deps, answer),
  };
  return flow.once(deps, change, effect, keeping);
}

/** The secret keeps its place, so that a replay has the very bytes of the first answer. */
function stored({ chainKey, world }: NotificationDeps, body: Body): object {
  if (body.secret === undefined || body.id === undefined) return body;
  return { ...body, secret: seal(chainKey, world, body.id, body.secret).toString('base64') };
}

function given({ chainKey }: NotificationDeps, answer: string): string {
  const body = JSON.parse(answer) as Body;
  if (body.secret === undefined || body.id === undefined) return answer;
  return JSON.stringify({ ...body, secret: unseal(chainKey, body.id, Buffer.from(body.secret, 'base64')) });
}
