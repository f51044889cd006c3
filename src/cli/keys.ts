/** `truepenny keys list|create|revoke`: API keys of the demo merchant, or of the merchant named. */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromUuid, isId, toUuid } from '../core/ids.ts';
import { query } from '../db/pool.ts';
import { LIST_API_KEYS, REVOKE_API_KEY } from '../db/statements/api-keys.ts';
import { MERCHANT_EXISTS } from '../db/statements/merchants.ts';
import { insertApiKey, mintApiKey, PLATFORM_SCOPES, SCOPES, type Scope } from '../http/api-keys.ts';
import { type CommandContext, Problem, withDatabase } from './context.ts';
import { read } from './credentials.ts';

const USAGE =
  'Usage: truepenny keys list | create [--mode test|live] [--kind secret|publishable] [--scope s …] | revoke key_…  [--merchant mer_…]';

export function run(args: string[]): Promise<number> {
  const { positionals, values } = parse(args);
  const [action, id] = positionals;
  return withDatabase(async (context) => {
    const merchant = values.merchant ?? read(join(context.dataDir, 'credentials.json'))?.merchant;
    if (!merchant || !isId('merchant', merchant)) throw new Problem('Which merchant?', USAGE);
    if ((await query(context.pool, MERCHANT_EXISTS, [toUuid(merchant)])).length === 0)
      throw new Problem('There is no such merchant.', USAGE);
    if (action === 'list') return list(context, merchant);
    if (action === 'create') return create(context, merchant, values);
    if (action === 'revoke' && id && isId('key', id)) return revoke(context, merchant, id);
    throw new Problem('What shall be done with keys?', USAGE);
  });
}

type Values = {
  mode?: string | undefined;
  kind?: string | undefined;
  scope?: string[] | undefined;
  merchant?: string | undefined;
};

function parse(args: string[]): { positionals: string[]; values: Values } {
  const options = {
    mode: { type: 'string' },
    kind: { type: 'string' },
    scope: { type: 'string', multiple: true },
    merchant: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Problem((error as Error).message, USAGE);
  }
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

async function create({ pool, world }: CommandContext, merchant: string, values: Values): Promise<number> {
  const { mode = 'test', kind = 'secret', scope = [...SCOPES] } = values;
  if ((mode !== 'test' && mode !== 'live') || (kind !== 'secret' && kind !== 'publishable'))
    throw new Problem('Mode or kind is unknown.', USAGE);
  const known: readonly string[] = [...SCOPES, ...PLATFORM_SCOPES];
  if (!scope.every((s): s is Scope => known.includes(s)))
    throw new Problem(`Scopes are: ${known.join(', ')}.`, USAGE);
  if (mode !== 'live' && scope.some((s) => s.startsWith('platform:')))
    throw new Problem('The scopes of the platform are for live keys only.', 'Add --mode live.');
  const key = mintApiKey(world, { mode, kind });
  await insertApiKey(pool, world, { ...key, merchant, scopes: scope });
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
