/** What goes wrong with a database that a person can put right: told as a value, with the remedy beside it. */
export type Problem = {
  /** Stable, for programs: `disk_full`. */
  code: string;
  /** What happened, in one or two sentences. */
  message: string;
  /** What to do about it. */
  remedy: string;
};

export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failed(code: string, message: string, remedy: string): { ok: false; problem: Problem } {
  return { ok: false, problem: { code, message, remedy } };
}
