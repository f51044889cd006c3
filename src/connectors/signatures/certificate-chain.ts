import { X509Certificate } from 'node:crypto';
import { BOUNDS } from './bounds.ts';

/**
 * The first certificate of a PEM text, if it leads to one of the roots by way of the others and each on the way
 * is valid at `nowMs`; null otherwise. Not checked, since `X509Certificate` cannot: revocation, constraints on
 * names and lengths of path, purposes.
 */
export function trustedLeaf(
  pem: string,
  roots: readonly X509Certificate[],
  nowMs: number,
): X509Certificate | null {
  const chain = readChain(pem);
  let current = chain[0];
  // Each step goes up by one; a chain that goes in a circle ends here too.
  for (let step = 0; step < chain.length && current && isValid(current, nowMs); step += 1) {
    const child = current;
    if (roots.some((root) => isValid(root, nowMs) && isIssuedBy(child, root))) return chain[0] ?? null;
    current = chain.find((other) => other !== child && isIssuedBy(child, other));
  }
  return null;
}

function readChain(pem: string): X509Certificate[] {
  if (pem.length > BOUNDS.certificateChars) return [];
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > BOUNDS.certificates) return [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function isValid(certificate: X509Certificate, nowMs: number): boolean {
  return certificate.validFromDate.getTime() <= nowMs && nowMs <= certificate.validToDate.getTime();
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
