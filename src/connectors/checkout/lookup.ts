/** What became of an operation: the payment is found by our reference, its actions by the operation's. */

import type { Outcome, ProviderCall } from '../../core/outcome.ts';
import { isObject, type Json, textOf } from '../json.ts';
import type { AuthorizeRequest, CompleteRequest, LookUpResult, ProviderRequest } from '../port.ts';
import { fromCheckout } from './amounts.ts';
import { ofPayment, PAYMENTS, type Result, type Send } from './client.ts';
import { declineOf } from './codes.ts';
import { readPayment } from './payment.ts';
import { toldIn } from './reference.ts';

type ActionRequest = Extract<ProviderRequest, { kind: 'capture' | 'refund' | 'void' }>;
type Missing = Exclude<LookUpResult, { kind: 'found' }>;

export async function lookUp(request: ProviderRequest, send: Send): Promise<LookUpResult> {
  const found = await findPayment(request, send);
  if (typeof found !== 'string') return found;
  switch (request.kind) {
    case 'authorize':
    case 'complete':
      return retrieve(request, found, send);
    case 'capture':
    case 'refund':
    case 'void':
      return findAction(request, found, send);
    default:
      return request satisfies never;
  }
}

/** Its id: as it was told, else by our reference. */
export async function findPayment(request: ProviderRequest, send: Send): Promise<string | Missing> {
  if (request.providerReference !== null) return request.providerReference;
  const query = new URLSearchParams({ limit: '100', skip: '0', reference: request.reference });
  const result = await send({ path: `${PAYMENTS}?${query}`, route: `${PAYMENTS}?reference=` });
  const json = readable(result);
  if (!isObject(json)) return unavailable(result);
  const { data, total_count } = json;
  if (!Array.isArray(data)) return unavailable(result);
  const ours = data.find((one: unknown) => isObject(one) && toldIn(one).attempt === request.attempt);
  if (isObject(ours)) return textOf(ours, 'id') ?? unavailable(result);
  const { call } = result;
  if (data.length === total_count) return { kind: 'not_found', call };
  // Not `undecided`: that would send the key again, which after an error protects nobody.
  return { kind: 'unavailable', reason: 'more payments have our reference than were listed', call };
}

/** Of a declined payment only its actions tell the code. */
async function retrieve(
  request: AuthorizeRequest | CompleteRequest,
  id: string,
  send: Send,
): Promise<LookUpResult> {
  const result = await send(ofPayment(id, ''));
  const json = readable(result);
  if (!isObject(json) || json['id'] !== id) return unavailable(result);
  if (json['status'] !== 'Declined') return said(readPayment(request, json), result.call);
  const actions = await listActions(id, send);
  if (!Array.isArray(actions)) return actions;
  const refused = actions.find((action) => action['approved'] === false) ?? {};
  return said(readPayment(request, { response_code: refused['response_code'], ...json }), result.call);
}

/** A void that somebody else made releases what ours was to release. */
async function findAction(request: ActionRequest, id: string, send: Send): Promise<LookUpResult> {
  const result = await send(ofPayment(id, '/actions'));
  const json = readable(result);
  if (!Array.isArray(json)) return unavailable(result);
  const actions = json.filter(isObject).filter((action) => action['type'] === TYPES[request.kind]);
  const done = actions.find((action) => action['reference'] === request.operation);
  const action =
    done ?? (request.kind === 'void' ? actions.find((one) => one['approved'] === true) : undefined);
  if (action === undefined) return { kind: 'not_found', call: result.call };
  return said(readAction(request, action, id), result.call);
}

const TYPES = { capture: 'Capture', refund: 'Refund', void: 'Void' } as const;

function readAction({ currency }: ActionRequest, action: Json, provider_reference: string): Outcome {
  const movement = textOf(action, 'id');
  const amount = fromCheckout(action['amount'], currency);
  const provider_at = textOf(action, 'processed_on');
  if (typeof action['approved'] !== 'boolean') return { kind: 'pending', provider_reference };
  if (!action['approved']) {
    const decline = declineOf(textOf(action, 'response_code') ?? 'Declined');
    return { kind: 'declined', decline, provider_reference, provider_at };
  }
  if (movement === null || amount === null) return { kind: 'unknown', reason: 'unreadable_answer' };
  const done = { kind: 'approved', provider_reference, movement, amount, provider_at } as const;
  return { ...done, amount_captured: 0, details: null };
}

async function listActions(id: string, send: Send): Promise<Json[] | Missing> {
  const result = await send(ofPayment(id, '/actions'));
  const json = readable(result);
  return Array.isArray(json) ? json.filter(isObject) : unavailable(result);
}

function readable(result: Result): unknown {
  return result.kind === 'answered' && result.status === 200 ? result.json : undefined;
}

function said(outcome: Outcome, call: ProviderCall): LookUpResult {
  if (outcome.kind === 'unknown') return { kind: 'unavailable', reason: outcome.reason, call };
  return { kind: 'found', outcome, call };
}

/** Also a 404: only an empty list is Checkout.com's own word that there is nothing. */
function unavailable(result: Result): Missing {
  const { call } = result;
  const reason = result.kind === 'failed' ? result.failure.reason : `http_${result.status}`;
  return { kind: 'unavailable', reason, call };
}
