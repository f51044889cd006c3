/** What is said of one code. */

/** What to do with the same request: send it again with the same key, with a new key, or not at all. */
export type Retry = 'same_key' | 'new_key' | 'no';

export type ErrorRule = {
  title: string;
  /** One sentence that says what to do. */
  remedy: string;
  retry: Retry;
  customer_action_required: boolean;
  /** `unknown`: money may have moved; look at the payment before anything else. */
  outcome: 'none' | 'unknown';
};

export function error(title: string, remedy: string, retry: Retry, more: Partial<ErrorRule> = {}): ErrorRule {
  return { title, remedy, retry, customer_action_required: false, outcome: 'none', ...more };
}
