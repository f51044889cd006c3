/** The page of a 3DS challenge: what the customer's bank would show. No scripts, nothing from outside. */

import type { Charge } from './books.ts';
import { fresh, record } from './keeping.ts';
import { refuse } from './problems.ts';
import { answerChallenge, complete } from './rules.ts';
import type { Simulator } from './simulator.ts';
import { problem, type Reply } from './view.ts';

const ANSWERS = { approve: 'passed', fail: 'failed', abandon: 'abandoned' } as const;

/** Null where there is no such route. */
export function handleChallenge(sim: Simulator, method: string, path: string): Reply | null {
  const [, id, button] = /^\/3ds\/([^/]+)(?:\/(approve|fail|abandon))?$/.exec(path) ?? [];
  if (id === undefined || method !== (button === undefined ? 'GET' : 'POST')) return null;
  const charge = fresh(sim, sim.books.charges.get(id));
  if (charge === null || charge.challenge === null) return problem(refuse('not_found', 'No such challenge.'));
  if (button === undefined) return html(challengePage(charge));
  return answer(sim, charge, button as keyof typeof ANSWERS);
}

/** The first answer counts; whoever answers again is sent on just the same. */
function answer(sim: Simulator, charge: Charge, button: keyof typeof ANSWERS): Reply {
  if (answerChallenge(charge, ANSWERS[button], sim.moment(charge.dialect))) {
    if (button === 'approve' && charge.unattended) goOn(sim, charge);
    record(sim, { charge });
  }
  const location = returnTo(sim, charge);
  if (button === 'abandon' || location === null) return html(leftPage());
  return { status: 303, body: null, headers: { location, 'cache-control': 'no-store' } };
}

/** The provider needs no call to go on. */
function goOn(sim: Simulator, charge: Charge): void {
  const operation = charge.operation ?? charge.id;
  complete(charge, { declined: false, excess: 0 }, operation, sim.moment(charge.dialect));
}

function returnTo(sim: Simulator, charge: Charge): string | null {
  const dialect = charge.dialect === undefined ? undefined : sim.dialects.get(charge.dialect);
  return dialect === undefined ? charge.returnUrl : dialect.returnTo(charge);
}

function challengePage(charge: Charge): string {
  const open = charge.state === 'requires_action' && charge.challenge === 'open';
  return page(
    'Confirm your payment',
    `<p>Your bank asks you to confirm this payment.</p>
<dl><dt>Amount</dt><dd>${escapeHtml(formatAmount(charge.amount, charge.currency))}</dd>
<dt>Merchant reference</dt><dd>${escapeHtml(charge.reference)}</dd></dl>
${open ? '' : '<p role="status">This challenge has been answered or has lapsed. A further answer changes nothing.</p>'}
${button(charge, 'approve', 'Approve the payment')}
${button(charge, 'fail', 'Fail the authentication')}
${button(charge, 'abandon', 'Leave without answering')}`,
  );
}

function leftPage(): string {
  return page('You have left', '<p>The challenge was abandoned. You may close this page.</p>');
}

function button(charge: Charge, action: keyof typeof ANSWERS, label: string): string {
  return `<form method="post" action="/3ds/${escapeHtml(charge.id)}/${action}"><button class="${action}">${label}</button></form>`;
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – simulated bank</title><style>
body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:#f2f4f7;color:#16202c}
main{max-width:26rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:.75rem;box-shadow:0 1px 6px #0003}
h1{font-size:1.4rem;margin-top:0}dt{color:#4a5868}dd{margin:0 0 .75rem;font-weight:600;overflow-wrap:anywhere}
button{font:inherit;width:100%;padding:.7rem;margin-top:.6rem;border:2px solid #1b4f9c;border-radius:.5rem;background:#fff;color:#1b4f9c;cursor:pointer}
button.approve{background:#1b4f9c;color:#fff}button:focus-visible{outline:3px solid #f0a800;outline-offset:2px}
small{color:#4a5868}</style></head>
<body><main><h1>${title}</h1>${content}<p><small>A page of the provider simulator; no money moves.</small></p></main></body></html>`;
}

/** `form-action` is left open on purpose: browsers apply it to the redirect to the merchant as well. */
function html(body: string): Reply {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
  return {
    status: 200,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
  };
}

function formatAmount(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
