/** Whose task it is. What the dead wait for never comes. */
export type Owner = { name: string; alive: boolean; pausedUntilMs: number };
