/** What PayPal sends by itself: verified by its certificate, read into facts. */

import type { Confirmation, Delivery, Parsed, Trace, Verdict, Webhooks } from '../port.ts';
import { type PayPalTrust, verifyPayPal } from '../signatures/paypal.ts';
import { issueOf } from './answer.ts';
import type { Certificates } from './certificates.ts';
import type { Call, Send } from './client.ts';
import { factsOf } from './facts.ts';
import { at, textAt } from './json.ts';

/** `asking`: a look at PayPal, which moves nothing. */
export function paypalWebhooks(
  certificates: Certificates,
  environment: PayPalTrust['environment'],
  asking: (trace: Trace) => Send,
): Webhooks {
  return {
    verify: (delivery, webhookIds, nowMs) => verify(delivery, webhookIds, nowMs, certificates, environment),
    parse,
    confirm: (body, trace) => confirm(body, asking(trace)),
  };
}

/** PayPal shows its events for thirty days: what it says there of the money must be what was delivered. */
async function confirm(body: Buffer, send: Send): Promise<Confirmation> {
  const id = textAt(readJson(body), 'id');
  if (id === null) return { kind: 'denied' };
  const result = await send(eventCall(id));
  if (result.kind === 'failed') return { kind: 'unavailable', reason: result.failure.reason };
  const { status, json } = result;
  if (status === 404 && issueOf(json) !== null) return { kind: 'denied' };
  if (status !== 200 || textAt(json, 'id') === null)
    return { kind: 'unavailable', reason: issueOf(json) ?? `http_${status}` };
  const same = JSON.stringify(parseEvent(json)) === JSON.stringify(parse(body));
  return { kind: same ? 'confirmed' : 'denied' };
}

function eventCall(id: string): Call {
  return {
    method: 'GET',
    path: `/v1/notifications/webhooks-events/${encodeURIComponent(id)}`,
    route: '/v1/notifications/webhooks-events/{id}',
    keyed: false,
  };
}

/** A certificate that is not here yet is being fetched: until then nobody can say whether the delivery is genuine. */
function verify(
  delivery: Delivery,
  webhookIds: readonly string[],
  nowMs: number,
  certificates: Certificates,
  environment: PayPalTrust['environment'],
): Verdict {
  let missing = false;
  const trust: PayPalTrust = {
    environment,
    certificateAt(url) {
      const pem = certificates.certificateAt(url);
      missing = pem === null;
      return pem;
    },
    get roots() {
      return certificates.roots;
    },
  };
  const verdict = verifyPayPal(delivery, webhookIds, nowMs, trust);
  return missing ? { ok: false, reason: 'not_ready' } : verdict;
}

function parse(body: Buffer): Parsed {
  return parseEvent(readJson(body));
}

function parseEvent(json: unknown): Parsed {
  const type = textAt(json, 'event_type');
  const resource = at(json, 'resource');
  if (type === null || typeof resource !== 'object' || resource === null)
    return { kind: 'unreadable', why: 'event_type or resource is missing' };
  const facts = factsOf(type, resource, json);
  if (facts === null) return { kind: 'unreadable', why: `${type.slice(0, 60)} lacks what it must have` };
  return typeof facts === 'string' ? { kind: 'ignored', why: facts } : { kind: 'notices', notices: facts };
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
