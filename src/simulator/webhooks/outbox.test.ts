import { expect, onTestFinished, test } from 'vitest';
import { realWorld } from '../../ops/world.ts';
import { emptyBooks, type Move } from '../books.ts';
import { apply } from '../rows.ts';
import { charge } from '../rules.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { CHARGE } from '../test-kit.ts';
import { createOutbox } from './outbox.ts';
import { plainLetters } from './plain.ts';
import { receiver, SECRET, until } from './test-kit.ts';

test('nothing is told before it is written down, and nothing that cannot be', async () => {
  const target = await receiver();
  const books = emptyBooks();
  let disk: 'slow' | 'full' | 'well' = 'slow';
  const asked: string[] = [];
  const journal = {
    append: () => undefined,
    full: () => false,
    flushed: (done: (error: Error | null) => void) => {
      asked.push(disk);
      if (disk !== 'slow') done(disk === 'full' ? new Error('No space left') : null);
    },
    rewrite: () => undefined,
    close: () => undefined,
  };
  const closing = new AbortController();
  const settle = () => undefined;
  const options = {
    world: realWorld(),
    closing: closing.signal,
    timeoutMs: 5_000,
    settle,
    lettersFor: () => plainLetters,
  };
  const outbox = createOutbox(
    { books, settings: DEFAULT_SETTINGS, url: '', dialectUrls: new Map(), journal },
    options,
  );
  onTestFinished(() => {
    closing.abort();
    return outbox.close();
  });
  apply(books, { endpoint: { id: 'we_1', url: target.url, secret: SECRET, next: 0, at: 0 } });
  outbox.follow();
  happen(books);
  outbox.wake();

  await until(() => asked.filter((state) => state === 'slow').length > 2);
  disk = 'full';
  await until(() => asked.filter((state) => state === 'full').length > 2);
  expect(outbox.sent()).toEqual([]);
  expect(target.got).toEqual([]);
  disk = 'well';
  await until(() => target.got.length === 2);
});

/** A sale, told to the books without a journal. */
function happen(books: ReturnType<typeof emptyBooks>): void {
  const order = { ...CHARGE, returnUrl: null };
  const tell = (move: Move) => void books.moves.push(move);
  const at = { now: 1, id: () => 'ch_0123', tell };
  const twist = { declined: false, excess: 0 };
  apply(books, { charge: charge(order, { kind: 'approve' }, twist, { pendingMs: 0, challengeMs: 0 }, at) });
}
