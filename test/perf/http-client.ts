/** The cheapest client that still speaks HTTP/1.1: one request at a time on one kept connection, nothing parsed twice. */

import { connect, type Socket } from 'node:net';

const UNANSWERED_MS = 30_000;
/** What a connection says that the server closed while a request was on its way. */
const GONE = new Set(['ECONNRESET', 'EPIPE']);

export type Answer = { status: number; body: string };

export type Connection = {
  post(path: string, idempotencyKey: string, body: string): Promise<Answer>;
  /** With headers of the caller's own. */
  send(path: string, headers: Record<string, string>, body: string): Promise<Answer>;
  close(): void;
};

export async function openConnection(port: number, secretKey: string): Promise<Connection> {
  let line = await dial(port);
  const send: Connection['send'] = async (path, headers, body) => {
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = Buffer.byteLength(body);
    const request = `POST ${path} HTTP/1.1\r\nhost: bench\r\n${fields.join('')}content-length: ${length}\r\n\r\n${body}`;
    // The server closes connections on which nothing has come for some seconds: a spare one may be gone, or going.
    if (line.socket.destroyed || line.socket.readableEnded) line = await dial(port);
    const answer = await exchange(line, request);
    if (answer !== null) return answer;
    line = await dial(port);
    const second = await exchange(line, request);
    if (second === null) throw new Error('the API closed the connection');
    return second;
  };
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  return {
    send,
    post: (path, idempotencyKey, body) => send(path, { ...headers, 'idempotency-key': idempotencyKey }, body),
    close: () => void line.socket.destroy(),
  };
}

/** `receive`: null where the connection ended before anything of an answer came. */
type Line = { socket: Socket; receive(): Promise<Answer | null> };

function exchange({ socket, receive }: Line, request: string): Promise<Answer | null> {
  const answer = receive();
  socket.write(request);
  return answer;
}

async function dial(port: number): Promise<Line> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { socket, receive: receiver(socket) };
}

type Waiting = { resolve(answer: Answer | null): void; reject(error: Error): void };

function receiver(socket: Socket): () => Promise<Answer | null> {
  let waiting: Waiting | null = null;
  let received = '';
  const end = (error: Error | null) => {
    if (error === null && received === '') waiting?.resolve(null);
    else waiting?.reject(error ?? new Error('the API closed the connection within an answer'));
    waiting = null;
  };
  // One byte a character: lengths count bytes, and what is looked for is ASCII.
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received = received === '' ? chunk : received + chunk;
    const answer = wholeAnswer(received);
    if (answer === null) return;
    received = '';
    const answered = waiting;
    waiting = null;
    answered?.resolve(answer);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => end(GONE.has(error.code ?? '') ? null : error));
  socket.on('close', () => end(null));
  // A payment that is never answered ends the benchmark with an error instead of holding it up.
  socket.setTimeout(UNANSWERED_MS, () => waiting && socket.destroy(new Error('the API did not answer')));
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
}

function wholeAnswer(text: string): Answer | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(text) ?? [];
  if (text.length < end + 4 + Number(length)) return null;
  return { status: Number(text.slice(9, 12)), body: text.slice(end + 4) };
}
