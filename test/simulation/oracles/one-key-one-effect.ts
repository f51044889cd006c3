/** `one-key-one-effect`: whoever asks again hears the very same, and an operation moves money once. */

import type { Evidence, Finding, Oracle } from '../evidence.ts';

export const ONE_KEY_ONE_EFFECT: Oracle = {
  name: 'one-key-one-effect',
  atEnd: async (evidence) => [
    ...answersThatDiffer(evidence),
    ...movedTwice(evidence),
    ...paymentsOfOneKey(evidence),
  ],
};

function answersThatDiffer({ history }: Evidence): Finding[] {
  return history
    .filter(({ answers }) => new Set(answers.map((a) => `${a.status} ${a.text}`)).size > 1)
    .map(({ key, payment, answers }) => ({
      invariant: 'one-key-one-effect',
      payment,
      what: `${key} was answered differently: ${answers.map((a) => `${a.status} ${a.text}`).join(' | ')}`,
    }));
}

function movedTwice({ provider, faults }: Evidence): Finding[] {
  const found: Finding[] = [];
  // A provider that has forgotten its keys is the one way to move twice; what it did is a fact then.
  if (faults.fired().some((name) => name.startsWith('key_expiry'))) return found;
  const seen = new Set<string>();
  for (const { reference, captures, refunds } of provider.books.charges.values()) {
    for (const { operation } of [...captures, ...refunds]) {
      if (operation === null) continue;
      const what = `${operation} moved money twice`;
      if (seen.has(operation)) found.push({ invariant: 'one-key-one-effect', payment: reference, what });
      seen.add(operation);
    }
  }
  return found;
}

/** Every payment that holds money at the provider was made by a key, and each key made one. */
function paymentsOfOneKey({ history, provider }: Evidence): Finding[] {
  const made = history.flatMap(({ kind, key, answers }) => {
    const [answer] = answers;
    if (kind !== 'create' || answer === undefined || answer.status >= 300) return [];
    return [{ key, id: (JSON.parse(answer.text) as { id: string }).id }];
  });
  const asked = history.filter(({ kind }) => kind === 'create').length;
  const payments = new Set([...provider.books.byReference.keys()]);
  const doubled = made.filter(({ id }, i) => made.findIndex((m) => m.id === id) !== i);
  const found: Finding[] = doubled.map(({ key, id }) => ({
    invariant: 'one-key-one-effect',
    payment: id,
    what: `${key} and another key made one payment`,
  }));
  if (payments.size > asked)
    found.push({
      invariant: 'one-key-one-effect',
      payment: null,
      what: `${asked} keys asked for a payment, and the provider has heard of ${payments.size}`,
    });
  return found;
}
