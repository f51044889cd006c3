import type { ProviderCall } from '../core/outcome.ts';

/** The record of a call that was not made: there was nothing to ask, or nothing that could be asked. */
export function uncalled(key: string, nowMs: number): ProviderCall {
  return {
    key,
    endpoint: 'no call was made',
    http_status: null,
    raw_code: null,
    started_at: new Date(nowMs).toISOString(),
    duration_ms: 0,
    request: null,
    response: null,
  };
}
