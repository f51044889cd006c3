/** Metrics in Prometheus text, each with its unit in its name. Labels are closed lists, never ids. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    httpSeconds: new Histogram({
      name: 'truepenny_http_request_seconds',
      help: 'Time from the request to its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'truepenny_commit_seconds',
      help: 'Time of one commit statement.',
      buckets: SECONDS,
      registers,
    }),
    commitGroupItems: new Histogram({
      name: 'truepenny_commit_group_items',
      help: 'Items carried by one commit statement.',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    commitConflicts: new Counter({
      name: 'truepenny_commit_conflicts_total',
      help: 'Commits that another writer forestalled.',
      registers,
    }),
    providerCalls: new Counter({
      name: 'truepenny_provider_calls_total',
      help: 'Calls that move money, by outcome.',
      labelNames: ['provider', 'operation', 'outcome'],
      registers,
    }),
    providerSeconds: new Histogram({
      name: 'truepenny_provider_call_seconds',
      help: 'Time of one call to a provider.',
      labelNames: ['provider', 'operation'],
      buckets: SECONDS,
      registers,
    }),
    unmappedDeclines: new Counter({
      name: 'truepenny_unmapped_declines_total',
      help: 'Declines whose code is in no table.',
      labelNames: ['provider'],
      registers,
    }),
    exceptionsRaised: new Counter({
      name: 'truepenny_exceptions_raised_total',
      help: 'Exceptions opened.',
      labelNames: ['type'],
      registers,
    }),
    webhooksReceived: new Counter({
      name: 'truepenny_webhooks_received_total',
      help: 'Deliveries of providers, by what became of them at the door.',
      labelNames: ['provider', 'result'],
      registers,
    }),
    webhooksProcessed: new Counter({
      name: 'truepenny_webhooks_processed_total',
      help: 'Stored deliveries, by what came of them.',
      labelNames: ['provider', 'result'],
      registers,
    }),
    webhookLagSeconds: new Histogram({
      name: 'truepenny_webhook_lag_seconds',
      help: 'From the receipt of a delivery to its being applied.',
      labelNames: ['provider'],
      buckets: [...SECONDS, 30, 60, 300, 3600],
      registers,
    }),
    inboxDepth: new Gauge({
      name: 'truepenny_inbox_depth',
      help: 'Deliveries that are not done, by state; alert when set_aside is above 0.',
      labelNames: ['provider', 'state'],
      registers,
    }),
    inboxOldestSeconds: new Gauge({
      name: 'truepenny_inbox_oldest_seconds',
      help: 'Age of the oldest delivery that is not done; alert above 60 for received.',
      labelNames: ['provider', 'state'],
      registers,
    }),
    consumerLagSeconds: new Gauge({
      name: 'truepenny_event_consumer_lag_seconds',
      help: 'Age of the first event that a consumer has not handed on; alert above 60.',
      labelNames: ['consumer'],
      registers,
    }),
    consumerFailures: new Gauge({
      name: 'truepenny_event_consumer_failures',
      help: 'How often in a row a consumer could not hand its events on; alert above 3.',
      labelNames: ['consumer'],
      registers,
    }),
    clockOffsetSeconds: new Gauge({
      name: 'truepenny_clock_offset_seconds',
      help: "The database's clock minus this machine's; alert beyond 1 either way.",
      registers,
    }),
    clockReadSeconds: new Gauge({
      name: 'truepenny_clock_read_timestamp_seconds',
      help: "When the database's clock was last read, as Unix time; alert when it is 300 s ago.",
      registers,
    }),
    accountSyncAgeSeconds: new Gauge({
      name: 'truepenny_provider_account_read_age_seconds',
      help: 'Since an account was last read at its provider, where that lists what moved; alert above 600.',
      labelNames: ['provider', 'account'],
      registers,
    }),
    scheduleDue: new Gauge({ name: 'truepenny_schedule_due', help: 'Timers that are due now.', registers }),
    scheduleOldestSeconds: new Gauge({
      name: 'truepenny_schedule_oldest_due_seconds',
      help: 'Age of the timer longest due.',
      registers,
    }),
  };
}
