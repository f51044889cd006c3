/**
 * Throws where a configured secret cannot be one, without showing it. This is a mistake in the configuration,
 * never of the delivery; what decodes to an empty key would let anybody sign.
 *
 * @param what completes the sentence: "the webhook secret must be …"
 */
export function requireShape(secrets: readonly string[], shape: RegExp, what: string): void {
  const wrong = secrets.findIndex((secret) => !shape.test(secret));
  if (wrong < 0) return;
  throw new Error(`webhook secret ${wrong + 1} of ${secrets.length} is not usable: it must be ${what}`);
}

/** A secret whose characters are the key. A blank at its end is a slip of the clipboard, and refused. */
export const TEXT_SECRET = /^[\x21-\x7e]{1,255}$/;
export const HEX_SECRET = /^[0-9a-f]{64}$/i;
