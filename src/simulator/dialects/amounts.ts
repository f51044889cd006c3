/**
 * Amounts at the border of a dialect. The books count in the minor units of ISO 4217, whatever a provider
 * counts in, so that all books can be compared; the simulator has a table of its own, as it is the oracle.
 */

/** ISO 4217, list one; two decimals where nothing is named. */
const ISO_DECIMALS: ReadonlyMap<string, number> = new Map([
  ...named(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...named(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...named(4, 'CLF UYW'),
]);

/** How many decimals a provider's own amounts have, where that is not as in ISO 4217. */
export type Deviations = ReadonlyMap<string, number>;

export function isoDecimals(currency: string): number {
  return ISO_DECIMALS.get(currency) ?? 2;
}

/** From a provider's minor units to the books'; null where it falls between two of them. */
export function toBooks(amount: number, currency: string, deviations: Deviations): number | null {
  const iso = isoDecimals(currency);
  const shift = iso - (deviations.get(currency) ?? iso);
  if (shift >= 0) return amount * 10 ** shift;
  return amount % 10 ** -shift === 0 ? amount / 10 ** -shift : null;
}

/** From the books' minor units to a provider's, cut where it has fewer. */
export function fromBooks(amount: number, currency: string, deviations: Deviations): number {
  const iso = isoDecimals(currency);
  const shift = (deviations.get(currency) ?? iso) - iso;
  return shift >= 0 ? amount * 10 ** shift : Math.trunc(amount / 10 ** -shift);
}

/** "10.5" of a currency with two decimals is 1050; null for what is no amount in it. */
export function parseDecimal(text: string, decimals: number): number | null {
  const [, whole, fraction = ''] = /^(\d{1,13})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(decimals))) return null;
  const amount = Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
  return Number.isSafeInteger(amount) ? amount : null;
}

export function formatDecimal(amount: number, decimals: number): string {
  if (decimals === 0) return String(amount);
  const digits = String(amount).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function named(decimals: number, currencies: string): [string, number][] {
  return currencies.split(' ').map((currency) => [currency, decimals]);
}
