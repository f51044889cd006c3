/** Counting in windows of time, in this process; bounded in memory. */

import type { World } from '../ops/world.ts';

export type Windows = {
  /** Counts one; the seconds to wait when that was too much, else 0. */
  hit(name: string): number;
};

type Window = { startedMs: number; count: number };

export function createWindows(
  world: World,
  settings: { limit: number; windowMs: number; names: number },
): Windows {
  const { limit, windowMs, names } = settings;
  const windows = new Map<string, Window>();

  function open(name: string): Window {
    const current = windows.get(name);
    if (current && world.monotonic() - current.startedMs < windowMs) return current;
    const fresh = { startedMs: world.monotonic(), count: 0 };
    windows.delete(name); // So that the first name in the map is the one renewed longest ago.
    windows.set(name, fresh);
    dropOldest(windows, names);
    return fresh;
  }

  return {
    hit(name) {
      const window = open(name);
      window.count += 1;
      if (window.count <= limit) return 0;
      return Math.max(1, Math.ceil((window.startedMs + windowMs - world.monotonic()) / 1000));
    },
  };
}

export function dropOldest(map: Map<string, unknown>, max: number): void {
  for (const name of map.keys()) {
    if (map.size <= max) return;
    map.delete(name);
  }
}
