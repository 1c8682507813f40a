/** Copies of policies: what is put back by an undo is, byte for byte, what was there. */
import { once } from 'node:events';
import https, { Agent, createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { startStorage, type RunningStorage } from '../../../local/storage/index.ts';
import { BlobContainer } from '../../../shared/azure/blobs.ts';
import {
  COPIES_CONTAINER,
  makeDocumentCopies,
} from '../../../shared/azure/repairs/document-copies.ts';
import type { StorageSettings } from '../../../shared/azure/tables.ts';
import { makePfx } from '../../support/system/openssl.ts';

const CREDENTIAL = {
  getToken: () => Promise.resolve({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const TEXTS: readonly (readonly [what: string, text: string])[] = [
  [
    'a byte order mark and line ends of Windows',
    '\ufeff<policies>\r\n\t<inbound />\r\n</policies>\r\n',
  ],
  ['blanks around it', '\n  <policies/> \t\n'],
  ['characters beyond the first plane', '<policies><!-- 😀 ü é ẞ \u200e --></policies>'],
  ['nothing', ''],
  ['as much as a policy may hold', `<policies><!--${'ä'.repeat(131_072)}--></policies>`],
];

const copiesIn = (storage: StorageSettings) =>
  makeDocumentCopies(new BlobContainer(COPIES_CONTAINER, storage, CREDENTIAL));

describe('A copy of a policy in Azurite', () => {
  let stateDir: string;
  let storage: RunningStorage;
  beforeAll(async () => {
    stateDir = mkdtempSync(path.join(os.tmpdir(), 'copies-'));
    storage = await startStorage({ blobPort: 0, stateDir });
  });
  afterAll(async () => {
    await storage.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });
  const copies = () =>
    copiesIn({ kind: 'connection-string', connectionString: storage.connectionString });

  test.each(TEXTS)('is read as it was written, with %s', async (_, text) => {
    await copies().save('one.xml', text);
    await expect(copies().read('one.xml')).resolves.toBe(text);
    const bytes = await BlobServiceClient.fromConnectionString(storage.connectionString)
      .getContainerClient(COPIES_CONTAINER)
      .getBlobClient('one.xml')
      .downloadToBuffer();
    expect(bytes.equals(Buffer.from(text, 'utf8'))).toBe(true);
  });

  test('is none where there is none', async () => {
    await expect(copies().read('none.xml')).resolves.toBeUndefined();
  });
});

describe("A copy of a policy in a storage account that knows the app's identity", () => {
  const blobs = new Map<string, Buffer>();
  const tokens = new Set<string | undefined>();
  let server: Server;

  beforeAll(async () => {
    const { value, password } = makePfx('127.0.0.1');
    server = createServer({ pfx: Buffer.from(value, 'base64'), passphrase: password });
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'https://127.0.0.1');
      tokens.add(request.headers.authorization);
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const headers = { etag: '"1"', 'last-modified': new Date(0).toUTCString() };
        if (request.method === 'PUT') {
          blobs.set(pathname, Buffer.concat(pieces));
          response.writeHead(201, headers).end();
          return;
        }
        const found = blobs.get(pathname);
        if (found === undefined) response.writeHead(404).end();
        else response.writeHead(200, { ...headers, 'content-length': found.length }).end(found);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A certificate of the test's own, for its own server.
    const request = https.request;
    jest
      .spyOn(https, 'request')
      .mockImplementation(((options: https.RequestOptions, ...rest: []) =>
        request(
          { ...options, agent: new Agent({ rejectUnauthorized: false }) },
          ...rest,
        )) as typeof https.request);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  test.each(TEXTS)('goes there with its token, and is the same again, with %s', async (_, text) => {
    const { port } = server.address() as AddressInfo;
    const url = `https://127.0.0.1:${String(port)}`;
    const copies = copiesIn({ kind: 'identity', blobUrl: url, tableUrl: url });
    await copies.save('one.xml', text);
    expect(blobs.get(`/${COPIES_CONTAINER}/one.xml`)?.equals(Buffer.from(text, 'utf8'))).toBe(true);
    await expect(copies.read('one.xml')).resolves.toBe(text);
    expect([...tokens]).toEqual(['Bearer a-token']);
  });
});
