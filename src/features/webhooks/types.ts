/** What those who run the platform ask of providers' webhooks over HTTP. Bodies are the API's JSON, snake_case. */

import type { Reply } from '../../flow/caller.ts';
import type { Change } from '../../flow/once.ts';
import type { Decision } from './replay.ts';
import type { Selection } from './selection.ts';

export type Page = { limit: number; cursor: string | null };

export type ReplayInput = {
  selection: Selection;
  /** The API key: `key_…`. */
  by: string;
  reason: string;
  override: boolean;
};

export type ProviderWebhooks = {
  /** Oldest first. */
  list(selection: Selection, page: Page): Promise<Reply>;
  retrieve(id: string): Promise<Reply>;
  dryRun(input: Pick<ReplayInput, 'selection' | 'override'>): Promise<Reply>;
  replay(request: Change<ReplayInput>): Promise<Reply>;
  /** Newest first. */
  replays(page: Page): Promise<Reply>;
  retrieveReplay(id: string): Promise<Reply>;
  /** Each delivery of a replay with its result, oldest first. */
  results(id: string, page: Page): Promise<Reply>;
  decide(request: Change<Decision>): Promise<Reply>;
};
