import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { letRunOut, readBody } from '../../../local/host/http/read-body.ts';

/** A request whose body the test writes, as it reaches the server. */
async function receive() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ port, host: '127.0.0.1', method: 'POST' });
  outgoing.on('error', () => undefined);
  outgoing.flushHeaders();
  // The first argument of the event.
  const [incoming] = (await once(server, 'request')) as [IncomingMessage];
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { outgoing, incoming, close };
}

async function open(limit: number, pace?: { bytes: number; everyMs: number }) {
  const { outgoing, incoming, close } = await receive();
  return { outgoing, read: readBody(incoming, limit, pace).finally(close) };
}

describe('Reading a body', () => {
  test('gives all of it', async () => {
    const { outgoing, read } = await open(10);
    outgoing.write('hello');
    outgoing.end('world');
    expect(String(await read)).toBe('helloworld');
  });

  test('ends without it when there is too much', async () => {
    const { outgoing, read } = await open(9);
    outgoing.end('helloworld');
    expect(await read).toBe('too-large');
  });

  test('ends without it when next to nothing comes', async () => {
    const { outgoing, read } = await open(100, { bytes: 10, everyMs: 5 });
    outgoing.write('hello');
    expect(await read).toBe('too-slow');
  });

  test('ends without it when the caller goes away', async () => {
    const { outgoing, read } = await open(100);
    outgoing.write('hello');
    outgoing.destroy();
    expect(await read).toBe('aborted');
  });

  test('does not blame the caller for a process that was busy meanwhile', async () => {
    const { outgoing, read } = await open(100, { bytes: 1, everyMs: 50 });
    outgoing.write('hello');
    outgoing.end('world');
    await new Promise((sent) => setImmediate(sent));
    const until = performance.now() + 100;
    while (performance.now() < until);
    expect(String(await read)).toBe('helloworld');
  });
});

describe('What still comes of a body after the answer', () => {
  test('is thrown away, and the connection stays good', async () => {
    const { outgoing, incoming, close } = await receive();
    const over = letRunOut(incoming);
    outgoing.end('hello');
    await over;
    expect([incoming.complete, incoming.socket.destroyed]).toEqual([true, false]);
    close();
  });

  test('is not waited for without end', async () => {
    const { outgoing, incoming, close } = await receive();
    outgoing.write('hello');
    await letRunOut(incoming, { bytes: 10, everyMs: 5 });
    expect(incoming.destroyed).toBe(true);
    close();
  });
});
