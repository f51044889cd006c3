/** A setting that cannot be used: its message says which, and what it must look like; never its value. */
export class ConfigProblem extends Error {}
