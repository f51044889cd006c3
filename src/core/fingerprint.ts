/**
 * Comparing the fingerprints of two requests that came with the same idempotency key. A fingerprint is text:
 * the method, the route with its ids, then a line for each field of the body, sorted by name.
 *
 *     POST
 *     /v1/payments/pay_01h…/capture
 *     amount 1000
 *     reason sha256:pQ3…
 */

/** What differs first: `method`, `route`, or the name of a field of the body; null when nothing does. */
export function firstDifference(stored: string, given: string): string | null {
  if (stored === given) return null;
  const [method, route, ...fields] = stored.split('\n');
  const [givenMethod, givenRoute, ...givenFields] = given.split('\n');
  if (method !== givenMethod) return 'method';
  if (route !== givenRoute) return 'route';
  const changed = fields.filter((line) => !givenFields.includes(line));
  const added = givenFields.filter((line) => !fields.includes(line));
  return [...changed, ...added].map(nameOf).sort()[0] ?? 'body';
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(' '));
}
