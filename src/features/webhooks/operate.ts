/** Providers' webhooks for those who run the platform: looking, replaying, approving. The answers of the API. */

import { toUuid } from '../../core/ids.ts';
import { query } from '../../db/pool.ts';
import { PAYMENTS_OF_DELIVERY, READ_INBOX, type StoredDelivery } from '../../db/statements/inbox.ts';
import type { Reply } from '../../flow/caller.ts';
import type { FlowDeps } from '../../flow/deps.ts';
import { type Change, type Effect, type OnceDeps, once } from '../../flow/once.ts';
import {
  presentPage,
  presentReplay,
  presentResult,
  presentWebhook,
  presentWhole,
  presentWould,
} from './present.ts';
import {
  type Decision,
  decideReplay,
  listReplays,
  loadReplay,
  planReplay,
  type Refused,
  requestReplay,
  resultsOf,
} from './replay.ts';
import { listInbox } from './selection.ts';
import type { ProviderWebhooks, ReplayInput } from './types.ts';

type Deps = FlowDeps & OnceDeps;

export function createProviderWebhooks(deps: Deps): ProviderWebhooks {
  const { pool } = deps;
  return {
    async list(selection, { limit, cursor }) {
      const rows = await listInbox(pool, selection, { after: cursor, limit: limit + 1 });
      return { status: 200, body: presentPage(rows, limit, presentWebhook) };
    },
    retrieve: (id) => retrieve(deps, id),
    dryRun: (input) => dryRun(deps, input),
    replay: (request) => replay(deps, request),
    async replays({ limit, cursor }) {
      const rows = await listReplays(deps, { before: cursor, limit: limit + 1 });
      return { status: 200, body: presentPage(rows, limit, presentReplay) };
    },
    async retrieveReplay(id) {
      const row = await loadReplay(deps, id);
      return row ? { status: 200, body: presentReplay(row) } : deps.problem('webhook_replay_not_found');
    },
    async results(id, { limit, cursor }) {
      if (!(await loadReplay(deps, id))) return deps.problem('webhook_replay_not_found');
      const rows = await resultsOf(pool, id, { after: cursor, limit: limit + 1 });
      return { status: 200, body: presentPage(rows, limit, presentResult) };
    },
    decide: (request) => decide(deps, request),
  };
}

async function retrieve({ pool, problem }: Deps, id: string): Promise<Reply> {
  const uuid = toUuid(id);
  const [row] = await listInbox(pool, { ids: [id] }, { after: null, limit: 1 });
  const [stored] = await query<StoredDelivery>(pool, READ_INBOX, [[uuid]]);
  if (!row || !stored) return problem('provider_webhook_not_found');
  const payments = await query<{ payment_id: string }>(pool, PAYMENTS_OF_DELIVERY, [uuid]);
  const body = presentWhole(
    row,
    stored,
    payments.map((p) => p.payment_id),
  );
  return { status: 200, body };
}

async function dryRun(deps: Deps, input: Pick<ReplayInput, 'selection' | 'override'>): Promise<Reply> {
  const plan = await planReplay(deps, input);
  if (plan.kind !== 'plan') return refusal(deps, plan);
  const { summary, would } = plan;
  return { status: 200, body: { object: 'webhook_dry_run', summary, data: would.map(presentWould) } };
}

/** What is decided before the transaction of the key only reads: a repetition of the key finds the first answer. */
async function replay(deps: Deps, request: Change<ReplayInput>): Promise<Reply> {
  const plan = await planReplay(deps, request.input);
  return once(deps, request, async (client): Promise<Effect> => {
    if (plan.kind !== 'plan') return refusal(deps, plan);
    const requested = await requestReplay({ ...deps, pool: client }, request.input, plan);
    if (requested.kind === 'too_many_open') return deps.problem('too_many_webhook_replays');
    const row = await loadReplay({ ...deps, pool: client }, requested.id);
    if (!row) throw new Error('the replay was not put on record');
    return { status: 200, body: presentReplay(row) };
  });
}

function refusal({ problem }: Deps, refused: Refused): Effect {
  switch (refused.kind) {
    case 'none':
      return problem('webhook_replay_empty');
    case 'too_many': {
      const { deliveries, most, override } = refused;
      const way = override ? 'or send override if all of them are meant' : 'with from and to';
      const detail = `More than ${most} deliveries at once: narrow it, ${way}.`;
      return problem('webhook_replay_too_large', { detail, deliveries, most });
    }
    default:
      return refused satisfies never;
  }
}

function decide(deps: Deps, request: Change<Decision>): Promise<Reply> {
  const { input } = request;
  return once(deps, request, async (client): Promise<Effect> => {
    const decided = await decideReplay({ ...deps, pool: client }, input);
    switch (decided.kind) {
      case 'not_found':
        return deps.problem('webhook_replay_not_found');
      case 'same_person':
        return deps.problem('webhook_replay_same_person');
      case 'not_open':
        return deps.problem('webhook_replay_not_open', { replay_status: decided.status });
      case 'decided': {
        const row = await loadReplay({ ...deps, pool: client }, input.id);
        return { status: 200, body: row ? presentReplay(row) : {} };
      }
      default:
        return decided satisfies never;
    }
  });
}
