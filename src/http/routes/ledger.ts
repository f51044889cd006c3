/** The ledger: balances, trial balance, journals. */

import { type Static, Type } from 'typebox';
import { LIMITS } from '../../ops/limits.ts';
import { type Context, principalOf, type Server, sendReply } from '../context.ts';
import * as field from '../fields.ts';
import { reading } from '../openapi.ts';
import { page, ref } from '../schema-parts.ts';

const tag = 'Ledger';
const access = { scope: 'ledger:read' } as const;

const atQuery = field.strictObject({ at: Type.Optional(field.time('Balances as of then; now without it.')) });
const journalsQuery = field.strictObject({
  payment: Type.Optional(field.id('payment', 'Only journals of this payment.')),
  account: Type.Optional(field.account),
  limit: Type.Optional(field.limit),
  cursor: Type.Optional(field.id('event', 'next_cursor of the page before.')),
});

export function ledgerRoutes(server: Server, { ledger }: Context): void {
  server.get(
    '/ledger/accounts',
    {
      config: { access },
      schema: reading({
        id: 'listAccounts',
        tag,
        summary: 'Accounts with their balances',
        querystring: atQuery,
        answers: { 200: ref('Accounts') },
      }),
    },
    async (request, reply) => {
      const { at } = request.query as Static<typeof atQuery>;
      return sendReply(reply, await ledger.accounts(principalOf(request), field.inUtc(at)));
    },
  );
  server.get(
    '/ledger/trial-balance',
    {
      config: { access },
      schema: reading({
        id: 'retrieveTrialBalance',
        tag,
        summary: 'Debits and credits of every account; both sums are equal',
        querystring: atQuery,
        answers: { 200: ref('TrialBalance') },
      }),
    },
    async (request, reply) => {
      const { at } = request.query as Static<typeof atQuery>;
      return sendReply(reply, await ledger.trialBalance(principalOf(request), field.inUtc(at)));
    },
  );
  server.get(
    '/ledger/journals',
    {
      config: { access },
      schema: reading({
        id: 'listJournals',
        tag,
        summary: 'Journals with their lines',
        querystring: journalsQuery,
        answers: { 200: page('Journal') },
      }),
    },
    async (request, reply) => {
      const query = request.query as Static<typeof journalsQuery>;
      const { payment = null, account = null, limit = LIMITS.http.pageSizeDefault, cursor = null } = query;
      return sendReply(
        reply,
        await ledger.journals(principalOf(request), { payment, account, limit, cursor }),
      );
    },
  );
}
