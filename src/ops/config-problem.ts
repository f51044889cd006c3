/** A setting that cannot be used: its message says which, and what it must look like. */
export class ConfigProblem extends Error {}
