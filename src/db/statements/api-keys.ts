/** API keys, found by the SHA-256 of the key. */

/** $1 hashes; those of keys that are good come back. */
export const FIND_API_KEYS = {
  name: 'find_api_keys',
  text: `
select encode(key_hash, 'hex') as hash, id, merchant_id, mode, kind, scopes from api_keys
where key_hash = any ($1::bytea[]) and revoked_at is null`,
} as const;

export const INSERT_API_KEY = {
  name: 'insert_api_key',
  text: `
insert into api_keys (id, merchant_id, mode, kind, scopes, key_hash, hint, created_at)
values ($1::uuid, $2::uuid, $3, $4, $5::text[], $6::bytea, $7, $8::timestamptz)`,
} as const;

export const REVOKE_API_KEY = {
  name: 'revoke_api_key',
  text: `
update api_keys set revoked_at = $3::timestamptz
where id = $1::uuid and merchant_id = $2::uuid and revoked_at is null
returning id`,
} as const;

export const LIST_API_KEYS = {
  name: 'list_api_keys',
  text: `
select id, mode, kind, scopes, hint, created_at, revoked_at from api_keys where merchant_id = $1::uuid order by id`,
} as const;
