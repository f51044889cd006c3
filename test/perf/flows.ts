/** What is driven: one payment from its first request to its last, over one connection. */

import { randomUUID } from 'node:crypto';
import type { Answer, Connection } from './http-client.ts';

export type FlowName = 'sale' | 'manual';

/** Resolves to null, or to what was wrong with the answer. */
export type Flow = (connection: Connection) => Promise<string | null>;

export const FLOWS: Record<FlowName, Flow> = {
  /** Authorise and capture in one operation: one request. */
  sale: async (connection) => {
    const key = randomUUID();
    return problemOf(await connection.post('/v1/payments', key, bodyOf(key, 'automatic')), 'captured');
  },
  /** Authorise, then capture: two requests. */
  manual: async (connection) => {
    const key = randomUUID();
    const created = await connection.post('/v1/payments', key, bodyOf(key, 'manual'));
    const problem = problemOf(created, 'authorized');
    if (problem !== null) return problem;
    const [, id] = /"id":"(pay_\w+)"/.exec(created.body) ?? [];
    return problemOf(await connection.post(`/v1/payments/${id}/capture`, `${key}-c`, '{}'), 'captured');
  },
};

function bodyOf(reference: string, captureMethod: 'automatic' | 'manual'): string {
  return `{"amount":4200,"currency":"EUR","capture_method":"${captureMethod}","confirm":true,"payment_method":{"type":"card","token":"tok_approve"},"reference":"${reference}","description":"Two tickets","metadata":{"cart":"c-1","shop":"main"}}`;
}

function problemOf({ status, body }: Answer, wanted: string): string | null {
  return status === 200 && body.includes(`"status":"${wanted}"`) ? null : `${status} ${body.slice(0, 300)}`;
}
