/** Payloads of attempts: kept with the first commit, read for each call, erased with the answer. */

import type { Statement } from '../pool.ts';

export const KEEP_PAYLOAD: Statement = {
  name: 'keep_payload',
  text: 'insert into payloads (attempt, token, kept_at) values ($1, $2, $3) on conflict (attempt) do nothing',
};

export const LOAD_PAYLOAD: Statement = {
  name: 'load_payload',
  text: 'select token from payloads where attempt = $1',
};

export const ERASE_PAYLOADS: Statement = {
  name: 'erase_payloads',
  text: 'delete from payloads where attempt = any($1::uuid[])',
};

/** Of attempts that never began, or whose process died before it erased: $1 kept before, $2 how many. */
export const FORGET_PAYLOADS: Statement = {
  name: 'forget_payloads',
  text: `delete from payloads where ctid in (
    select ctid from payloads where kept_at < $1 limit $2 for update skip locked)`,
};
