/** The cheapest client that still speaks HTTP/1.1: one request at a time on one kept connection, nothing parsed twice. */

import { connect, type Socket } from 'node:net';

const UNANSWERED_MS = 30_000;

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
    // The server closes connections on which nothing has come for some seconds: a spare one may be gone.
    if (line.socket.destroyed || line.socket.readableEnded) line = await dial(port);
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = Buffer.byteLength(body);
    const answer = line.receive();
    line.socket.write(
      `POST ${path} HTTP/1.1\r\nhost: bench\r\n${fields.join('')}content-length: ${length}\r\n\r\n${body}`,
    );
    return answer;
  };
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  return {
    send,
    post: (path, idempotencyKey, body) => send(path, { ...headers, 'idempotency-key': idempotencyKey }, body),
    close: () => void line.socket.destroy(),
  };
}

async function dial(port: number): Promise<{ socket: Socket; receive(): Promise<Answer> }> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return { socket, receive: receiver(socket) };
}

type Waiting = { resolve(answer: Answer): void; reject(error: Error): void };

function receiver(socket: Socket): () => Promise<Answer> {
  let waiting: Waiting | null = null;
  let received = '';
  const fail = (error: Error) => {
    waiting?.reject(error);
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
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the API closed the connection')));
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
