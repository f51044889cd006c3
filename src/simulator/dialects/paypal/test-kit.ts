/** The official SDK, which names its hosts itself: at its HTTP client it is told where the simulator is. */

import {
  ApiError,
  Client,
  Environment,
  OrdersController,
  PaymentsController,
} from '@paypal/paypal-server-sdk';
import type { SimulatorOptions } from '../../server.ts';
import { movableWorld, testSimulator } from '../../test-kit.ts';

const NAMED_BY_SDK = 'https://api-m.sandbox.paypal.com';

export async function paypalSimulator(options: Partial<SimulatorOptions> = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { paypal: 0 }, ...options });
  const url = simulator.dialectUrls.get('paypal') ?? '';
  return { simulator, world, url, ...sdkAt(url) };
}

export function sdkAt(url: string) {
  const client = new Client({
    environment: Environment.Sandbox,
    timeout: 5_000,
    clientCredentialsAuthCredentials: { oAuthClientId: 'client', oAuthClientSecret: 'secret' },
    unstable_httpClientOptions: { adapter: adapterTo(url) },
  });
  return { orders: new OrdersController(client), payments: new PaymentsController(client) };
}

type AxiosRequest = { url?: string; method?: string; data?: string; headers: object };

/** An adapter of the SDK's axios: the same request, sent to another host. */
function adapterTo(url: string) {
  return async (config: AxiosRequest) => {
    const answer = await fetch(String(config.url).replace(NAMED_BY_SDK, url), {
      method: config.method ?? 'GET',
      headers: Object.entries(config.headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(config.data === undefined ? {} : { body: config.data }),
    });
    const headers = Object.fromEntries(answer.headers);
    return {
      data: await answer.text(),
      status: answer.status,
      statusText: '',
      headers,
      config,
      request: null,
    };
  };
}

/** The status and the issue that the SDK was refused with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number; issue: string | undefined }> {
  const got = await call.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (!(got instanceof ApiError)) throw new Error(`This should have been refused: ${JSON.stringify(got)}`);
  const body = JSON.parse(String(got.body)) as { details?: { issue: string }[] };
  return { status: got.statusCode, issue: body.details?.[0]?.issue };
}

/** A token for what the SDK does not know. */
export async function bearer(url: string): Promise<Record<string, string>> {
  const basic = Buffer.from('client:secret').toString('base64');
  const answer = await fetch(`${url}/v1/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
}
