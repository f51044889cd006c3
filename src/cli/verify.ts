/** `truepenny verify [--from pay_…] [--payment pay_…] [--json]`: checks every invariant on the whole database. */

import { isId } from '../core/ids.ts';
import { reportText } from '../features/verify/text.ts';
import { type Progress, type Report, type VerifyOptions, verifyDatabase } from '../features/verify/verify.ts';
import type { World } from '../ops/world.ts';
import { readArguments, refuseMore } from './arguments.ts';
import { Problem, untilStopped, WrongUse, withDatabase } from './context.ts';

const USAGE = 'Usage: truepenny verify [--from pay_…] [--payment pay_…] [--json]';
const PROGRESS_EVERY_MS = 1000;

type Asked = Pick<VerifyOptions, 'from' | 'payment'> & { json: boolean };

export async function run(args: string[]): Promise<number> {
  const asked = read(args);
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
    const nothing = isOfNothing(report, range.payment);
    if (json) console.log(JSON.stringify(report, null, 2));
    else if (!nothing) console.log(reportText(report));
    if (nothing) throw new Problem('There is no such payment, and no digest tells of one.', 'Check the id.');
    if (report.stopped) console.error(goOn(report.stopped));
    if (!report.holds) return 1;
    return report.stopped ? 130 : 0;
  });
}

/** Nothing was checked: that everything holds would be no answer. */
function isOfNothing({ checked, holds, stopped }: Report, payment: string | undefined): boolean {
  return payment !== undefined && checked.payments === 0 && holds && stopped === null;
}

function read(args: string[]): Asked {
  const { values, positionals } = readArguments(args, USAGE, {
    from: { type: 'string' },
    payment: { type: 'string' },
    json: { type: 'boolean' },
  });
  refuseMore(positionals, USAGE);
  const { from, payment, json = false } = values;
  const wrong = [from, payment].find((id) => id !== undefined && !isId('payment', id));
  if (wrong !== undefined)
    throw new WrongUse(`${JSON.stringify(wrong)} is no payment id: those begin with pay_.`, USAGE);
  if (from !== undefined && payment !== undefined)
    throw new WrongUse('Give --from or --payment, not both.', USAGE);
  return { json, ...(from !== undefined && { from }), ...(payment !== undefined && { payment }) };
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
