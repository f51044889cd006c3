/** The layout of DESIGN as data: who may import whom, and why. */

export type Import = {
  from: string;
  /** A path from the repository's root, or a package's name. */
  to: string;
  typeOnly: boolean;
};

export type ImportRule = { from: RegExp; allows(found: Import): boolean; why: string };

/** Tests, and what several tests beside it share: they bring real parts together from all sides. */
export const TEST_FILE = /(\.test|\.test-support|\/test-kit)\.ts$/;

export const IMPORT_RULES: readonly ImportRule[] = [
  // The core is proved by itself and replayed at any time: what it imports would have to be proved with it.
  { from: /^src\/core\//, allows: own('core/'), why: 'core imports nothing from outside core' },

  // A leaf that everybody uses must not pull the rest in; it may speak of the core's types.
  {
    from: /^src\/ops\//,
    allows: (found) => own('ops/')(found) || isPackage(found) || (found.typeOnly && own('core/')(found)),
    why: 'ops is a leaf: packages, and types of core',
  },

  // Statements and schema know what is stored, not what is done with it.
  { from: /^src\/db\//, allows: packagesAnd('db/', 'core/', 'ops/'), why: 'db may import core and ops' },

  // A connector turns one operation into one call; who knew the database could write money state.
  {
    from: /^src\/connectors\//,
    allows: packagesAnd('connectors/', 'core/', 'ops/'),
    why: 'connectors may import core and ops',
  },

  // Which provider it is must stay a value: the flow that knows one would treat it differently.
  {
    from: /^src\/flow\//,
    allows: packagesAnd('flow/', 'core/', 'ops/', 'db/', 'connectors/port.ts'),
    why: 'flow may import core, ops, db and connectors/port',
  },
  {
    from: /^src\/features\//,
    allows: packagesAnd('features/', 'flow/', 'core/', 'ops/', 'db/', 'connectors/port.ts'),
    why: 'features may import flow, core, ops, db and connectors/port',
  },

  // A feature can be read, changed and removed alone; what two share belongs to flow or core.
  {
    from: /^src\/features\//,
    allows: ({ from, to }) => !to.startsWith('src/features/') || featureOf(from) === featureOf(to),
    why: 'features never import one another',
  },

  // HTTP is one way in among others: it is called by the composition root, which knows the whole.
  {
    from: /^src\/http\//,
    allows: packagesAnd('http/', 'features/', 'flow/', 'core/', 'ops/', 'db/', 'connectors/port.ts'),
    why: 'http may import features and what lies below',
  },

  // The simulator's books are the oracle of the tests: with our code for money it would repeat our mistakes.
  {
    from: /^src\/simulator\//,
    allows: (found) =>
      packagesAnd('simulator/', 'ops/', 'core/declines.ts')(found) || (found.typeOnly && own('core/')(found)),
    why: 'the simulator may import ops, core/declines and types of core',
  },

  // Commands are for people: what a program needs of one belongs below.
  {
    from: /^src\/(?!cli\/)/,
    allows: ({ to }) => !to.startsWith('src/cli/'),
    why: 'nothing imports cli',
  },

  // The server runs without its tests, and without sdk and web, which are its clients.
  {
    from: /^src\//,
    allows: (found) => isPackage(found) || found.to.startsWith('src/') || found.to === 'package.json',
    why: 'src imports nothing beside src',
  },

  // What only tests use may break the rules above, so the server must not come to it by a detour.
  {
    from: /^src\//,
    allows: ({ to }) => !TEST_FILE.test(to),
    why: 'only tests import test files and test kits',
  },
];

/** What makes two runs of one decision differ, or makes it wait. */
export const GLOBALS_BANNED_IN_CORE: readonly string[] = [
  'await',
  'async',
  'Promise',
  'Date',
  'Temporal.Now',
  'performance',
  'Math.random',
  'crypto',
  'process',
  'globalThis',
  'global',
  'Buffer',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'console',
  'fetch',
  'require',
  'eval',
];

/** Code that the simulation runs: whatever makes two runs differ comes to it through the World. */
export const SEAMED = /^src\/(core|flow|features|connectors)\//;

/** Ways round the World: the clock, chance, waiting and the network. */
export const WAYS_ROUND_THE_WORLD: readonly string[] = [
  'Date.now',
  'new Date()',
  'Math.random',
  'performance.now',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
];

/** Imports that lead round it: all of a module, or of `node:crypto` these names. */
export const MODULES_ROUND_THE_WORLD =
  /^(node:)?(timers|http|https|http2|net|tls|dgram)(\/promises)?$|^undici$/;
export const CHANCE = /^random|^(getRandomValues|generateKey(Pair)?(Sync)?)$/;

/** Where the way leads through a seam of its own, each with its reason. */
export const SEAMS: ReadonlyMap<string, string> = new Map([
  ['src/connectors/paypal/certificates.ts', 'takes the list of root certificates, and connects nowhere'],
  ['src/features/notifications/send.ts', 'a Sender is handed to what sends; the simulation has its own'],
  [
    'src/features/notifications/addresses.ts',
    'asks what kind of address a text is; looks up for send.ts alone',
  ],
]);

function own(...folders: string[]): (found: Import) => boolean {
  return ({ to }) =>
    folders.some(
      (folder) => to === `src/${folder}` || (folder.endsWith('/') && to.startsWith(`src/${folder}`)),
    );
}

function packagesAnd(...folders: string[]): (found: Import) => boolean {
  return (found) => isPackage(found) || own(...folders)(found);
}

function isPackage({ to }: Import): boolean {
  return !/^(src|test|scripts|sdk|web|\.\.)\/|^package\.json$/.test(to);
}

function featureOf(path: string): string | undefined {
  return path.split('/')[2];
}
