/** The connector and a simulator that it talks to over loopback, with requests to send. */

import { onTestFinished } from 'vitest';
import type { SimulatorOptions } from '../../simulator/server.ts';
import { movableWorld, testSimulator } from '../../simulator/test-kit.ts';
import type {
  AuthorizeRequest,
  CaptureRequest,
  CompleteRequest,
  ProviderRequest,
  RefundRequest,
  VoidRequest,
} from '../port.ts';
import { simulatorConnector } from './connector.ts';

export const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
export const DEADLINE_MS = 200;

/** Limits are far below those of production, so that a timeout is a matter of milliseconds. */
export async function testPair(options: Partial<SimulatorOptions> = {}, deadlineMs = DEADLINE_MS) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, ...options });
  const limits = { timeoutMs: deadlineMs, lookUpTimeoutMs: deadlineMs };
  const connector = simulatorConnector({ url: simulator.url, world, limits });
  onTestFinished(connector.close);
  await simulator.post('/settings', { slow_ms: 20 });
  const perform = async (request: ProviderRequest) => (await connector.perform(request, TRACE)).outcome;
  const lookUp = async (request: ProviderRequest) => {
    const { call: _, ...result } = await connector.lookUp(request, TRACE);
    return result;
  };
  const book = async () => (await simulator.books()).charges[0];
  return { world, simulator, connector, perform, lookUp, book };
}

const COMMON = { attempt: 'att_1', reference: 'pay_1', amount: 4200, currency: 'EUR' };

export function authorize(token: string, overrides: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  return {
    ...COMMON,
    kind: 'authorize',
    providerReference: null,
    operation: 'op_authorize',
    capture: true,
    paymentMethod: { type: 'card', token },
    offSession: false,
    returnUrl: 'http://127.0.0.1:9/return',
    ...overrides,
  };
}

export function complete(providerReference: string): CompleteRequest {
  return { ...COMMON, kind: 'complete', operation: 'op_complete', providerReference, returned: null };
}

export function capture(providerReference: string, overrides: Partial<CaptureRequest> = {}): CaptureRequest {
  const operation = 'op_capture';
  return {
    ...COMMON,
    kind: 'capture',
    operation,
    providerReference,
    amount: 1000,
    final: true,
    ...overrides,
  };
}

export function voiding(providerReference: string | null): VoidRequest {
  return { ...COMMON, kind: 'void', operation: 'op_void', providerReference, captured: 0 };
}

export function refund(providerReference: string, overrides: Partial<RefundRequest> = {}): RefundRequest {
  const operation = 'op_refund';
  return {
    ...COMMON,
    kind: 'refund',
    operation,
    providerReference,
    captureReference: null,
    amount: 500,
    ...overrides,
  };
}
