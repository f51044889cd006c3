/**
 * Which provider account takes a new attempt: the one that was named, else the first that can. Every candidate is kept
 * with the reason for which it was taken or left. Rules, health and costs come with their issue.
 */

import type { Accounts, Capabilities, Connector, ProviderAccount } from '../../connectors/port.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { toUuid } from '../../core/ids.ts';
import type { CaptureMethod, Mode, PaymentMethod, Routing } from '../../core/payment/events.ts';

export type Wish = {
  /** Null: any that can. */
  account: string | null;
  mode: Mode;
  currency: string;
  method: PaymentMethod;
  captureMethod: CaptureMethod;
  offSession: boolean;
};

export type Routed = { ok: true; routing: Routing } | { ok: false; code: ErrorCode; more: object };

/** Why an account is left: what it lacks, in a word for programs and a sentence for people. */
type Lack = { capability: string; reason: string };
type Candidate = { account: ProviderAccount; connector: Connector; lack: Lack | null };

export function route(accounts: Accounts, attempt: string, wish: Wish): Routed {
  const candidates = [...accounts.values()].map((account) => candidateOf(account, attempt, wish));
  const named = candidates.find((c) => c.account.account === wish.account);
  if (wish.account !== null && !named)
    return { ok: false, code: 'provider_account_unknown', more: { provider_account: wish.account } };
  const able = named ? [named] : candidates;
  const taken = able.find((c) => c.lack === null);
  if (!taken) return { ok: false, code: 'not_supported_by_provider', more: lackOf(able) };
  const { account, connector } = taken;
  const why = named ? 'named by the request' : reasonFor(candidates);
  return {
    ok: true,
    routing: {
      provider: account.provider,
      account: account.account,
      version: connector.version,
      candidates: candidates.map((c) => ({
        provider: c.account.provider,
        account: c.account.account,
        taken: c === taken,
        reason: c === taken ? why : (c.lack?.reason ?? 'able as well, and not chosen'),
      })),
    },
  };
}

function reasonFor(candidates: Candidate[]): string {
  return candidates.length === 1 ? 'the only provider that is configured' : 'the first that is able';
}

function candidateOf(account: ProviderAccount, attempt: string, wish: Wish): Candidate {
  const connector = connectorFor(account, attempt);
  return { account, connector, lack: modeLack(account, wish) ?? lackIn(connector.capabilities, wish) };
}

/** The same attempt always meets the same version: its id's random part decides. */
function connectorFor({ versions }: ProviderAccount, attempt: string): Connector {
  const point = Number.parseInt(toUuid(attempt).slice(-8), 16) % 100;
  let sum = 0;
  for (const { connector, percent } of versions) {
    sum += percent;
    if (point < sum) return connector;
  }
  throw new Error('the percents of an account make 100');
}

function modeLack({ mode }: ProviderAccount, wish: Wish): Lack | null {
  if (mode === 'any' || mode === wish.mode) return null;
  return { capability: `mode.${wish.mode}`, reason: `takes ${mode} payments only` };
}

function lackIn(can: Capabilities, { method, currency, captureMethod, offSession }: Wish): Lack | null {
  const { type } = method;
  if (!can.methods.includes(type)) return lack(`payment_method.${type}`, `does not take ${type}`);
  if (can.currencies !== 'all' && !can.currencies.includes(currency))
    return lack(`currency.${currency}`, `does not take ${currency}`);
  if (captureMethod === 'manual' && !can.manualCapture.includes(type))
    return lack('manual_capture', `takes the money of ${type} at once`);
  if ('stored' in method && !can.storedMethods) return lack('stored_methods', 'keeps no payment methods');
  if (offSession && !can.merchantInitiated)
    return lack('merchant_initiated', 'does not charge customers who are away');
  return null;
}

function lack(capability: string, reason: string): Lack {
  return { capability, reason };
}

function lackOf(candidates: Candidate[]): object {
  const left = candidates.map(({ account, lack: of }) => ({
    provider: account.provider,
    provider_account: account.account,
    capability: of?.capability,
    reason: of?.reason,
  }));
  return left.length === 1 ? { ...left[0] } : { candidates: left };
}
