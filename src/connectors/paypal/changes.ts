/** What moved, as PayPal lists its events: complete, whether or not they were delivered; kept for thirty days. */

import type { World } from '../../ops/world.ts';
import type { Changes } from '../port.ts';
import type { Call, Result, Send } from './client.ts';
import { listAt, textAt } from './json.ts';

const DAY_MS = 24 * 3600_000;
const KEPT_MS = 29 * DAY_MS;
/** A window covers so much time at most; within it, PayPal's own links lead on. */
const WINDOW_MS = DAY_MS;
/** Events come into the list some time after they happened: each window begins before the last one's end. */
const OVERLAP_MS = 10 * 60_000;
const PAGE = 100;
const PATH = '/v1/notifications/webhooks-events';

/** `after`: when to begin, or the page of a window that goes on. */
export async function listChanges(after: string | null, send: Send, world: World): Promise<Changes> {
  const now = world.now();
  const path = after?.startsWith(PATH) ? after : windowPath(after, now);
  const result = await send({ method: 'GET', path, route: PATH, keyed: false } satisfies Call);
  if (result.kind === 'failed') return { kind: 'unavailable', reason: result.failure.reason };
  if (result.status !== 200)
    return { kind: 'unavailable', reason: result.call.raw_code ?? `HTTP ${result.status}` };
  return pageOf(result, windowEnd(path) ?? now, now);
}

function pageOf({ json }: Extract<Result, { kind: 'answered' }>, endMs: number, now: number): Changes {
  const entries = listAt(json, 'events').flatMap((event) => {
    const id = textAt(event, 'id');
    return id === null ? [] : [{ eventId: id, body: Buffer.from(JSON.stringify(event)) }];
  });
  const next = nextPage(json);
  if (next !== null) return { kind: 'page', entries, next, more: true };
  const cursor = new Date(endMs - OVERLAP_MS).toISOString();
  return { kind: 'page', entries, next: cursor, more: endMs < now - OVERLAP_MS };
}

/** The link is data: below PayPal's own address it may say which page, and nothing else. */
function nextPage(json: unknown): string | null {
  const link = listAt(json, 'links').find((one) => textAt(one, 'rel') === 'next');
  const url = URL.parse(textAt(link, 'href') ?? '');
  return url?.pathname === PATH ? url.pathname + url.search : null;
}

function windowPath(after: string | null, now: number): string {
  const beginMs = Math.max(Date.parse(after ?? '') || 0, now - KEPT_MS);
  const query = new URLSearchParams({
    page_size: String(PAGE),
    start_time: new Date(beginMs).toISOString(),
    end_time: new Date(Math.min(beginMs + WINDOW_MS, now)).toISOString(),
  });
  return `${PATH}?${query}`;
}

function windowEnd(path: string): number | null {
  const end = Date.parse(new URLSearchParams(path.split('?')[1]).get('end_time') ?? '');
  return Number.isNaN(end) ? null : end;
}
