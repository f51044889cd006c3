/** How to reach the Kafka cluster that takes the event stream. */

import { readFileSync } from 'node:fs';
import { ConfigProblem } from './config-problem.ts';

export type KafkaConfig = {
  /** `host:port` of some brokers; the rest is learnt from them. */
  brokers: string[];
  topic: string;
  tls: KafkaTls | null;
  sasl: KafkaSasl | null;
};

/** PEM texts; null: the certificate authorities that Node.js knows, and no certificate of ours. */
export type KafkaTls = { ca: string | null; cert: string | null; key: string | null };

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type KafkaSasl = { mechanism: (typeof MECHANISMS)[number]; username: string; password: string };

type Env = Readonly<Record<string, string | undefined>>;

/** Null where TRUEPENNY_KAFKA_BROKERS is not set: then nothing is sent. */
export function kafkaConfigOf(env: Env): KafkaConfig | null {
  const text = env['TRUEPENNY_KAFKA_BROKERS'];
  if (text === undefined || text === '') return null;
  const brokers = text.split(',').map((broker) => broker.trim());
  if (!brokers.every((broker) => /^([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/.test(broker)))
    throw new ConfigProblem('TRUEPENNY_KAFKA_BROKERS must be host:port, several separated by commas.');
  const topic = env['TRUEPENNY_KAFKA_TOPIC'] || 'truepenny.events';
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic))
    throw new ConfigProblem('TRUEPENNY_KAFKA_TOPIC must be 1 to 249 letters, digits, dots, - or _.');
  const tls = tlsOf(env);
  return { brokers, topic, tls, sasl: saslOf(env, tls) };
}

function tlsOf(env: Env): KafkaTls | null {
  const ca = fileOf(env, 'TRUEPENNY_KAFKA_CA_FILE');
  const cert = fileOf(env, 'TRUEPENNY_KAFKA_CERT_FILE');
  const key = fileOf(env, 'TRUEPENNY_KAFKA_KEY_FILE');
  if ((cert === null) !== (key === null))
    throw new ConfigProblem('Set both TRUEPENNY_KAFKA_CERT_FILE and TRUEPENNY_KAFKA_KEY_FILE, or neither.');
  const wanted = env['TRUEPENNY_KAFKA_TLS'] === 'true' || ca !== null || cert !== null;
  return wanted ? { ca, cert, key } : null;
}

function saslOf(env: Env, tls: KafkaTls | null): KafkaSasl | null {
  const name = env['TRUEPENNY_KAFKA_SASL'];
  if (name === undefined || name === '') return null;
  const mechanism = MECHANISMS.find((one) => one === name);
  if (!mechanism)
    throw new ConfigProblem(`TRUEPENNY_KAFKA_SASL must be one of ${MECHANISMS.join(', ')}, or unset.`);
  const username = env['TRUEPENNY_KAFKA_USERNAME'] ?? '';
  const password =
    fileOf(env, 'TRUEPENNY_KAFKA_PASSWORD_FILE')?.trim() ?? env['TRUEPENNY_KAFKA_PASSWORD'] ?? '';
  if (username === '' || password === '')
    throw new ConfigProblem(
      'With TRUEPENNY_KAFKA_SASL, set TRUEPENNY_KAFKA_USERNAME and TRUEPENNY_KAFKA_PASSWORD or TRUEPENNY_KAFKA_PASSWORD_FILE.',
    );
  // It would be readable by whoever sees the packets.
  if (mechanism === 'PLAIN' && tls === null)
    throw new ConfigProblem(
      'TRUEPENNY_KAFKA_SASL=PLAIN sends the password as it is: set TRUEPENNY_KAFKA_TLS=true.',
    );
  return { mechanism, username, password };
}

function fileOf(env: Env, name: string): string | null {
  const path = env[name];
  if (path === undefined || path === '') return null;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigProblem(`${name} names a file that cannot be read: check the path and its permissions.`);
  }
}
