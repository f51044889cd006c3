/** Ids that look like a provider's: so many characters of its alphabet, drawn from the moment's randomness. */

export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
export const BASE36_CAPITALS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const BASE36_SMALL = '0123456789abcdefghijklmnopqrstuvwxyz';

/** The slight preference for early characters does no harm to an id. */
export function randomText(alphabet: string, length: number, random: (length: number) => Uint8Array): string {
  return Array.from(random(length), (byte) => alphabet[byte % alphabet.length]).join('');
}
