/** Stripe's search language, as far as payments are looked for by it: clauses of equality, joined by AND. */

type Searched = {
  amount: number;
  currency: string;
  status: string;
  customer: string | null;
  metadata: Record<string, string>;
};

const CLAUSE =
  /^(?:metadata\[(["'])(.{1,40}?)\1\]|(amount|currency|status|customer)):(?:(["'])(.*)\4|(\d+))$/;

/** Null for a query that it cannot read: no answer is better than a wrong one. */
export function matcherOf(query: string): ((searched: Searched) => boolean) | null {
  const clauses = query.trim().split(/\s+AND\s+/i);
  const matchers = clauses.map(clauseMatcher);
  if (matchers.some((matcher) => matcher === null)) return null;
  return (searched) => matchers.every((matcher) => matcher?.(searched));
}

function clauseMatcher(clause: string): ((searched: Searched) => boolean) | null {
  const [, , name, field, , text, number] = CLAUSE.exec(clause) ?? [];
  const value = (text ?? number)?.replaceAll(/\\(["'])/g, '$1');
  if (value === undefined) return null;
  if (name !== undefined) return ({ metadata }) => metadata[name] === value;
  return (searched) => String(searched[field as keyof Searched]) === value;
}
