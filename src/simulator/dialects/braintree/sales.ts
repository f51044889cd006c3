/** A sale: authorised, and with `submit_for_settlement` captured as well. */

import type { Books, Charge } from '../../books.ts';
import { FOLLOWS } from '../../books.ts';
import { charge as chargeCard } from '../../rules.ts';
import type { Job, Said, Simulator } from '../../simulator.ts';
import type { Behavior } from '../../tokens.ts';
import type { Reply } from '../../view.ts';
import { type ErrorCode, errorReply, invalid, said } from './errors.ts';
import { amountOf, currencyOf, DEFAULT_MERCHANT_ACCOUNT } from './merchant-accounts.ts';
import { behaviorOfAmount, behaviorOfDebit, isBankDebit, type Nonce, nonceOf } from './nonces.ts';
import {
  type BraintreeRequest,
  groupOf,
  type Json,
  job,
  namesIn,
  ok,
  operationOf,
  textOf,
} from './request.ts';
import { processorCode, statusOf, wholeUnits } from './status.ts';
import { nonceOfToken } from './vault.ts';
import { responseText, transactionView } from './view.ts';
import { BRAINTREE, type SaleWire, saleWire } from './wire.ts';

/** Its default window; a merchant may set another, or none. */
const DUPLICATE_MS = 30_000;

type Sale = {
  amount: number;
  currency: string;
  capture: boolean;
  nonce: Extract<Nonce, { kind: 'usable' }>;
  wire: SaleWire;
};

export function sell(request: BraintreeRequest): Job | Said {
  const { sim, body } = request;
  const sale = readSale(groupOf(body, 'transaction'), sim);
  if (typeof sale === 'string') return said(invalid(sale));
  const { nonce: _, ...order } = {
    ...sale,
    ...namesIn(sale.wire.orderId),
    returnUrl: null,
    dialect: BRAINTREE,
  };
  const operation = operationOf(request, order.operation);
  return job(
    {
      kind: 'authorize',
      operation,
      charge: null,
      reference: order.reference,
      execute({ books, twist, delays, at }) {
        const behavior = behaviorOf(sale, order.reference, books, at.now, sim.settings.bank_debit_ms);
        return { charge: chargeCard({ ...order, operation }, behavior, twist, delays, at), verdict: FOLLOWS };
      },
    },
    (_, charge) => saleReply(charge as Charge, sim.moment(BRAINTREE).now),
  );
}

/** The gateway's own check first, then what the nonce asks for, then the amount. */
function behaviorOf(sale: Sale, reference: string, books: Books, now: number, debitMs: number): Behavior {
  const { amount, currency, nonce, wire } = sale;
  if (isDuplicate(books, sale, reference, now)) return { kind: 'decline', code: 'duplicate' };
  if (nonce.behavior.kind === 'decline') return nonce.behavior;
  if (isBankDebit(wire.instrument))
    return behaviorOfDebit(wholeUnits(amount, currency), wire.instrument, debitMs);
  return behaviorOfAmount(wholeUnits(amount, currency), wire.settlementMs) ?? nonce.behavior;
}

/** In their order: the first that is wrong is told. */
function readSale(json: Json, { books, settings }: Simulator): Sale | ErrorCode {
  const merchantAccountId = textOf(json, 'merchant_account_id') ?? DEFAULT_MERCHANT_ACCOUNT;
  const currency = currencyOf(merchantAccountId);
  if (json['amount'] === undefined) return '81502';
  const amount = amountOf(json['amount'], currency);
  if (amount === null) return '81503';
  const nonce = readNonce(json, books);
  if (typeof nonce === 'string') return nonce;
  const options = groupOf(json, 'options');
  const required = groupOf(options, 'three_d_secure')['required'] === true;
  const wire: SaleWire = {
    orderId: textOf(json, 'order_id'),
    merchantAccountId,
    instrument: nonce.instrument,
    threeDs: nonce.threeDs,
    settlementMs: settings.settlement_ms,
    parts: 'none',
    partOrderIds: {},
    settledAt: null,
    withdrawn: false,
  };
  const unproved = required && nonce.threeDs?.liabilityShifted !== true;
  const refused: Behavior = { kind: 'decline', code: 'three_d_secure' };
  const behaving = unproved ? { ...nonce, behavior: refused } : nonce;
  // A bank debit cannot be held: it is always submitted.
  const capture = options['submit_for_settlement'] === true || isBankDebit(nonce.instrument);
  return { amount, currency, capture, nonce: behaving, wire };
}

/** A nonce, or a token of the vault in its place. */
function readNonce(json: Json, books: Books): Sale['nonce'] | ErrorCode {
  const [name, token] = [textOf(json, 'payment_method_nonce'), textOf(json, 'payment_method_token')];
  if (name === null && token === null) return '91508';
  const nonce = name === null ? nonceOfToken(books, token ?? '') : nonceOf(name);
  if (nonce === null) return '91518';
  return nonce.kind === 'invalid' ? nonce.code : nonce;
}

/** Amount, order id and card within the window; one that was refused does not count. */
function isDuplicate(books: Books, { amount, wire }: Sale, reference: string, now: number): boolean {
  const earlier = (books.byReference.get(reference) ?? []).slice(-100);
  return earlier.some((charge) => {
    if (charge.dialect !== BRAINTREE || charge.state === 'declined') return false;
    const { orderId, instrument } = saleWire(charge);
    const same = orderId === wire.orderId && instrument.bin === wire.instrument.bin;
    return same && charge.amount === amount && now - charge.at < DUPLICATE_MS;
  });
}

function saleReply(charge: Charge, now: number): Reply {
  const transaction = transactionView({ kind: 'sale', charge }, now);
  if (charge.state !== 'declined') return ok(201, 'transaction', transaction);
  const rejected = statusOf(charge, now) === 'gateway_rejected';
  const message = rejected ? `Gateway Rejected: ${charge.code}` : responseText(processorCode(charge));
  return errorReply(message, [], transaction);
}
