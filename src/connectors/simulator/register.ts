/** The simulator among the connectors: no credentials, one version. */

import { ConfigProblem } from '../../ops/config-problem.ts';
import type { Registration } from '../registration.ts';
import { simulatorConnector } from './connector.ts';

export const SIMULATOR: Registration = {
  credentials: [],
  settings: [],
  optionalSettings: [],
  versions: {
    1: ({ account, url }, { world, timeoutMs }) => {
      if (url === null) throw new ConfigProblem(`The account ${account} needs the simulator's "url".`);
      return simulatorConnector({ url, world, ...(timeoutMs === null ? {} : { limits: { timeoutMs } }) });
    },
  },
};
