/**
 * The connector to Stripe: PaymentIntents and refunds over plain HTTP, typed by the official package (see
 * docs/decisions/0014). Each operation is one call, each answer an outcome.
 */

import { idTimeMs, isId } from '../../core/ids.ts';
import type { Outcome, ProviderCall } from '../../core/outcome.ts';
import { LIMITS } from '../../ops/limits.ts';
import type { World } from '../../ops/world.ts';
import { type Capabilities, everyKind } from '../capabilities.ts';
import { completionOf } from '../completion.ts';
import { createHttpClient } from '../http.ts';
import type { Answer, Connector, LookUpResult, ProviderRequest, Trace } from '../port.ts';
import { toStripe } from './amounts.ts';
import { outcomeOf, type Read } from './answer.ts';
import { authorizeCall, type StripeSettings } from './authorize.ts';
import { REQUEST_MS, stripeCapabilities } from './capabilities.ts';
import { captureCall, readCapture } from './capture.ts';
import { listChanges } from './changes.ts';
import { type Call, type Result, stripeSender } from './client.ts';
import { readExpiry } from './expiry.ts';
import { type Ask, findIntent } from './find.ts';
import { readAuthorization, retrieveIntent } from './intents.ts';
import { lookUp } from './lookup.ts';
import { BALANCE, readProbe } from './probe.ts';
import { readRefund, refundCall } from './refund.ts';
import { readVoid, voidCall } from './void.ts';
import { stripeWebhooks } from './webhooks.ts';
import { idOf } from './wire.ts';

/** Of the interface, as the package `stripe` 23.1 has it. */
export const STRIPE_VERSION = '2026-10-28.endive';

/** A page of a list is far longer than the answer to one operation. */
const RESPONSE_BYTES = 4 * 1024 * 1024;

export type StripeOptions = {
  url: string;
  secretKey: string;
  settings: StripeSettings;
  /** Whose payments the account takes; without it nothing is said of a key of the other mode. */
  mode?: 'test' | 'live' | 'any';
  world: World;
  /** In the place of `LIMITS.provider`; `timeoutMs` for every call that moves money. */
  limits?: { timeoutMs?: number; lookUpTimeoutMs?: number };
};

export function stripeConnector(options: StripeOptions): Connector {
  const { url, secretKey, settings, mode = 'any', world, limits = {} } = options;
  const { lookUpTimeoutMs = LIMITS.provider.lookUpTimeoutMs } = limits;
  const client = createHttpClient({ url, world, responseBytes: RESPONSE_BYTES });
  const send = stripeSender(client, secretKey, STRIPE_VERSION);
  const claimed = stripeCapabilities(settings);
  const capabilities: Capabilities =
    limits.timeoutMs === undefined ? claimed : { ...claimed, timeoutMs: everyKind(limits.timeoutMs) };
  const asking =
    (key: string, trace: Trace): Ask =>
    (call) =>
      send(call, { key, trace, timeoutMs: lookUpTimeoutMs });
  const look = (request: ProviderRequest, trace: Trace) =>
    lookUp(request, asking(request.operation, trace), world.now());

  return {
    name: 'stripe',
    version: STRIPE_VERSION,
    capabilities,
    async perform(request, trace) {
      if (request.kind === 'complete') return completionOf(await look(request, trace));
      const plan = await planOf(request, settings, asking(request.operation, trace), world);
      if ('outcome' in plan) return plan;
      const timeoutMs = capabilities.timeoutMs[request.kind];
      const result = await send(plan.call, { key: request.operation, trace, timeoutMs });
      const outcome = outcomeOf(request, result, plan.read);
      const ended =
        isStoredError(result) || (isUsedKey(result) && (ageMs(request, world.now()) ?? 0) >= REQUEST_MS);
      return {
        outcome: ended ? await afterStoredError(() => look(request, trace)) : outcome,
        call: result.call,
      };
    },
    lookUp: async (request, trace) => unlessAtWork(request, await look(request, trace), world.now()),
    async hasExpired(providerReference, trace) {
      return readExpiry(
        providerReference,
        await asking(providerReference, trace)(retrieveIntent(providerReference)),
      );
    },
    webhooks: stripeWebhooks,
    listChanges: (after, trace) => listChanges(after, asking('synchronize', trace)),
    probe: async (trace) => readProbe(await asking('probe', trace)(BALANCE), world.now(), mode),
    close: client.close,
  };
}

type Plan = { call: Call; read: Read } | Answer;

async function planOf(
  request: Exclude<ProviderRequest, { kind: 'complete' }>,
  settings: StripeSettings,
  ask: Ask,
  world: World,
): Promise<Plan> {
  const amount = toStripe(request.amount, request.currency);
  switch (request.kind) {
    case 'authorize':
      if (amount === null) return unrepresentable(request, world);
      return { call: authorizeCall(request, amount, settings), read: readAuthorization };
    case 'capture':
      if (amount === null) return unrepresentable(request, world);
      return { call: captureCall(request, amount), read: readCapture };
    case 'void': {
      if (request.providerReference !== null)
        return { call: voidCall(request, request.providerReference), read: readVoid };
      // Stripe cancels by its own id only.
      const found = await findIntent(request, ask, world.now());
      const id = found.kind === 'found' ? idOf(found.object) : null;
      if (id !== null) return { call: voidCall(request, id), read: readVoid };
      return { outcome: { kind: 'unknown', reason: 'lookup_unavailable' }, call: found.result.call };
    }
    case 'refund':
      if (amount === null) return unrepresentable(request, world);
      return { call: refundCall(request, amount), read: readRefund };
    default:
      return request satisfies never;
  }
}

/**
 * The key's first request is over, in an error that Stripe will repeat for a day: sending it again tells nothing
 * more. What it left behind is there to be seen, and where it left nothing, nothing will come of it.
 */
async function afterStoredError(look: () => ReturnType<Connector['lookUp']>): Promise<Outcome> {
  const found = await look();
  switch (found.kind) {
    case 'found':
      return found.outcome;
    case 'not_found': {
      const reason = 'Stripe repeats an error for the key, and has no trace of the operation';
      return { kind: 'not_sent', evidence: 'lookup', reason };
    }
    case 'undecided':
    case 'unavailable':
      return { kind: 'unknown', reason: 'server_error' };
    default:
      return found satisfies never;
  }
}

/** No trace of a request that may still be at work says nothing yet; its key, sent again, tells at once. */
function unlessAtWork(request: ProviderRequest, found: LookUpResult, nowMs: number): LookUpResult {
  const old = (ageMs(request, nowMs) ?? REQUEST_MS) >= REQUEST_MS;
  if (found.kind !== 'not_found' || request.kind !== 'authorize' || old) return found;
  return {
    kind: 'undecided',
    awaits: 'the end of the first request, which may be at work',
    call: found.call,
  };
}

/** Since it was asked for first; null for an id that is none of ours. */
function ageMs({ operation }: ProviderRequest, nowMs: number): number | null {
  return isId('operation', operation) ? nowMs - idTimeMs(operation) : null;
}

function isStoredError(result: Result): boolean {
  return result.kind === 'answered' && result.repeated && result.status >= 500;
}

/** The key was used with other words: another process has another TRUEPENNY_PUBLIC_URL. */
function isUsedKey({ call }: Result): boolean {
  return call.raw_code === 'idempotency_error';
}

/** Refused here: Stripe would have to round it. */
function unrepresentable(request: ProviderRequest, world: World): Answer {
  const code = 'amount_not_representable';
  const message = `Stripe cannot be told ${request.amount} minor units of ${request.currency} exactly.`;
  const call: ProviderCall = {
    key: request.operation,
    endpoint: 'none: refused before any call',
    http_status: null,
    raw_code: code,
    started_at: new Date(world.now()).toISOString(),
    duration_ms: 0,
    request: null,
    response: null,
  };
  return { outcome: { kind: 'rejected', raw_code: code, message, provider_reference: null }, call };
}
