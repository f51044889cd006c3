/** `truepenny keys list|create|revoke`: API keys of the demo merchant, or of the merchant named. */

import { join } from 'node:path';
import { fromUuid, isId, toUuid } from '../core/ids.ts';
import { query } from '../db/pool.ts';
import { LIST_API_KEYS, REVOKE_API_KEY } from '../db/statements/api-keys.ts';
import { MERCHANT_EXISTS } from '../db/statements/merchants.ts';
import {
  insertApiKey,
  type KeyKind,
  mintApiKey,
  PLATFORM_SCOPES,
  SCOPES,
  type Scope,
} from '../http/api-keys.ts';
import { readArguments, refuseMore, refuseOptions } from './arguments.ts';
import { type CommandContext, Problem, WrongUse, withDatabase } from './context.ts';
import { read } from './credentials.ts';

const USAGE =
  'Usage: truepenny keys list | create [--mode test|live] [--kind secret|publishable] [--scope s …] | revoke key_…  [--merchant mer_…]';

const OPTIONS = {
  mode: { type: 'string' },
  kind: { type: 'string' },
  scope: { type: 'string', multiple: true },
  merchant: { type: 'string' },
} as const;

type Act = (context: CommandContext, merchant: string) => Promise<number>;
type Plan = { mode: 'test' | 'live'; kind: KeyKind; scopes: Scope[] };
type Values = { mode?: string; kind?: string; scope?: string[] };

export async function run(args: string[]): Promise<number> {
  const { positionals, values } = readArguments(args, USAGE, OPTIONS);
  const { merchant: named, ...others } = values;
  const act = actOf(positionals, others);
  return withDatabase(async (context) => {
    const merchant = named ?? read(join(context.dataDir, 'credentials.json'))?.merchant;
    if (!merchant || !isId('merchant', merchant)) throw new WrongUse('Which merchant?', USAGE);
    if ((await query(context.pool, MERCHANT_EXISTS, [toUuid(merchant)])).length === 0)
      throw new Problem('There is no such merchant.', 'Check the id.');
    return act(context, merchant);
  });
}

function actOf([action, id, ...more]: string[], values: Values): Act {
  refuseMore(more, USAGE);
  refuseOptions(values, action === 'create' ? Object.keys(OPTIONS) : [], USAGE);
  if (action === 'revoke' && id !== undefined && isId('key', id))
    return (context, merchant) => revoke(context, merchant, id);
  if (id !== undefined) refuseMore([id], USAGE);
  if (action === 'list') return list;
  if (action !== 'create') throw new WrongUse('What shall be done with keys?', USAGE);
  const plan = planOf(values);
  return (context, merchant) => create(context, merchant, plan);
}

function planOf({ mode = 'test', kind = 'secret', scope = [...SCOPES] }: Values): Plan {
  if ((mode !== 'test' && mode !== 'live') || (kind !== 'secret' && kind !== 'publishable'))
    throw new WrongUse('Mode or kind is unknown.', USAGE);
  const known: readonly string[] = [...SCOPES, ...PLATFORM_SCOPES];
  if (!scope.every((s): s is Scope => known.includes(s)))
    throw new WrongUse(`Scopes are: ${known.join(', ')}.`, USAGE);
  if (mode !== 'live' && scope.some((s) => s.startsWith('platform:')))
    throw new WrongUse('The scopes of the platform are for live keys only.', 'Add --mode live.');
  return { mode, kind, scopes: scope };
}

type KeyRow = {
  id: string;
  mode: string;
  kind: string;
  scopes: string[];
  hint: string;
  created_at: string;
  revoked_at: string | null;
};

async function list({ pool }: CommandContext, merchant: string): Promise<number> {
  for (const key of await query<KeyRow>(pool, LIST_API_KEYS, [toUuid(merchant)])) {
    const state = key.revoked_at ? `revoked ${key.revoked_at}` : 'active';
    console.log(
      `${fromUuid('key', key.id)}  ${key.hint}  ${key.mode}  ${key.kind}  ${key.scopes.join(',')}  made ${key.created_at}  ${state}`,
    );
  }
  return 0;
}

async function create({ pool, world }: CommandContext, merchant: string, plan: Plan): Promise<number> {
  const key = mintApiKey(world, plan);
  await insertApiKey(pool, world, { ...key, merchant, scopes: plan.scopes });
  console.log(`${key.id}\n${key.key}\nShown this once; only a hash is kept.`);
  return 0;
}

async function revoke({ pool, world }: CommandContext, merchant: string, id: string): Promise<number> {
  const rows = await query(pool, REVOKE_API_KEY, [
    toUuid(id),
    toUuid(merchant),
    new Date(world.now()).toISOString(),
  ]);
  if (rows.length === 0) throw new Problem('There is no such active key.', 'truepenny keys list shows them.');
  console.log('Revoked. Running processes refuse it within 5 seconds.');
  return 0;
}
