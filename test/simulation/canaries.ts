/**
 * Deliberate breakages, one at a time: each a line of the product that is replaced while the modules are loaded, in
 * the simulation's process alone. Nothing in the product can switch one on.
 */

export type Canary = {
  name: string;
  /** What is broken, for people. */
  breaks: string;
  /** From the repository's root. */
  file: string;
  find: string;
  replace: string;
};

export const CANARIES: readonly Canary[] = [
  {
    name: 'no-version-check',
    breaks: 'the commit statement does not compare the version of the stream',
    file: 'src/db/migrations/0008_commit_function.sql',
    find: 'perform from unnest(changed) c join payments p on p.id = c.id\n    where p.version = c.expected',
    replace: 'perform from unnest(changed) c join payments p on p.id = c.id\n    where true',
  },
  {
    name: 'no-reservation',
    breaks: 'the idempotency key is not reserved with the first commit',
    file: 'src/flow/submit.ts',
    find: 'return { ...keyOf(submission), reserve: { fingerprint, ids }, answer };',
    replace: 'return { ...keyOf(submission), reserve: ((_: object) => null)({ fingerprint, ids }), answer };',
  },
  {
    name: 'answer-not-stored',
    breaks: 'the answer of a key is not written down',
    file: 'src/flow/submit.ts',
    find: 'return { ...keyOf(submission), reserve: null, answer };',
    replace: 'return answer ? null : null;',
  },
  {
    name: 'ids-minted-anew',
    breaks: 'a repeated request goes on with new ids instead of those of its key',
    file: 'src/flow/submit.ts',
    find: 'const ids = JSON.parse(row.ids) as Ids;',
    replace: 'const ids = submission.ids;',
  },
  {
    name: 'conflict-is-committed',
    breaks: 'a commit that met another writer is taken for done',
    file: 'src/flow/commit.ts',
    find: "return { kind: ours ? 'committed' : 'conflict' };",
    replace: "return { kind: ours || true ? 'committed' : 'conflict' };",
  },
  {
    name: 'unknown-is-failed',
    breaks: 'an unknown outcome is taken for a failure',
    file: 'src/core/payment/outcomes.ts',
    find: "    case 'unknown':\n",
    replace:
      "    case 'unknown':\n      if (isUnresolved(operation)) return fail(draft, operation, { kind: 'not_sent', evidence: 'lookup', reason: '' }, call);\n",
  },
  {
    name: 'attempt-while-unknown',
    breaks: 'another attempt may start while nobody knows what became of the last one',
    file: 'src/core/payment/requests.ts',
    find: "  if (now === 'processing') return 'operation_unresolved';\n  if (now === 'requires_action') return replaceAttempt(draft, command);\n  if (now !== 'requires_payment_method' && now !== 'requires_confirmation') return 'payment_not_confirmable';\n  if (state.attempts.some(isLive)) return 'operation_unresolved';\n",
    replace:
      "  if (now === 'requires_action') return replaceAttempt(draft, command);\n  if (now !== 'processing' && now !== 'requires_payment_method' && now !== 'requires_confirmation') return 'payment_not_confirmable';\n  isLive;\n",
  },
  {
    name: 'random-provider-key',
    breaks: "the provider's idempotency key is another one on every call",
    file: 'src/connectors/simulator/client.ts',
    find: "'idempotency-key': request.key }",
    replace: "'idempotency-key': `$" + '{request.key}-$' + '{request.trace.traceparent.slice(36, 52)}` }',
  },
  {
    name: 'timeout-is-not-sent',
    breaks: 'a call that was not answered in time is taken for one that was never sent',
    file: 'src/connectors/http.ts',
    find: ": { kind: 'unknown', reason: 'timeout' },",
    replace: ": notSent(new Error('timeout')),",
  },
  {
    name: 'reset-is-not-sent',
    breaks: 'a connection that breaks after sending is taken for one that was refused',
    file: 'src/connectors/http.ts',
    find: "end(controller === null ? notSent(error) : { kind: 'unknown', reason: 'connection_reset' });",
    replace: 'end(notSent(error));',
  },
  {
    name: 'server-error-is-rejected',
    breaks: "a provider's 5xx is taken for a refusal",
    file: 'src/connectors/simulator/answer.ts',
    find: "if (status >= 500) return { kind: 'unknown', reason: 'server_error' };",
    replace: "if (status >= 500) return rejected('server_error', {});",
  },
  {
    name: 'webhook-before-stored',
    breaks: 'a webhook is acknowledged before it is stored',
    file: 'src/features/webhooks/receive.ts',
    find: '? await store(rowOf(deps.world, provider, account, delivery, verdict.eventId))',
    replace:
      "? (store(rowOf(deps.world, provider, account, delivery, verdict.eventId)).catch(() => null), { kind: 'stored' } as const)",
  },
  {
    name: 'signature-ignored',
    breaks: 'a webhook is taken whatever its signature',
    file: 'src/features/webhooks/receive.ts',
    find: 'const verdict = webhooks.verify(delivery, secrets, deps.world.now());',
    replace:
      "const verdict: Verdict = { ok: true, eventId: delivery.headers['webhook-id'] ?? null }; webhooks.verify(delivery, secrets, deps.world.now());",
  },
  {
    name: 'failed-delivery-dropped',
    breaks: 'a webhook whose processing failed is taken for done',
    file: 'src/features/webhooks/process.ts',
    find: '    return failed(deps, row, error);',
    replace:
      "    failed(deps, row, error);\n    return { row, applied: { kind: 'ignored', why: 'failed' } };",
  },
  {
    name: 'late-facts-ignored',
    breaks: 'what a provider tells of an attempt that is over is ignored',
    file: 'src/core/payment/facts.ts',
    find: '  if (mustWait(draft.state, fact)) keepWaiting(draft, fact);',
    replace:
      '  if (findAttempt(draft.state, fact.attempt).closed !== null) return;\n  if (mustWait(draft.state, fact)) keepWaiting(draft, fact);',
  },
  {
    name: 'movements-counted-twice',
    breaks: 'a movement that is told again is booked again',
    file: 'src/core/payment/movements.ts',
    find: '  if (before === undefined) return false;',
    replace: '  if (before === undefined || before.amount > 0) return false;',
  },
  {
    name: 'capture-posted-twice',
    breaks: 'a capture is posted with twice its amount',
    file: 'src/core/postings.ts',
    find: 'const taken = move(receivable(provider), merchant, amount - (covers?.amount ?? 0));',
    replace: 'const taken = move(receivable(provider), merchant, 2 * (amount - (covers?.amount ?? 0)));',
  },
  {
    name: 'failed-refund-keeps-money',
    breaks: 'a refund that failed does not give its money back to the merchant',
    file: 'src/core/postings.ts',
    find: 'return journal(event.type, move(inFlight(event.data.provider), merchant, event.data.amount));',
    replace: 'return journal(event.type, move(inFlight(event.data.provider), merchant, 0));',
  },
  {
    name: 'refund-without-limit',
    breaks: 'a refund may be larger than what is left',
    file: 'src/core/payment/requests.ts',
    find: "if (amount > refundable(state, attempt) || amount === 0) return 'amount_exceeds_refundable';",
    replace: "if (amount === 0) return 'amount_exceeds_refundable';",
  },
  {
    name: 'capture-without-limit',
    breaks: 'a capture may be larger than what is left',
    file: 'src/core/payment/requests.ts',
    find: "if (amount > capturable(state, attempt) || amount === 0) return 'amount_exceeds_capturable';",
    replace: "if (amount === 0) return 'amount_exceeds_capturable';",
  },
  {
    name: 'no-lease',
    breaks: 'an operation is written down without the timer that lets another process take over',
    file: 'src/flow/item.ts',
    find: '    if (!anew && were.some((one) => same(one, timer))) continue;',
    replace: "    if (timer.kind === 'operation' || were.some((one) => same(one, timer))) continue;",
  },
  {
    name: 'unwanted-kept',
    breaks: 'money that nobody wants any more is not given back',
    file: 'src/core/payment/draft.ts',
    find: "if (reason === null || attempt.released === 'refund' || !holdsMoney(attempt)) return;",
    replace: "if (reason !== null || attempt.released === 'refund' || !holdsMoney(attempt)) return;",
  },
  {
    name: 'replaced-at-once',
    breaks: 'another card is charged before the challenge of the first is cancelled',
    file: 'src/core/payment/requests.ts',
    find: "  abandon(draft, open, 'replaced', cancel, plan);",
    replace: "  abandon(draft, open, 'replaced', cancel, null);\n  startAttempt(draft, plan);",
  },
  {
    name: 'resolved-without-asking',
    breaks: 'an operation whose process died is given up without asking the provider',
    file: 'src/flow/resolve.ts',
    find: "const outcome = { kind: 'unknown' as const, reason: 'lease_expired' as const };",
    replace:
      "const outcome = { kind: 'not_sent' as const, evidence: 'lookup' as const, reason: 'lease_expired' };",
  },
];

/** The text with the canary in it. Throws when its place is not there exactly once. */
export function broken({ name, find, replace }: Canary, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(`canary ${name}: its place was found ${parts.length - 1} times: write it anew`);
  return parts.join(replace);
}
