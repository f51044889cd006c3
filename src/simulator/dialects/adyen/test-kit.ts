/** The official SDK, told where the simulator is at its HTTP client: it names Adyen's hosts itself. */

import {
  CheckoutAPI,
  Client,
  type Config,
  EnvironmentEnum,
  HttpClientException,
  type Types,
} from '@adyen/api-library';
import type { SimulatorOptions } from '../../server.ts';
import { movableWorld, testSimulator } from '../../test-kit.ts';
import { SECRET as PLAIN_SECRET, receiver } from '../../webhooks/test-kit.ts';

export const ACCOUNT = 'TestMerchant';
export const HMAC_KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
export const RETURN_URL = 'http://127.0.0.1:9/return';

export async function adyenSimulator(options: Partial<SimulatorOptions> = {}) {
  const world = movableWorld();
  const simulator = await testSimulator({ world, dialectPorts: { adyen: 0 }, ...options });
  const url = simulator.dialectUrls.get('adyen') ?? '';
  return { simulator, world, url, checkout: sdkAt(url) };
}

export function sdkAt(url: string): CheckoutAPI {
  const config: Config = { apiKey: 'AQE_simulator', environment: EnvironmentEnum.TEST };
  return new CheckoutAPI(new Client(config, { request: (...asked) => send(url, ...asked) }));
}

type Options = Parameters<Client['httpClient']['request']>[4];

/** As in docs/guides/simulator.md: what any program writes to send the SDK's requests elsewhere. */
async function send(
  address: string,
  endpoint: string,
  body: string | Buffer,
  { apiKey = '' }: Config,
  _: boolean,
  { method = 'POST', idempotencyKey = '', params }: NonNullable<Options> = {},
): Promise<string> {
  const query = new URLSearchParams(params as Record<string, string>);
  const url = `${address}${new URL(endpoint).pathname}?${query}`;
  const headers = {
    'content-type': 'application/json',
    'x-api-key': apiKey,
    'idempotency-key': idempotencyKey,
  };
  const answer = await fetch(url, { method, headers, ...(body && { body: String(body) }) });
  const text = await answer.text();
  if (answer.ok) return text;
  const { errorCode } = JSON.parse(text);
  throw new HttpClientException({ message: text, statusCode: answer.status, errorCode, responseBody: text });
}

/** A card payment that is to be captured later. */
export function payment(overrides: object = {}): Types.checkout.PaymentRequest {
  return {
    merchantAccount: ACCOUNT,
    reference: 'order-1',
    amount: { currency: 'EUR', value: 4200 },
    paymentMethod: { type: 'scheme', encryptedCard: 'tok_approve' },
    returnUrl: RETURN_URL,
    additionalData: { manualCapture: 'true' },
    ...overrides,
  } as Types.checkout.PaymentRequest;
}

/** What the simulator sends to an endpoint of this dialect. */
export async function listening(simulator: Awaited<ReturnType<typeof testSimulator>>) {
  const target = await receiver(PLAIN_SECRET);
  await simulator.post('/settings', { webhook_retry_ms: [1], webhook_concurrency: 1 });
  await simulator.post('/webhook-endpoints', { url: target.url, secret: HMAC_KEY, dialect: 'adyen' });
  const items = () =>
    target.got.flatMap(({ body }) => (JSON.parse(body) as Notification).notificationItems.map(itemOf));
  return { target, items };
}

type Item = Types.notification.NotificationRequestItem;
type Notification = { notificationItems: { NotificationRequestItem: Item }[] };

const itemOf = ({ NotificationRequestItem }: Notification['notificationItems'][number]) =>
  NotificationRequestItem;

/** What the SDK threw. */
export async function refusal(call: Promise<unknown>): Promise<HttpClientException> {
  const got = await call.then(
    (value) => value,
    (error: unknown) => error,
  );
  if (got instanceof HttpClientException) return got;
  throw new Error(`This should have been refused: ${JSON.stringify(got)}`);
}
