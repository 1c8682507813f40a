import type { OrchestrationContext } from 'durable-functions';
import type { DurableResponse } from '../../../local/host/durable/call-http.ts';
import { makeHttpActivity } from '../../../local/host/durable/http-activity.ts';
import { conforms } from '../../support/conformance.ts';
import { callOnce, serve } from '../../support/host/call-http.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-features#consume-http-apis';
const REQUEST = 'durable-functions lib/src/http/DurableHttpRequest.js';
const SHIM =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskHttpActivityShim.cs';
const RESPONSE =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/DurableResponse.cs';

const orchestrators = { Call: callOnce };

describe('What is sent', () => {
  conforms(DOCS, 'is the method, the address, the headers and the text given', async () => {
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators });
    await kit.run('Call', {
      method: 'PUT',
      url: `${server.url}/a/b?c=d%20e`,
      headers: { 'X-One': '1', 'Content-Type': 'application/json' },
      body: '{"a":"ä"}',
    });
    expect(server.requests).toMatchObject([
      {
        method: 'PUT',
        url: '/a/b?c=d%20e',
        headers: { 'x-one': '1', 'content-type': 'application/json' },
        body: '{"a":"ä"}',
      },
    ]);
  });

  conforms(REQUEST, 'is an object as its JSON', async () => {
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators });
    await kit.run('Call', { method: 'POST', url: server.url, body: { a: [1, null] } });
    expect(server.requests[0]?.body).toBe('{"a":[1,null]}');
  });

  conforms(SHIM, 'is a body without a type as text/plain', async () => {
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators });
    await kit.run('Call', { method: 'POST', url: server.url, body: 'text' });
    expect(server.requests[0]?.headers['content-type']).toBe('text/plain');
  });

  conforms(SHIM, 'is a form with its charset', async () => {
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await kit.run('Call', { method: 'POST', url: server.url, headers, body: 'a=b' });
    expect(server.requests[0]?.headers['content-type']).toBe(
      'application/x-www-form-urlencoded; charset=utf-8',
    );
  });

  conforms(SHIM, 'is no content type where there is no content', async () => {
    const server = await serve((_, response) => response.end());
    const kit = await makeKit({ orchestrators });
    const headers = { 'content-type': 'application/json' };
    await kit.run('Call', { method: 'GET', url: server.url, headers });
    expect(server.requests[0]?.headers).not.toHaveProperty('content-type');
  });

  const refused: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['a multipart body', { 'Content-Type': 'multipart/form-data; boundary=x' }, /multipart/],
    [
      'a content type with parameters',
      { 'Content-Type': 'application/json; charset=utf-8' },
      /a type alone/,
    ],
    ['a header of the body itself', { 'Content-Length': '4' }, /'Content-Length' cannot be set/],
  ];
  for (const [what, headers, message] of refused) {
    conforms(SHIM, `is never ${what}: the task fails`, async () => {
      const server = await serve((_, response) => response.end());
      const kit = await makeKit({ orchestrators });
      const { status, output } = await kit.run('Call', {
        ...{ method: 'POST', url: server.url, headers, body: 'text' },
      });
      expect(status).toBe('Failed');
      expect(output).toMatch(message);
      expect(server.requests).toEqual([]);
    });
  }
});

describe('What comes back', () => {
  conforms(DOCS, 'is the status, the headers and the content', async () => {
    const server = await serve((_, response) => {
      response.writeHead(201, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] }).end('made: ä');
    });
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'GET', url: server.url });
    expect(output).toMatchObject({
      statusCode: 201,
      headers: { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] },
      content: 'made: ä',
    });
  });

  conforms(RESPONSE, 'has none of the headers that describe the content', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Other': '1' }).end('text');
    });
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'GET', url: server.url });
    expect(output).toMatchObject({ headers: { 'X-Other': '1' } });
    expect(JSON.stringify(output)).not.toMatch(/content-type|content-length/i);
  });

  conforms(RESPONSE, 'is read in the charset that it names', async () => {
    const server = await serve((_, response) => {
      response
        .writeHead(200, { 'Content-Type': 'text/plain; charset=iso-8859-1' })
        .end(Buffer.from([0xe4]));
    });
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'GET', url: server.url });
    expect(output).toMatchObject({ content: 'ä' });
  });

  for (const statusCode of [404, 500]) {
    conforms(DOCS, `is an answer, not a failure, when the status is ${statusCode}`, async () => {
      const server = await serve((_, response) => response.writeHead(statusCode).end('no'));
      const kit = await makeKit({ orchestrators });
      const { status, output } = await kit.run('Call', { method: 'GET', url: server.url });
      expect(status).toBe('Completed');
      expect(output).toMatchObject({ statusCode, content: 'no' });
    });
  }
});

describe('A call without an answer', () => {
  conforms(SHIM, 'fails its task, which the orchestrator can catch', async () => {
    const server = await serve((_, response) => response.destroy());
    const kit = await makeKit({
      orchestrators: {
        *Careful(context: OrchestrationContext) {
          try {
            yield context.df.callHttp({ method: 'GET', url: server.url });
            return 'answered';
          } catch (error) {
            return `caught: ${String(error)}`;
          }
        },
      },
    });
    expect((await kit.run('Careful')).output).toMatch(/^caught: .*socket hang up/s);
  });

  conforms(SHIM, 'fails when the server changes to another protocol', async () => {
    const server = await serve((_, { socket }) => {
      socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
    const kit = await makeKit({ orchestrators });
    const { status, output } = await kit.run('Call', { method: 'GET', url: server.url });
    expect(status).toBe('Failed');
    expect(output).toContain('closed without an answer');
  });

  conforms(SHIM, 'fails when nobody listens there', async () => {
    const server = await serve((_, response) => response.end());
    await server.close();
    const kit = await makeKit({ orchestrators });
    const { status, output } = await kit.run('Call', { method: 'GET', url: server.url });
    expect(status).toBe('Failed');
    expect(output).toContain('ECONNREFUSED');
  });

  for (const url of ['/relative', 'file:///etc/passwd', 'no address', '']) {
    conforms(SHIM, `fails for the address '${url}'`, async () => {
      const kit = await makeKit({ orchestrators });
      const { status, output } = await kit.run('Call', { method: 'GET', url });
      expect(status).toBe('Failed');
      expect(output).toContain('must be absolute, with http:// or https://');
    });
  }

  conforms(
    'https://learn.microsoft.com/dotnet/api/system.net.http.httpclient.timeout',
    'fails when none has come within HttpClient’s time',
    async () => {
      const server = await serve(() => undefined);
      const activity = makeHttpActivity({}, 20);
      const call = activity.invoke(JSON.stringify({ method: 'GET', uri: server.url }));
      await expect(call).rejects.toThrow('There was no answer within 0.02 seconds.');
    },
  );

  conforms(
    'local/host/durable/send-http.ts',
    'fails when the answer is longer than a task hub should hold',
    async () => {
      const server = await serve((_, response) => {
        const part = Buffer.alloc(1024 * 1024, 'a');
        for (let i = 0; i < 33; i++) response.write(part);
        response.end();
      });
      const kit = await makeKit({ orchestrators });
      const { status, output } = await kit.run('Call', { method: 'GET', url: server.url });
      expect(status).toBe('Failed');
      expect(output).toContain('longer than 32 MB');
    },
  );
});

describe('A redirect', () => {
  const redirects =
    'https://learn.microsoft.com/dotnet/api/system.net.http.httpclienthandler.allowautoredirect';

  conforms(redirects, 'is followed, a POST as a GET, without the credentials', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/old') response.writeHead(302, { Location: '/new' }).end();
      else response.end('here');
    });
    const kit = await makeKit({ orchestrators });
    const headers = { Authorization: 'Basic c2VjcmV0', 'X-Kept': '1' };
    const call = { method: 'POST', url: `${server.url}/old`, headers, body: 'text' };
    expect((await kit.run('Call', call)).output).toMatchObject({ content: 'here' });
    expect(server.requests[1]).toMatchObject({ method: 'GET', url: '/new', body: '' });
    expect(server.requests[1]?.headers).toMatchObject({ 'x-kept': '1' });
    expect(server.requests[1]?.headers).not.toHaveProperty('authorization');
  });

  conforms(redirects, 'keeps method and content with the status 307', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/old') response.writeHead(307, { Location: '/new' }).end();
      else response.end();
    });
    const kit = await makeKit({ orchestrators });
    await kit.run('Call', { method: 'POST', url: `${server.url}/old`, body: 'text' });
    expect(server.requests[1]).toMatchObject({ method: 'POST', url: '/new', body: 'text' });
  });

  conforms(redirects, 'without end is given up and handed on', async () => {
    const server = await serve((_, response) => response.writeHead(302, { Location: '/' }).end());
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'GET', url: server.url });
    expect(output).toMatchObject({ statusCode: 302 });
    expect(server.requests).toHaveLength(51);
  });
});

describe('In the history, a call', () => {
  conforms(
    'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Options/HttpOptions.cs',
    'is the built-in activity, its request as input and its answer as result',
    async () => {
      const server = await serve((_, response) => response.end('text'));
      const kit = await makeKit({ orchestrators });
      const { history } = await kit.run('Call', { method: 'GET', url: server.url });
      expect(history).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            EventType: 4,
            EventId: 0,
            Name: 'BuiltIn::HttpActivity',
            Input: expect.stringContaining(`"uri":"${server.url}"`) as string,
          }),
          expect.objectContaining({
            EventType: 5,
            TaskScheduledId: 0,
            Result: expect.stringMatching(
              /^\{"statusCode":200,"headers":\{.*\},"content":"text"\}$/,
            ) as string,
          }),
        ]),
      );
    },
  );

  conforms(DOCS, 'is made once, however often the orchestrator replays', async () => {
    const server = await serve((_, response) => response.end(`${server.requests.length}`));
    const kit = await makeKit({
      orchestrators: {
        *Twice(context: OrchestrationContext) {
          const contents: unknown[] = [];
          for (let i = 0; i < 3; i++) {
            const url = `${server.url}/${i}`;
            // What callHttp's task gives (durable-functions lib/src/http/DurableHttpResponse.js).
            const { content } = (yield context.df.callHttp({
              method: 'GET',
              url,
            })) as DurableResponse;
            contents.push(content);
          }
          return contents;
        },
      },
    });
    expect((await kit.run('Twice')).output).toEqual(['1', '2', '3']);
    expect(server.requests.map(({ url }) => url)).toEqual(['/0', '/1', '/2']);
  });
});
