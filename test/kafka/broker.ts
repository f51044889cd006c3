/** Apache Kafka's own broker as a real process: KRaft mode, broker and controller in one, on free loopback ports. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quietPort } from '../support/processes.ts';

const run = promisify(execFile);

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.truepenny-test/', import.meta.url));
const READY_MS = 60_000;

export type Broker = {
  /** Without a password, and with one and TLS. */
  address: string;
  secureAddress: string;
  user: { username: string; password: string };
  /** The broker's certificate, PEM. */
  caFile: string;
  /** Starts it, again if need be, with the data that it had. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Neither answers nor closes anything, until it is thawed. */
  freeze(): void;
  thaw(): void;
};

/** A broker with empty storage in the folder; not started yet. */
export async function kafkaBroker(folder: string): Promise<Broker> {
  const jars = await kafkaJars();
  const [port, securePort, controllerPort] = [await quietPort(), await quietPort(), await quietPort()];
  const user = { username: 'truepenny', password: 'a password for tests' };
  const caFile = await makeCertificate(folder);
  const properties = join(folder, 'server.properties');
  await writeFile(properties, settings({ folder, port, securePort, controllerPort }));
  const scram = `SCRAM-SHA-512=[name=${user.username},password=${user.password}]`;
  const format = [
    'format',
    '--standalone',
    '-t',
    'truepennyTestCluster00',
    '-c',
    properties,
    '--add-scram',
    scram,
  ];
  await run('java', ['-cp', jars, 'kafka.tools.StorageTool', ...format]);
  let child: ChildProcess | null = null;
  return {
    address: `127.0.0.1:${port}`,
    secureAddress: `127.0.0.1:${securePort}`,
    user,
    caFile,
    start: async () => {
      const logFile = join(folder, 'broker.log');
      const started = launch(
        ['-Xmx512m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', jars, 'kafka.Kafka', properties],
        logFile,
      );
      child = started;
      await listening(securePort, started, logFile);
    },
    kill: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const ending = child;
      const gone = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await gone;
    },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}

/** The class path, fetched from Maven Central where the same has not been fetched before. */
async function kafkaJars(): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(POM))
    .digest('hex');
  const jars = join(CACHE, `kafka-${digest.slice(0, 12)}`);
  const complete = join(jars, 'complete');
  if (!existsSync(complete)) {
    const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
    await run('mvn', ['-q', '-B', '-f', POM, ...copy]);
    await writeFile(complete, '');
  }
  return join(jars, '*');
}

function settings(at: { folder: string; port: number; securePort: number; controllerPort: number }): string {
  const { folder, port, securePort, controllerPort } = at;
  const addresses = [`PLAINTEXT://127.0.0.1:${port}`, `SECURE://127.0.0.1:${securePort}`];
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: [...addresses, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': addresses.join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.secure.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.location': join(folder, 'broker.p12'),
    'ssl.keystore.password': KEYSTORE_PASSWORD,
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Of a certificate that exists for some minutes, on this machine. */
const KEYSTORE_PASSWORD = 'throwaway';

async function makeCertificate(folder: string): Promise<string> {
  const store = [
    '-keystore',
    join(folder, 'broker.p12'),
    '-storepass',
    KEYSTORE_PASSWORD,
    '-alias',
    'broker',
  ];
  const name = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost'];
  await run('keytool', ['-genkeypair', ...store, ...name, '-keyalg', 'RSA', '-validity', '2']);
  const caFile = join(folder, 'broker.pem');
  await run('keytool', ['-exportcert', '-rfc', ...store, '-file', caFile]);
  return caFile;
}

/** Ends with this process. */
function launch(args: string[], logFile: string): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn('java', args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

async function listening(port: number, child: ChildProcess, logFile: string): Promise<void> {
  const until = performance.now() + READY_MS;
  while (child.exitCode === null && performance.now() < until) {
    if (await accepts(port)) return;
    await delay(100);
  }
  throw new Error(`the broker did not start:\n${(await readFile(logFile, 'utf8')).slice(-4000)}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}
