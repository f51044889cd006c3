/** A setting that cannot be used: its message says which, and what it must look like. It never repeats the value. */
export class ConfigProblem extends Error {}
