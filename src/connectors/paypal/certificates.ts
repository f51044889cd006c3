/**
 * The certificates that PayPal signs with, by the addresses that its deliveries name. A stranger must not make us wait
 * or call at will: what is not here is fetched beside, from PayPal's own address only, and few are fetched and kept.
 */

import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { newTrace } from '../../ops/trace.ts';
import type { World } from '../../ops/world.ts';
import type { HttpClient } from '../http.ts';
import { trustedLeaf } from '../signatures/certificate-chain.ts';
import type { PayPalTrust } from '../signatures/paypal.ts';

/** PayPal has one or two at a time. */
const KEPT = 8;
const TIMEOUT_MS = 5_000;
const AT_ONCE = 4;
/** From a fetch that failed to the next of the same address; so many of those are remembered. */
const PAUSE_MS = 5_000;
const FAILURES = 1_000;

export type Certificates = Pick<PayPalTrust, 'certificateAt' | 'roots'>;

/** `authority`: PEM, in the place of the authorities that everybody trusts; for a simulator. */
export function createCertificates(client: HttpClient, world: World, authority: string | null): Certificates {
  const known = new Map<string, string>();
  const fetching = new Set<string>();
  /** By address: addresses that a stranger makes up must not keep the genuine one from being fetched. */
  const pausedUntilMs = new Map<string, number>();
  let roots: readonly X509Certificate[] | null = null;

  function trusted(): readonly X509Certificate[] {
    roots ??= (authority === null ? rootCertificates : [authority]).map((pem) => new X509Certificate(pem));
    return roots;
  }

  async function fetchPem(url: string): Promise<void> {
    fetching.add(url);
    const { pathname: path } = new URL(url);
    const trace = newTrace(world);
    const route = '/v1/notifications/certs/{id}';
    const result = await client.send({
      method: 'GET',
      path,
      route,
      key: 'certificate',
      trace,
      timeoutMs: TIMEOUT_MS,
    });
    fetching.delete(url);
    const pem = result.kind === 'answered' && result.status === 200 ? result.text : '';
    // One that has run out may still be had; it must not take the place of one that signs.
    if (trustedLeaf(pem, trusted(), world.now()) !== null) keep(known, url, pem, KEPT);
    else keep(pausedUntilMs, url, world.now() + PAUSE_MS, FAILURES);
  }

  return {
    certificateAt(url) {
      const pem = known.get(url) ?? null;
      const isPaused = world.now() < (pausedUntilMs.get(url) ?? 0);
      if (pem === null && !isPaused && !fetching.has(url) && fetching.size < AT_ONCE) void fetchPem(url);
      return pem;
    },
    get roots() {
      return trusted();
    },
  };
}

/** The latest so many. */
function keep<Value>(map: Map<string, Value>, url: string, value: Value, most: number): void {
  map.delete(url);
  map.set(url, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
