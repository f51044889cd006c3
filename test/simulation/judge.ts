/** Brings what the oracles need, and keeps what they find. */

import type { Evidence } from './evidence.ts';
import { intentsIn } from './oracles/intent-before-call.ts';
import type { Simulation } from './simulation.ts';

/** The payments that commits have changed since the last time: each of their events is judged, none only in passing. */
export async function judgeTouched(simulation: Simulation): Promise<void> {
  const { bench, touched, findings } = simulation;
  if (touched.size === 0) return;
  const payments = [...touched];
  touched.clear();
  const stored = await simulation.stored.read(payments);
  for (const intent of stored.flatMap(intentsIn)) simulation.intents.add(intent);
  const evidence = evidenceOf(simulation);
  for (const { afterStep } of bench.oracles) findings.push(...(afterStep?.(evidence, stored) ?? []));
}

export function evidenceOf(simulation: Simulation): Evidence {
  return { ...simulation, pool: simulation.bench.server.pool };
}
