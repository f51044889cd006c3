/** What merchants ask for, and what they are told. */

export type Kind = 'create' | 'confirm' | 'capture' | 'void' | 'refund';
export type Answer = { status: number; text: string; code: string | null };

/** One intent of a merchant: all that was asked with its key, and all that was answered. */
export type Step = {
  life: number;
  kind: Kind;
  key: string;
  payment: string | null;
  input: object;
  askedAtMs: number;
  answers: Answer[];
};
