import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { makeBoundedHttpClient } from '../../../shared/azure/bounded-http-client.ts';

describe('A request', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer((request, response) => {
      // `/dead` is accepted and never answered, as by a connection that went dead.
      if (request.url !== '/dead') response.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const requestTo = (path: string) =>
    createPipelineRequest({
      url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`,
      allowInsecureConnection: true,
    });

  test('is given up when nobody answers it', async () => {
    const client = makeBoundedHttpClient(undefined, 20);
    await expect(client.sendRequest(requestTo('/dead'))).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('is answered as ever within its limit', async () => {
    const client = makeBoundedHttpClient();
    await expect(client.sendRequest(requestTo('/'))).resolves.toMatchObject({
      status: 200,
      bodyAsText: 'hello',
    });
  });
});
