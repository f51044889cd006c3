/** `truepenny simulator`: the provider, with books of its own, until it is told to stop. */

import { createLog } from '../ops/log.ts';
import { allDialects } from '../simulator/dialects/all.ts';
import { startSimulator } from '../simulator/server.ts';
import { aborted, configuration, portProblem, untilStopped } from './context.ts';

export async function run(): Promise<number> {
  const config = configuration();
  const signal = untilStopped();
  const log = createLog({ name: 'simulator', level: config.logLevel });
  const port = config.simulatorPort;
  const write = (event: string, fields: object) =>
    event === 'simulator.request' ? log.debug(fields, event) : log.info(fields, event);
  const simulator = await startSimulator({
    port,
    dialectPorts: allDialects(config.simulatorDialectPorts),
    host: '127.0.0.1',
    dataDir: `${config.dataDir}/simulator`,
    webhook: config.simulatorWebhook,
    log: write,
  }).catch((error: unknown) => {
    throw portProblem(error, port, 'TRUEPENNY_SIMULATOR_PORT');
  });
  await aborted(signal);
  await simulator.close();
  return 0;
}
