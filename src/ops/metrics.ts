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
    scheduleDue: new Gauge({ name: 'truepenny_schedule_due', help: 'Timers that are due now.', registers }),
    scheduleOldestSeconds: new Gauge({
      name: 'truepenny_schedule_oldest_due_seconds',
      help: 'Age of the timer longest due.',
      registers,
    }),
  };
}
