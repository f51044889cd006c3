/** What a stored delivery says, brought into the payments that it speaks of. */

import type { Connector, Notice, Webhooks } from '../../connectors/port.ts';
import { fromUuid, isId } from '../../core/ids.ts';
import { type Attempt, accountOf } from '../../core/payment/state.ts';
import { decide, type Event, type State } from '../../core/payment.ts';
import { query } from '../../db/pool.ts';
import { type DueDelivery, PAYMENT_OF_REFERENCE } from '../../db/statements/inbox.ts';
import { type FlowDeps, readerOf } from '../../flow/deps.ts';
import { coreContext, handle } from '../../flow/handle.ts';
import { performAll } from '../../flow/perform.ts';
import { type Loaded, loadPayment } from '../../flow/stream.ts';
import { newTrace, type Trace } from '../../ops/trace.ts';

export type Applied =
  /** `events` by their types; of those that raise an exception, `exceptions` has its type. */
  | { kind: 'applied'; facts: number; events: string[]; exceptions: string[]; payments: string[] }
  | { kind: 'ignored'; why: string }
  /** Its payment, or the attempt, is not here yet; or something that tells more is about to come. */
  | { kind: 'parked'; why: string }
  /** Waiting would not help: a person looks. */
  | { kind: 'set_aside'; why: string };

type Told = Pick<DueDelivery, 'account' | 'body' | 'received_at'>;
type Origin = { provider: string; account: string };
type Target = { loaded: Loaded; attempt: string };
type Way = {
  load(payment: string): Promise<Loaded | null>;
  bring(target: Target, notice: Notice): Promise<Event[]>;
};

/** `trace`: the events are found under its correlation. */
export function applyDelivery(
  deps: FlowDeps,
  connector: Connector,
  delivery: Told,
  trace: Trace = newTrace(deps.world),
): Promise<Applied> {
  return bringAll(deps, connector, delivery, {
    load: (payment) => loadPayment(deps.pool, payment),
    bring: (target, notice) => record(deps, target, notice, delivery.received_at, trace),
  });
}

/** Decides and writes nothing. `ahead`: payments as they would be after the deliveries before this one. */
export function wouldApply(
  deps: FlowDeps,
  connector: Connector,
  delivery: Told,
  ahead: Map<string, Loaded>,
): Promise<Applied> {
  return bringAll(deps, connector, delivery, {
    load: async (payment) => ahead.get(payment) ?? loadPayment(deps.pool, payment),
    bring: async (target, notice) => wouldChange(deps, target, notice, delivery.received_at, ahead),
  });
}

async function bringAll(
  deps: FlowDeps,
  { name }: Connector,
  { account, body }: Told,
  way: Way,
): Promise<Applied> {
  const webhooks = readerOf(deps, name, account)?.webhooks;
  const parsed = webhooks?.parse(body);
  if (!webhooks || !parsed)
    return { kind: 'set_aside', why: `${name}/${account} is not configured, or has no webhooks` };
  if (parsed.kind === 'ignored') return { kind: 'ignored', why: parsed.why };
  if (parsed.kind === 'unreadable') return { kind: 'set_aside', why: `unreadable: ${parsed.why}` };
  if (!isStorable(parsed.notices))
    return { kind: 'set_aside', why: 'unreadable: letters that no text may hold' };
  const doubt = await doubtOf(deps, webhooks, body);
  if (doubt) return doubt;
  const events: Event[] = [];
  const payments = new Set<string>();
  for (const notice of parsed.notices) {
    const target = await find(deps, { provider: name, account }, notice, way);
    if (typeof target === 'string') return { kind: 'parked', why: target };
    const { currency } = target.loaded.position.state;
    if (notice.currency !== undefined && notice.currency !== currency)
      return { kind: 'set_aside', why: `tells of ${notice.currency}, and the payment is in ${currency}` };
    if (notice.fact.kind === 'declined' && isBeingAnswered(target))
      return { kind: 'parked', why: 'the answer to the call is on its way, and tells more of the refusal' };
    payments.add(target.loaded.payment);
    events.push(...(await way.bring(target, notice)));
  }
  const exceptions = events.flatMap((e) => (e.type === 'exception_raised' ? [e.data.type] : []));
  const types = events.map((event) => event.type);
  return {
    kind: 'applied',
    facts: parsed.notices.length,
    events: types,
    exceptions,
    payments: [...payments],
  };
}

/** U+0000 and lone surrogates: the database stores neither, and would put the same letter in the place of each. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  return typeof value !== 'object' || value === null || Object.values(value).every(isStorable);
}

/** The call is under way, or its process died: then its lease runs out, and it is unknown. */
function isBeingAnswered({ loaded, attempt }: Target): boolean {
  const { operations } = loaded.position.state;
  return operations.some((o) => o.attempt === attempt && o.kind !== 'void' && o.status === 'sending');
}

/** Where the signature proves too little, the provider is asked; null where it stands by what was sent. */
async function doubtOf(deps: FlowDeps, webhooks: Webhooks, body: Buffer): Promise<Applied | null> {
  const answer = await webhooks.confirm?.(body, newTrace(deps.world));
  switch (answer?.kind) {
    case undefined:
    case 'confirmed':
      return null;
    case 'denied':
      return { kind: 'set_aside', why: 'the provider was asked, and did not say this' };
    case 'unavailable':
      return {
        kind: 'parked',
        why: `the provider could not be asked whether it said this: ${answer.reason}`,
      };
    default:
      return answer satisfies never;
  }
}

/** What a delivery speaks of, as far as its bytes tell: those of one payment are best applied one after another. */
export function subjectOf(connector: Connector, { id, body }: Pick<DueDelivery, 'id' | 'body'>): string {
  try {
    const parsed = connector.webhooks?.parse(body);
    const notice = parsed?.kind === 'notices' ? parsed.notices[0] : undefined;
    return notice?.reference ?? notice?.providerReference ?? id;
  } catch {
    return id; // Told when it is applied.
  }
}

/** The payment by our reference, else by the provider's; a sentence where there is none yet. */
async function find(deps: FlowDeps, origin: Origin, notice: Notice, way: Way): Promise<Target | string> {
  const payment = await paymentOf(deps, origin, notice);
  const loaded = payment === null ? null : await way.load(payment);
  if (!loaded) return 'no payment is known by its references';
  const { state } = loaded.position;
  const attempt = state.attempts.find(
    (a) =>
      a.provider === origin.provider &&
      accountOf(a) === origin.account &&
      (a.id === notice.attempt ||
        (notice.providerReference !== null && isNamed(state, a, notice.providerReference))),
  );
  return attempt ? { loaded, attempt: attempt.id } : `${loaded.payment} has no such attempt`;
}

/** By its own id, or by that of what it captured or gave back: a dispute may name the capture that it is about. */
function isNamed(
  { captures, refunds }: State,
  { id, providerReference }: Attempt,
  reference: string,
): boolean {
  const moved = [...captures, ...refunds].some((x) => x.attempt === id && x.movement === reference);
  return providerReference === reference || moved;
}

async function paymentOf(
  deps: FlowDeps,
  { provider, account }: Origin,
  notice: Notice,
): Promise<string | null> {
  if (notice.reference !== null && isId('payment', notice.reference)) return notice.reference;
  if (notice.providerReference === null) return null;
  const values = [provider, account, notice.providerReference];
  const [row] = await query<{ payment_id: string }>(deps.pool, PAYMENT_OF_REFERENCE, values);
  return row ? fromUuid('payment', row.payment_id) : null;
}

async function record(
  deps: FlowDeps,
  { loaded, attempt }: Target,
  notice: Notice,
  receivedAt: string,
  trace: Trace,
): Promise<Event[]> {
  const { payment, mode } = loaded;
  const on = { payment, mode, ...trace };
  const command = commandOf(notice, attempt, receivedAt);
  const handled = await handle(deps, { ...on, command, at: loaded.position });
  if (handled.kind !== 'done') throw new Error(`a fact is never refused, but was: ${handled.kind}`);
  // A late approval that nobody wants any more is given back: the fact asks for that itself.
  await performAll(deps, on, handled);
  return handled.events;
}

function wouldChange(
  deps: FlowDeps,
  { loaded, attempt }: Target,
  notice: Notice,
  receivedAt: string,
  ahead: Map<string, Loaded>,
): Event[] {
  const command = commandOf(notice, attempt, receivedAt);
  const decision = decide(command, loaded.position.state, coreContext(deps));
  if (!decision.ok) return [];
  const position = { ...loaded.position, state: decision.state };
  ahead.set(loaded.payment, { ...loaded, position });
  return decision.events;
}

function commandOf({ fact }: Notice, attempt: string, receivedAt: string) {
  return { type: 'record_fact' as const, fact: { ...fact, attempt, received_at: receivedAt } };
}
