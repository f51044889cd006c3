/**
 * `truepenny verify [--from pay_…] [--payment pay_…] [--json]`: checks every invariant on the whole database.
 * Ends with 0 when everything holds, 1 when something does not, 2 when asked wrongly, 130 when interrupted.
 */

import { parseArgs } from 'node:util';
import { isId } from '../core/ids.ts';
import { reportText } from '../features/verify/text.ts';
import { type Progress, type Report, type VerifyOptions, verifyDatabase } from '../features/verify/verify.ts';
import type { World } from '../ops/world.ts';
import { untilStopped, withDatabase } from './context.ts';

const USAGE = 'Usage: truepenny verify [--from pay_…] [--payment pay_…] [--json]';
const PROGRESS_EVERY_MS = 1000;

type Asked = Pick<VerifyOptions, 'from' | 'payment'> & { json: boolean };

export async function run(args: string[]): Promise<number> {
  const asked = read(args);
  if (typeof asked === 'string') {
    console.error(`${asked}\n${USAGE}`);
    return 2;
  }
  const signal = untilStopped();
  return withDatabase(async ({ pool, world, chainKey, dataDir }) => {
    const { json, ...range } = asked;
    const digestFolder = `${dataDir}/digests`;
    const onProgress = progressOn(world);
    const report = await verifyDatabase({
      pool,
      world,
      chainKey,
      digestFolder,
      signal,
      onProgress,
      ...range,
    });
    console.log(json ? JSON.stringify(report, null, 2) : reportText(report));
    if (report.stopped) console.error(goOn(report.stopped));
    if (!report.holds) return 1;
    return report.stopped ? 130 : 0;
  });
}

/** What was asked for, or what is wrong with it. */
function read(args: string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args,
      options: { from: { type: 'string' }, payment: { type: 'string' }, json: { type: 'boolean' } },
    });
    const { from, payment, json = false } = values;
    const wrong = [from, payment].find((id) => id !== undefined && !isId('payment', id));
    if (wrong !== undefined) return `${JSON.stringify(wrong)} is no payment id: those begin with pay_.`;
    if (from !== undefined && payment !== undefined) return 'Give --from or --payment, not both.';
    return { json, ...(from !== undefined && { from }), ...(payment !== undefined && { payment }) };
  } catch (error) {
    return (error as Error).message;
  }
}

function goOn({ phase, from }: NonNullable<Report['stopped']>): string {
  if (from === null) return `Stopped while checking the ${phase}; all payments were checked.`;
  return `Stopped. Go on with: truepenny verify --from ${from}`;
}

/** To stderr, so that the report on stdout can be piped; about once a second. */
function progressOn(world: World): (progress: Progress) => void {
  let next = world.monotonic() + PROGRESS_EVERY_MS;
  return ({ phase, payments, total, per_second, at }) => {
    if (world.monotonic() < next) return;
    next = world.monotonic() + PROGRESS_EVERY_MS;
    const of = total && total > payments ? ` of about ${total.toLocaleString('en')}` : '';
    const where = at ? `, at ${at}` : '';
    console.error(
      `${phase}: ${payments.toLocaleString('en')}${of} payments, ${per_second.toLocaleString('en')}/s${where}`,
    );
  };
}
