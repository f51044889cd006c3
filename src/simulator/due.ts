/** Which charge time will change next: a heap, the earliest first. What it names may have changed meanwhile. */

export type Due = { at: number; charge: string }[];

export function pushDue(due: Due, entry: Due[number]): void {
  let i = due.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (atOf(due, parent) <= entry.at) break;
    due[i] = due[parent] as Due[number];
    i = parent;
  }
  due[i] = entry;
}

/** Takes the earliest out; null when none is due. */
export function popDue(due: Due, now: number): string | null {
  const first = due[0];
  if (first === undefined || first.at > now) return null;
  const last = due.pop() as Due[number];
  if (due.length > 0) sink(due, last);
  return first.charge;
}

function sink(due: Due, entry: Due[number]): void {
  let i = 0;
  for (let child = 1; child < due.length; child = 2 * i + 1) {
    if (atOf(due, child + 1) < atOf(due, child)) child += 1;
    if (atOf(due, child) >= entry.at) break;
    due[i] = due[child] as Due[number];
    i = child;
  }
  due[i] = entry;
}

function atOf(due: Due, i: number): number {
  return due[i]?.at ?? Number.POSITIVE_INFINITY;
}
