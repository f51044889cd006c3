/** Asks a provider what became of an operation, where it offers a way to ask. */

import type { LookUpResult, Trace } from '../connectors/port.ts';
import { findAttempt, findOperation } from '../core/payment/state.ts';
import type { State } from '../core/payment.ts';
import { LIMITS } from '../ops/limits.ts';
import { connectorOf, type FlowDeps } from './deps.ts';
import type { On } from './perform.ts';
import { requestOf } from './provider-request.ts';

/** `not_offered`: there is nobody to ask; `awaits` is what will tell. */
export type Asked = LookUpResult | { kind: 'not_offered'; awaits: string };

export async function ask(deps: FlowDeps, on: On, state: State, id: string): Promise<Asked> {
  const operation = findOperation(state, id);
  const attempt = findAttempt(state, operation.attempt);
  const connector = connectorOf(deps, attempt);
  const { kind, awaits } = { awaits: undefined, ...connector.capabilities.lookUp[operation.kind] };
  if (awaits !== undefined && (kind === 'none' || attempt.providerReference === null))
    return { kind: 'not_offered', awaits };
  return connector.lookUp(requestOf(state, id, deps.publicUrl), inTime(deps, on));
}

/** What is asked in a claim has to be answered well within it, in however many calls. */
export function inTime({ world }: FlowDeps, { traceparent }: Trace): Trace {
  return { traceparent, untilMs: world.monotonic() + LIMITS.resolve.askMs };
}
