/** What a stored delivery says, brought into the payments that it speaks of. */

import type { Connector, Notice, Webhooks } from '../../connectors/port.ts';
import { fromUuid, isId } from '../../core/ids.ts';
import { accountOf } from '../../core/payment/state.ts';
import { decide, type Event } from '../../core/payment.ts';
import { query } from '../../db/pool.ts';
import { type DueDelivery, PAYMENT_OF_REFERENCE } from '../../db/statements/inbox.ts';
import { type FlowDeps, readerOf } from '../../flow/deps.ts';
import { coreContext, handle } from '../../flow/handle.ts';
import { performAll } from '../../flow/perform.ts';
import { type Loaded, loadPayment } from '../../flow/stream.ts';
import { newTrace } from '../../ops/trace.ts';

export type Applied =
  | { kind: 'applied'; facts: number; events: string[]; payments: string[] }
  | { kind: 'ignored'; why: string }
  /** Its payment, or the attempt, is not here yet. */
  | { kind: 'parked'; why: string }
  /** Waiting would not help: a person looks. */
  | { kind: 'set_aside'; why: string };

type Target = { loaded: Loaded; attempt: string };

/** `dry` decides and writes nothing: what would change. */
export async function applyDelivery(
  deps: FlowDeps,
  { name }: Connector,
  delivery: Pick<DueDelivery, 'account' | 'body' | 'received_at'>,
  { dry }: { dry: boolean } = { dry: false },
): Promise<Applied> {
  const { account, body } = delivery;
  const webhooks = readerOf(deps, name, account)?.webhooks;
  const parsed = webhooks?.parse(body);
  if (!webhooks || !parsed)
    return { kind: 'set_aside', why: `${name}/${account} is not configured, or has no webhooks` };
  if (parsed.kind === 'ignored') return { kind: 'ignored', why: parsed.why };
  if (parsed.kind === 'unreadable') return { kind: 'set_aside', why: `unreadable: ${parsed.why}` };
  const doubt = await doubtOf(deps, webhooks, body);
  if (doubt) return doubt;
  const events: string[] = [];
  const payments = new Set<string>();
  for (const notice of parsed.notices) {
    const target = await find(deps, { provider: name, account }, notice);
    if (typeof target === 'string') return { kind: 'parked', why: target };
    payments.add(target.loaded.payment);
    const bring = dry ? wouldChange : record;
    events.push(...(await bring(deps, target, notice, delivery.received_at)).map((event) => event.type));
  }
  return { kind: 'applied', facts: parsed.notices.length, events, payments: [...payments] };
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
type Origin = { provider: string; account: string };

async function find(deps: FlowDeps, origin: Origin, notice: Notice): Promise<Target | string> {
  const payment = await paymentOf(deps, origin, notice);
  const loaded = payment === null ? null : await loadPayment(deps.pool, payment);
  if (!loaded) return 'no payment is known by its references';
  const { attempts } = loaded.position.state;
  const attempt = attempts.find(
    (a) =>
      a.provider === origin.provider &&
      accountOf(a) === origin.account &&
      (a.id === notice.attempt ||
        (notice.providerReference !== null && a.providerReference === notice.providerReference)),
  );
  return attempt ? { loaded, attempt: attempt.id } : `${loaded.payment} has no such attempt`;
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
): Promise<Event[]> {
  const { payment, mode } = loaded;
  const on = { payment, mode, ...newTrace(deps.world) };
  const command = commandOf(notice, attempt, receivedAt);
  const handled = await handle(deps, { ...on, command, at: loaded.position });
  if (handled.kind !== 'done') throw new Error(`a fact is never refused, but was: ${handled.kind}`);
  // A late approval that nobody wants any more is given back: the fact asks for that itself.
  await performAll(deps, on, handled);
  return handled.events;
}

async function wouldChange(
  deps: FlowDeps,
  { loaded, attempt }: Target,
  notice: Notice,
  receivedAt: string,
): Promise<Event[]> {
  const command = commandOf(notice, attempt, receivedAt);
  const decision = decide(command, loaded.position.state, coreContext(deps));
  return decision.ok ? decision.events : [];
}

function commandOf({ fact }: Notice, attempt: string, receivedAt: string) {
  return { type: 'record_fact' as const, fact: { ...fact, attempt, received_at: receivedAt } };
}
