/** Payments and the webhooks about them, for the benchmarks of what comes in. */

import { randomUUID } from 'node:crypto';
import { webhook } from '../support/webhooks.ts';
import type { Flow } from './flows.ts';
import { type Connection, openConnection } from './http-client.ts';

export type Names = { reference: string; attempt: string; charge: string };

const MAKERS = 64;

/** Many, so that none grows a long history: a delivery usually speaks of a payment that had few before. */
export async function makePayments(port: number, secretKey: string, count: number): Promise<Names[]> {
  const made: Names[] = [];
  let left = count;
  const maker = async () => {
    const connection = await openConnection(port, secretKey);
    while (left-- > 0) made.push(await makePayment(connection));
    connection.close();
  };
  await Promise.all(Array.from({ length: MAKERS }, maker));
  return made;
}

async function makePayment(connection: Connection): Promise<Names> {
  const body = `{"amount":99999999,"currency":"EUR","confirm":true,"payment_method":{"type":"card","token":"tok_approve"}}`;
  const answer = await connection.post('/v1/payments', randomUUID(), body);
  const { id, latest_attempt } = JSON.parse(answer.body) as {
    id: string;
    latest_attempt: { id: string; provider_reference: string };
  };
  return { reference: id, attempt: latest_attempt.id, charge: latest_attempt.provider_reference };
}

/** Each delivery is another refund of one penny, made at the provider: an event, a journal, an exception. */
export function deliveries(payments: Names[]): Flow {
  let n = 0;
  return async (connection) => {
    const names = payments[n++ % payments.length];
    const data = { ...names, currency: 'EUR', amount: 1, movement: `mv_${randomUUID()}`, operation: null };
    const { headers, body } = webhook({ type: 'refund.succeeded', data });
    const answer = await connection.send('/webhooks/simulator/default', headers, body);
    return answer.status === 200 ? null : `${answer.status} ${answer.body.slice(0, 200)}`;
  };
}
