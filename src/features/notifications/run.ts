/** The worker's part: hands on events, delivers what is due, forgets what is old. Any number of workers. */

import { runStatement } from '../../db/pool.ts';
import { type ClaimedRow, FORGET_DELIVERIES } from '../../db/statements/notifications.ts';
import { LIMITS } from '../../ops/limits.ts';
import { claim, deliver } from './deliver.ts';
import { adoptDatabase, fanOut } from './fan-out.ts';
import { createSender, type Sender } from './send.ts';
import type { NotificationDeps } from './types.ts';

const { fanOutBatch, pollMs, inFlight, inFlightFailing, forgetEveryMs, forgetBatch, keptMs } =
  LIMITS.notifications;

/** Runs until the signal aborts; what is under way then is finished first. */
export async function runNotifications(deps: NotificationDeps, signal: AbortSignal): Promise<void> {
  const sender = createSender(deps.world, deps.allowPrivate);
  try {
    await Promise.all([
      repeat(deps, signal, pollMs, async () => (await fanOut(deps)).events === fanOutBatch),
      deliverUntil(deps, sender, signal),
      repeat(deps, signal, forgetEveryMs, () => keepHouse(deps)),
    ]);
  } finally {
    await sender.close();
  }
}

/** Again at once while there is more, else after the wait. */
async function repeat(
  { world, log }: NotificationDeps,
  signal: AbortSignal,
  waitMs: number,
  once: () => Promise<boolean>,
): Promise<void> {
  while (!signal.aborted) {
    const more = await once().catch((error: unknown) => {
      log.warn({ err: error }, 'notifications were interrupted; they go on');
      return false;
    });
    if (!more) await world.sleep(waitMs, signal);
  }
}

/** What is past its time goes; and now and then it is looked whether this is still the database of before. */
async function keepHouse(deps: NotificationDeps): Promise<boolean> {
  await adoptDatabase(deps);
  const values = [new Date(deps.world.now() - keptMs).toISOString(), forgetBatch];
  const { rowCount } = await runStatement(deps.pool, FORGET_DELIVERIES, { values });
  return rowCount === forgetBatch;
}

type UnderWay = { endpoint: string; failing: boolean; done: Promise<void> };

async function deliverUntil(deps: NotificationDeps, sender: Sender, signal: AbortSignal): Promise<void> {
  const underWay = new Set<UnderWay>();
  await repeat(deps, signal, pollMs, async () => {
    const started = await startDue(deps, sender, underWay);
    if (started === 0) return false;
    // Whatever ends first makes room.
    await Promise.race([...[...underWay].map(({ done }) => done), deps.world.sleep(pollMs, signal)]);
    return true;
  });
  await Promise.all([...underWay].map(({ done }) => done));
}

/** Endpoints that fail have room of their own: a hundred that time out hold up nobody else. */
export async function startDue(
  deps: NotificationDeps,
  sender: Sender,
  underWay: Set<UnderWay>,
): Promise<number> {
  const ofFailing = [...underWay].filter(({ failing }) => failing).length;
  const healthy = inFlight - (underWay.size - ofFailing);
  const failing = inFlightFailing - ofFailing;
  if (healthy <= 0 && failing <= 0) return 0;
  const rows = await claim(deps, { healthy, failing, busy: busyOf(underWay) });
  for (const row of rows) start(deps, sender, underWay, row);
  return rows.length;
}

function busyOf(underWay: ReadonlySet<UnderWay>): Map<string, number> {
  const busy = new Map<string, number>();
  for (const { endpoint } of underWay) busy.set(endpoint, (busy.get(endpoint) ?? 0) + 1);
  return busy;
}

function start(deps: NotificationDeps, sender: Sender, underWay: Set<UnderWay>, row: ClaimedRow): void {
  const done = deliver(deps, sender, row)
    .catch((error: unknown) => {
      deps.log.error(
        { err: error, delivery: row.id },
        'a delivery failed inside; its lease runs out by itself',
      );
    })
    .finally(() => void underWay.delete(one));
  const one: UnderWay = { endpoint: row.endpoint_id, failing: row.failing, done };
  underWay.add(one);
}

/** Hands on and delivers until nothing is due; gives how many were sent. For tests and tools. */
export async function workOff(deps: NotificationDeps, sender: Sender): Promise<number> {
  const underWay = new Set<UnderWay>();
  let sent = 0;
  for (;;) {
    while ((await fanOut(deps)).events > 0);
    const started = await startDue(deps, sender, underWay);
    if (started === 0 && underWay.size === 0) return sent;
    sent += started;
    // Of nothing the race would never end.
    if (underWay.size > 0) await Promise.race([...underWay].map(({ done }) => done));
  }
}
