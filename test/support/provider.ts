/** The simulator as a test sees it: its books, which are the oracle, and the levers that make it misbehave. */

export type Charge = {
  reference: string;
  attempt: string;
  provider_reference: string;
  currency: string;
  status: string;
  authorized: number;
  captured: number;
  refunded: number;
  voided: number;
  captures: { id: string; amount: number; operation: string | null }[];
  refunds: { id: string; amount: number; operation: string | null }[];
  calls: Call[];
};

export type Call = {
  operation: string;
  operation_id: string;
  fault: string | null;
  http_status: number | null;
};

export type Operation = 'authorize' | 'complete' | 'capture' | 'void' | 'refund' | 'lookup';

export type Fault = { operation: Operation; fault: string; times?: number; reference?: string };

export type Provider = {
  url: string;
  /** Every charge of a payment, or of all of them. */
  charges(reference?: string): Promise<Charge[]>;
  /** Every call it was asked about a payment, those that made nothing included; look-ups left out. */
  calls(reference: string): Promise<Call[]>;
  arm(fault: Fault): Promise<void>;
  disarm(): Promise<void>;
  outage(mode: 'up' | 'down' | 'hanging'): Promise<void>;
  settings(change: object): Promise<void>;
  /** Stops sending webhooks, or sends what has gathered and goes on. */
  webhooks(what: 'pause' | 'resume'): Promise<void>;
  /** How many webhooks are still to be sent. */
  webhooksPending(): Promise<number>;
  /** What the customer does on the page of the challenge; gives where the browser is sent, if anywhere. */
  answerChallenge(page: string, button: 'approve' | 'fail' | 'abandon'): Promise<string | null>;
};

export function providerAt(url: string): Provider {
  const books = async (query: string) =>
    (await send(`${url}/books?${query}`)) as {
      charges: Charge[];
      calls_without_charge: Call[];
      next_cursor: string | null;
    };
  return {
    url,
    async charges(reference) {
      const all: Charge[] = [];
      const of = reference === undefined ? '' : `&reference=${reference}`;
      for (let cursor: string | null = '0'; cursor !== null; ) {
        const page = await books(`cursor=${cursor}${of}`);
        all.push(...page.charges);
        cursor = page.next_cursor;
      }
      return all;
    },
    async calls(reference) {
      const { charges, calls_without_charge } = await books(`reference=${reference}`);
      const calls = [...charges.flatMap((charge) => charge.calls), ...calls_without_charge];
      return calls.filter((call) => call.operation !== 'lookup');
    },
    arm: async (fault) => void (await send(`${url}/faults`, 'POST', fault)),
    disarm: async () => void (await send(`${url}/faults`, 'DELETE')),
    outage: async (mode) => void (await send(`${url}/outage`, 'POST', { mode })),
    settings: async (change) => void (await send(`${url}/settings`, 'POST', change)),
    webhooks: async (what) => void (await send(`${url}/webhooks/${what}`, 'POST')),
    async webhooksPending() {
      const { endpoints } = (await send(`${url}/webhook-endpoints`)) as { endpoints: { pending: number }[] };
      return endpoints.reduce((sum, { pending }) => sum + pending, 0);
    },
    async answerChallenge(page, button) {
      const answer = await fetch(`${page}/${button}`, { method: 'POST', redirect: 'manual' });
      await answer.text();
      if (answer.status !== 200 && answer.status !== 303)
        throw new Error(`the page answered ${answer.status}`);
      return answer.headers.get('location');
    },
  };
}

async function send(url: string, method = 'GET', body?: object): Promise<unknown> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}
