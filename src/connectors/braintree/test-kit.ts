/** The connector and a simulator that speaks as Braintree, over loopback, with requests to send. */

import { onTestFinished } from 'vitest';
import { braintreeSimulator } from '../../simulator/dialects/braintree/test-kit.ts';
import type {
  AuthorizeRequest,
  CaptureRequest,
  ProviderRequest,
  RefundRequest,
  VoidRequest,
} from '../port.ts';
import { readAccount } from './account.ts';
import { braintreeConnector } from './connector.ts';

export const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
export const DEADLINE_MS = 300;

export const ID = {
  payment: 'pay_01jd3q5v8mf6gt2wz9xk4c7h0a',
  attempt: 'att_01jd3q5v8mf6gt2wz9xk4c7h0b',
};

/** Settings as text, so that a test can say what an account is configured with. */
export function accountAt(url: string | null, settings: Record<string, string | boolean> = {}) {
  return readAccount({
    account: 'default',
    provider: 'braintree',
    url,
    mode: 'test',
    versions: [],
    credentials: { merchant_id: 'merchant', public_key: 'public_key', private_key: 'private_key' },
    settings: { merchant_accounts: 'EUR=acme_eur,JPY=acme_jpy', ...settings },
  });
}

export async function braintreePair(settings: Record<string, string | boolean> = {}) {
  const { simulator, world, url, gateway } = await braintreeSimulator();
  const limits = { timeoutMs: DEADLINE_MS, lookUpTimeoutMs: DEADLINE_MS };
  const connector = braintreeConnector({ account: accountAt(url, settings), world, limits });
  onTestFinished(connector.close);
  const perform = (request: ProviderRequest) => connector.perform(request, TRACE);
  const lookUp = async (request: ProviderRequest) => {
    const { call: _, ...result } = await connector.lookUp(request, TRACE);
    return result;
  };
  const book = async () => (await simulator.books()).charges[0];
  const arm = (operation: string, fault: string) => simulator.post('/faults', { operation, fault });
  return { simulator, world, gateway, connector, perform, lookUp, book, arm };
}

const COMMON = { attempt: ID.attempt, reference: ID.payment, amount: 4200, currency: 'EUR' };

export function authorize(overrides: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  return {
    ...COMMON,
    kind: 'authorize',
    operation: 'op_01jd3q5v8mf6gt2wz9xk4c7h01',
    providerReference: null,
    capture: false,
    offSession: false,
    paymentMethod: { type: 'card', token: 'fake-valid-nonce' },
    returnUrl: 'http://127.0.0.1:9/return',
    ...overrides,
  };
}

export function capture(providerReference: string, overrides: Partial<CaptureRequest> = {}): CaptureRequest {
  const operation = 'op_01jd3q5v8mf6gt2wz9xk4c7h02';
  return { ...COMMON, kind: 'capture', operation, providerReference, final: true, ...overrides };
}

export function voiding(providerReference: string | null): VoidRequest {
  return {
    ...COMMON,
    kind: 'void',
    operation: 'op_01jd3q5v8mf6gt2wz9xk4c7h03',
    providerReference,
    captured: 0,
  };
}

export function refund(providerReference: string, overrides: Partial<RefundRequest> = {}): RefundRequest {
  const operation = 'op_01jd3q5v8mf6gt2wz9xk4c7h04';
  return {
    ...COMMON,
    kind: 'refund',
    operation,
    providerReference,
    captureReference: null,
    amount: 1000,
    ...overrides,
  };
}
