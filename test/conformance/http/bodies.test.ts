import { randomBytes } from 'node:crypto';
import { conforms } from '../../support/conformance.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { httpApp } from '../../support/host/http-app.ts';
import { rawRequest } from '../../support/host/raw-request.ts';

const LIBRARY = '@azure/functions';
const GUIDE =
  'https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-request';
const ANSWERS =
  'https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-response';

let host: ServingHost;
beforeAll(async () => {
  host = await startHostProcess({ files: { 'app.cjs': httpApp } });
});
afterAll(cleanUpHosts);

const post = (path: string, init: RequestInit) =>
  fetch(`${host.url}/api/${path}`, { method: 'POST', ...init });

describe('The body of a request', () => {
  conforms(`${LIBRARY} src/http/HttpRequest.ts`, 'reaches the function byte for byte', async () => {
    const body = randomBytes(100_000);
    const answer: unknown = await (await post('seen', { body })).json();
    expect(answer).toHaveProperty('body', body.toString('base64'));
  });

  conforms(GUIDE, 'may be JSON', async () => {
    const value = { a: [1, 'ü', null] };
    const answer = await post('json', { body: JSON.stringify(value) });
    expect(await answer.json()).toEqual(value);
  });

  conforms(GUIDE, 'may be a form with files', async () => {
    const body = new FormData();
    body.append('name', 'a value');
    body.append('name', 'ü');
    body.append('file', new Blob([Buffer.of(0, 255)], { type: 'image/x-own' }), 'a "b".bin');
    expect(await (await post('form', { body })).json()).toEqual([
      ['name', 'a value'],
      ['name', 'ü'],
      ['file', 'a "b".bin', 'image/x-own', 'AP8='],
    ]);
  });

  conforms(GUIDE, 'may be a form in the manner of a query', async () => {
    const body = new URLSearchParams([
      ['a', 'b c'],
      ['a', '&'],
    ]);
    expect(await (await post('form', { body })).json()).toEqual([
      ['a', 'b c'],
      ['a', '&'],
    ]);
  });

  conforms(GUIDE, 'that is no form where the function wants one makes it fail', async () => {
    expect((await post('form', { body: 'just text' })).status).toBe(500);
  });

  conforms(`${LIBRARY} src/http/HttpRequest.ts`, 'may be empty', async () => {
    expect(await (await post('seen', {})).json()).toHaveProperty('body', '');
  });

  conforms(
    `${LIBRARY} src/http/HttpRequest.ts`,
    'of a GET does not reach the function',
    async () => {
      const answer = await rawRequest(`${host.url}/api/seen`, {
        headers: { 'content-length': '3' },
        body: Buffer.from('abc'),
      });
      expect(JSON.parse(answer.body.toString('utf8'))).toMatchObject({ method: 'GET', body: '' });
    },
  );

  // Azure's host hands none on (azure-functions-nodejs-library issue 171); nobody relies on that.
  conforms(GUIDE, 'may come in chunks of unknown number', async () => {
    const body = new Blob(['abc']).stream();
    const answer = await post('seen', { body, duplex: 'half' });
    expect(await answer.json()).toHaveProperty('body', 'YWJj');
  });
});

describe('The body of an answer', () => {
  const bodyOf = async (kind: string) => {
    const answer = await fetch(`${host.url}/api/body/${kind}`);
    return {
      type: answer.headers.get('content-type'),
      length: answer.headers.get('content-length'),
      body: Buffer.from(await answer.arrayBuffer()).toString('latin1'),
      status: answer.status,
    };
  };
  const latin = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

  conforms(ANSWERS, 'may be text, in UTF-8', async () => {
    expect(await bodyOf('string')).toMatchObject({
      ...{ type: 'text/plain;charset=UTF-8', length: '5', body: latin('grün') },
    });
  });

  conforms(ANSWERS, 'may be bytes, and says no type of its own then', async () => {
    expect(await bodyOf('bytes')).toMatchObject({ type: null, body: '\x00\xff\x80' });
  });

  conforms(ANSWERS, 'may be a blob, with the type that it has', async () => {
    expect(await bodyOf('blob')).toMatchObject({ type: 'text/x-blob', body: 'of a kind' });
  });

  conforms(ANSWERS, 'may be a form with files', async () => {
    const { type, body } = await bodyOf('form');
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(type ?? '')?.[1] ?? 'none';
    const parts = body.split(`--${boundary}`);
    expect(parts).toHaveLength(4);
    expect(parts[1]).toContain('name="a"\r\n\r\n1\r\n');
    expect(parts[2]).toContain('filename="name.txt"\r\nContent-Type: text/x-own\r\n\r\ncontent');
  });

  conforms(ANSWERS, 'may be a form in the manner of a query', async () => {
    expect(await bodyOf('params')).toMatchObject({
      ...{ type: 'application/x-www-form-urlencoded;charset=UTF-8', body: 'a=b+c&d=%26' },
    });
  });

  conforms(ANSWERS, 'may be a stream, which is read to its end first', async () => {
    expect(await bodyOf('stream')).toMatchObject({ length: '12', body: 'first second' });
  });

  conforms(`${LIBRARY} src/http/HttpResponse.ts`, 'may be any value, as JSON', async () => {
    expect(await bodyOf('json')).toMatchObject({
      ...{ type: 'application/json', body: '{"a":[1,null]}' },
    });
    expect(await bodyOf('typedJson')).toMatchObject({ type: 'application/problem+json' });
  });

  conforms(ANSWERS, 'may be missing', async () => {
    expect(await bodyOf('empty')).toMatchObject({ status: 200, length: '0', body: '' });
  });

  conforms(
    'https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger',
    'is missing and the status 204 when the function returns nothing',
    async () => {
      const answer = await fetch(`${host.url}/api/nothing`);
      expect(answer.status).toBe(204);
      expect(answer.headers.get('content-length')).toBeNull();
    },
  );

  conforms(
    `${LIBRARY} src/converters/toRpcHttp.ts`,
    'is not changed by enableContentNegotiation: it is bytes already',
    async () => {
      expect(await bodyOf('negotiated')).toMatchObject({ status: 200, body: 'plain' });
    },
  );
});
