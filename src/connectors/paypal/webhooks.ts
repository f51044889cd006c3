/** What PayPal sends by itself: verified by its certificate, read into facts. */

import type { Delivery, Parsed, Verdict, Webhooks } from '../port.ts';
import { type PayPalTrust, verifyPayPal } from '../signatures/paypal.ts';
import type { Certificates } from './certificates.ts';
import { factsOf } from './facts.ts';
import { at, textAt } from './json.ts';

export function paypalWebhooks(
  certificates: Certificates,
  environment: PayPalTrust['environment'],
): Webhooks {
  return {
    verify: (delivery, webhookIds, nowMs) => verify(delivery, webhookIds, nowMs, certificates, environment),
    parse,
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
  const json = readJson(body);
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
