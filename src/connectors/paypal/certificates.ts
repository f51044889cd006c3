/**
 * The certificates that PayPal signs with, by the addresses that its deliveries name. A stranger must not make us wait
 * or call at will: what is not here is fetched beside, from PayPal's own address only, and few are fetched and kept.
 */

import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { newTrace } from '../../ops/trace.ts';
import type { World } from '../../ops/world.ts';
import type { HttpClient } from '../http.ts';
import type { PayPalTrust } from '../signatures/paypal.ts';

/** PayPal has one or two at a time. */
const KEPT = 8;
const TIMEOUT_MS = 5_000;
/** From one fetch that failed to the next. */
const PAUSE_MS = 5_000;

export type Certificates = Pick<PayPalTrust, 'certificateAt' | 'roots'>;

/** `authority`: PEM, in the place of the authorities that everybody trusts; for a simulator. */
export function createCertificates(client: HttpClient, world: World, authority: string | null): Certificates {
  const known = new Map<string, string>();
  let fetching = false;
  let pausedUntilMs = 0;
  let roots: readonly X509Certificate[] | null = null;

  async function fetchPem(url: string): Promise<void> {
    fetching = true;
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
    fetching = false;
    if (result.kind === 'answered' && result.status === 200) keep(url, result.text);
    else pausedUntilMs = world.now() + PAUSE_MS;
  }

  function keep(url: string, pem: string): void {
    known.set(url, pem);
    const [oldest] = known.keys();
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
  }

  return {
    certificateAt(url) {
      const pem = known.get(url) ?? null;
      if (pem === null && !fetching && world.now() >= pausedUntilMs) void fetchPem(url);
      return pem;
    },
    get roots() {
      roots ??= (authority === null ? rootCertificates : [authority]).map((pem) => new X509Certificate(pem));
      return roots;
    },
  };
}
