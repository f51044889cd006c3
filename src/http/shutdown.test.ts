import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startServer } from '../../test/support/http-server.ts';

test('while stopping, what is under way is finished and what is new is sent away', async () => {
  const app = await startServer();
  const { key } = await app.makeKey();
  const gate = Promise.withResolvers<void>();
  app.features.answer.next = async () => {
    await gate.promise;
    return { status: 200, body: { object: 'finished' } };
  };
  const request = `GET /v1/payments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  const sockets = [connect(app.port, '127.0.0.1'), connect(app.port, '127.0.0.1')];
  const received = sockets.map((socket) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
    });
    return () => text;
  });
  const [first, second] = sockets;
  first?.write(request);
  // Half a request keeps the second connection from being idle when the server begins to stop.
  second?.write(request.slice(0, 20));
  await expect.poll(() => app.features.calls.length).toBe(1);
  const stopped = app.server.close();
  second?.write(request.slice(20));
  await expect.poll(() => received[1]?.()).toContain('"code":"shutting_down"');
  expect(received[1]?.()).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 2\r\n/is);
  expect(received[0]?.()).toBe('');
  gate.resolve();
  await expect.poll(() => received[0]?.()).toContain('finished');
  await Promise.all([stopped, ...sockets.map((socket) => socket.closed || once(socket, 'close'))]);
  await app.stop();
});
