/**
 * Finds what looks like a card number, wherever somebody put one by mistake: it must not come further than
 * here. False alarms are possible (one number in ten passes the check digit), so only lengths and prefixes
 * that schemes really use count, and identifiers in hexadecimal do not.
 */

/** 13 or more digits, with a few blanks, a dash or a dot between them, as people write and copy numbers. */
const RUN = /\d(?:(?:\s{1,3}|[-.\u2010-\u2015])?\d){12,}/g;
const BETWEEN = /[^\d]+/;
const BEYOND_ASCII = /[^\p{ASCII}]/u;

/** UUIDs, and digests of 32, 40 or 64 digits: in a hundred thousand of them some hold a "card number". */
const IDENTIFIER =
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b|\b(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\b/gi;

/** Numbers by scheme: prefix, then the lengths that are issued. */
const SCHEMES: readonly RegExp[] = [
  /^4(?:\d{12}|\d{15}|\d{18})$/, // Visa
  /^(?=\d{16}$)(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, // Mastercard
  /^3[47]\d{13}$/, // American Express
  /^(?=\d{16,19}$)(?:6011|64[4-9]|65)/, // Discover
  /^(?=\d{14,19}$)(?:30[0-5]|3095|36|38|39)/, // Diners Club
  /^(?=\d{16,19}$)35(?:2[89]|[3-8])/, // JCB
  /^(?=\d{16,19}$)(?:62|81)/, // UnionPay
  /^(?:50|5[6-8]|60|6304|6390|67)/, // Maestro, RuPay
  /^(?=\d{16,19}$)220[0-4]/, // Mir
];

export function holdsCardNumber(text: string): boolean {
  // Full-width digits and the like become ours.
  const plain = BEYOND_ASCII.test(text) ? text.normalize('NFKC') : text;
  const runs = plain.replace(IDENTIFIER, 'x').match(RUN);
  return runs?.some(runHoldsCardNumber) ?? false;
}

/** A number may stand beside others (`4242 4242 4242 4242 12 27`): any neighbouring groups may form it. */
function runHoldsCardNumber(run: string): boolean {
  const groups = run.split(BETWEEN);
  return groups.some((_, from) => {
    let digits = '';
    for (let to = from; to < groups.length && digits.length < 19; to++) {
      digits += groups[to];
      if (isCardNumber(digits)) return true;
    }
    return false;
  });
}

function isCardNumber(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19) return false;
  return passesLuhn(digits) && SCHEMES.some((scheme) => scheme.test(digits));
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
}
