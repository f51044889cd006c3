/** What verifying found: the first thing that does not hold, some more, and how many by invariant. */

import type { AuditFinding } from '../../flow/audit.ts';

export type InvariantName =
  | AuditFinding['name']
  | 'one-key-one-effect'
  /** Every stream stands where the digest outside the database attested it. */
  | 'attested-by-digest'
  /** The digests themselves: none changed, removed or inserted. */
  | 'digest-series';

export type Finding = {
  invariant: InvariantName;
  /** `pay_…`, or null where it is of no single payment. */
  payment: string | null;
  /** Names the event, journal, row or digest, and what is wrong with it. */
  what: string;
};

export type Counts = { payments: number; events: number; journals: number; heads: number };

export type DigestSummary = {
  /** The last digest: its number, and the SHA-256 of its header, worth keeping elsewhere. */
  digest: number;
  sha256: string;
  taken_at: string;
  /** Events newer than it; null when that cannot be told, as after a restore. Counting stops at `EVENTS_COUNTED`. */
  events_since: number | null;
};

export type Report = {
  holds: boolean;
  checked: Counts;
  /** Null when all was checked; else where it stopped, and the payment to go on from, if any. */
  stopped: { phase: Phase; from: string | null } | null;
  /** The first things that do not hold, in the order in which they were found. */
  findings: Finding[];
  counts: { [name in InvariantName]?: number };
  digest: DigestSummary | null;
  private_parts_erased: number;
  /** What is worth knowing, and no violation. */
  notes: string[];
  duration_ms: number;
};

export type Phase = 'payments' | 'ledger' | 'other tables' | 'digests';

/** `total` is PostgreSQL's estimate, null when it has none. */
export type Progress = {
  phase: Phase;
  payments: number;
  total: number | null;
  per_second: number;
  at: string | null;
};

/** The first one and twenty more; the rest is counted. */
const FINDINGS_KEPT = 21;

export type Collector = {
  found(finding: Finding): void;
  note(text: string): void;
  checked: Counts;
  erased: { privateParts: number };
  result(): Pick<Report, 'holds' | 'findings' | 'counts' | 'checked' | 'private_parts_erased' | 'notes'>;
};

export function collector(): Collector {
  const findings: Finding[] = [];
  const counts: Report['counts'] = {};
  const notes: string[] = [];
  const checked = { payments: 0, events: 0, journals: 0, heads: 0 };
  const erased = { privateParts: 0 };
  return {
    found(finding) {
      if (findings.length < FINDINGS_KEPT) findings.push(finding);
      counts[finding.invariant] = (counts[finding.invariant] ?? 0) + 1;
    },
    note: (text) => void notes.push(text),
    checked,
    erased,
    result: () => ({
      holds: findings.length === 0,
      findings,
      counts,
      checked,
      private_parts_erased: erased.privateParts,
      notes,
    }),
  };
}
