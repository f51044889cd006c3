import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.ts';
import { ConfigProblem } from './config-problem.ts';
import { kafkaConfigOf } from './kafka-config.ts';

const BROKERS = { TRUEPENNY_KAFKA_BROKERS: 'one.example:9092, two.example:9093' };
const USER = { TRUEPENNY_KAFKA_USERNAME: 'truepenny', TRUEPENNY_KAFKA_PASSWORD: 'correct horse' };

test('without brokers the stream is off, whatever else is set', () => {
  expect(kafkaConfigOf({})).toBeNull();
  expect(kafkaConfigOf({ TRUEPENNY_KAFKA_BROKERS: '', TRUEPENNY_KAFKA_SASL: 'nonsense' })).toBeNull();
});

test('brokers alone are enough', () => {
  expect(kafkaConfigOf(BROKERS)).toEqual({
    brokers: ['one.example:9092', 'two.example:9093'],
    topic: 'truepenny.events',
    tls: null,
    sasl: null,
  });
});

test('a password comes from the environment or from a file, without the line end of the editor', async () => {
  const folder = await temporaryFolder('kafka-config');
  const file = `${folder.path}/password`;
  await writeFile(file, 'battery staple\n');
  const env = { ...BROKERS, ...USER, TRUEPENNY_KAFKA_SASL: 'SCRAM-SHA-512' };
  expect(kafkaConfigOf(env)?.sasl).toMatchObject({ username: 'truepenny', password: 'correct horse' });
  const fromFile = kafkaConfigOf({ ...env, TRUEPENNY_KAFKA_PASSWORD_FILE: file });
  expect(fromFile?.sasl?.password).toBe('battery staple');
  await folder.remove();
});

test('PLAIN is accepted with TLS', () => {
  const env = { ...BROKERS, ...USER, TRUEPENNY_KAFKA_SASL: 'PLAIN', TRUEPENNY_KAFKA_TLS: 'true' };
  expect(kafkaConfigOf(env)).toMatchObject({ tls: { ca: null }, sasl: { mechanism: 'PLAIN' } });
});

test.each<[string, Record<string, string>, string]>([
  ['a broker without a port', { TRUEPENNY_KAFKA_BROKERS: 'one.example' }, 'TRUEPENNY_KAFKA_BROKERS'],
  ['a topic that Kafka does not know', { TRUEPENNY_KAFKA_TOPIC: 'my topic' }, 'TRUEPENNY_KAFKA_TOPIC'],
  ['a mechanism that is not there', { TRUEPENNY_KAFKA_SASL: 'GSSAPI', ...USER }, 'TRUEPENNY_KAFKA_SASL'],
  ['a password in clear', { TRUEPENNY_KAFKA_SASL: 'PLAIN', ...USER }, 'TRUEPENNY_KAFKA_TLS=true'],
  [
    'no password',
    { TRUEPENNY_KAFKA_SASL: 'SCRAM-SHA-512', ...USER, TRUEPENNY_KAFKA_PASSWORD: '' },
    'PASSWORD',
  ],
  ['a file that is not there', { TRUEPENNY_KAFKA_CA_FILE: '/nowhere/ca.pem' }, 'TRUEPENNY_KAFKA_CA_FILE'],
  [
    'a certificate without its key',
    { TRUEPENNY_KAFKA_CERT_FILE: import.meta.filename },
    'TRUEPENNY_KAFKA_KEY_FILE',
  ],
])('refused, naming the setting and not the secret: %s', (_what, env, named) => {
  const read = () => kafkaConfigOf({ ...BROKERS, ...env });
  expect(read).toThrow(ConfigProblem);
  expect(read).toThrow(named);
  expect(read).not.toThrow('correct horse');
});
