/** Merchants. */

import type { Statement } from '../pool.ts';

export const MERCHANT_FUNDS: Statement = {
  name: 'merchant_funds',
  text: 'select funds from merchants where id = $1',
};

export const INSERT_MERCHANT: Statement = {
  name: 'insert_merchant',
  text: 'insert into merchants (id, name, funds, created_at) values ($1, $2, $3, $4)',
};

export const MERCHANT_EXISTS: Statement = {
  name: 'merchant_exists',
  text: 'select 1 from merchants where id = $1',
};
