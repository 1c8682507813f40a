/** Apps of one file for tests of the host's HTTP side; each behaviour has a function of its own. */

/** Bodies, headers, routes, cookies, status codes, keys. */
export const httpApp = `
const { app } = require('@azure/functions');
const anonymous = (options) => ({ authLevel: 'anonymous', ...options });

app.http('seen', anonymous({
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'],
  handler: async (request) => ({ jsonBody: {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    query: [...request.query],
    params: request.params,
    body: Buffer.from(await request.arrayBuffer()).toString('base64'),
  } }),
}));
app.http('json', anonymous({ methods: ['POST'], handler: async (request) => ({ jsonBody: await request.json() }) }));
app.http('form', anonymous({
  methods: ['POST'],
  handler: async (request) => {
    const fields = [];
    for (const [name, value] of await request.formData()) {
      fields.push(typeof value === 'string'
        ? [name, value]
        : [name, value.name, value.type, Buffer.from(await value.arrayBuffer()).toString('base64')]);
    }
    return { jsonBody: fields };
  },
}));

const form = new FormData();
form.set('a', '1');
form.set('file', new Blob(['content'], { type: 'text/x-own' }), 'name.txt');
const bodies = {
  string: { body: 'grün' },
  bytes: { body: Buffer.from([0, 255, 128]) },
  blob: { body: new Blob(['of a kind'], { type: 'text/x-blob' }) },
  form: { body: form },
  params: { body: new URLSearchParams({ a: 'b c', d: '&' }) },
  stream: { body: new Blob(['first ', 'second']).stream() },
  json: { jsonBody: { a: [1, null] } },
  typedJson: { jsonBody: { a: 1 }, headers: { 'content-type': 'application/problem+json' } },
  empty: {},
  negotiated: { body: 'plain', enableContentNegotiation: true },
};
app.http('body', anonymous({ route: 'body/{kind}', handler: ({ params }) => bodies[params.kind] }));
app.http('nothing', anonymous({ handler: () => undefined }));
app.http('status', anonymous({
  route: 'status/{code:int}',
  methods: ['GET', 'HEAD'],
  handler: ({ params }) => ({ status: Number(params.code), body: 'text' }),
}));
app.http('size', anonymous({ methods: ['GET', 'HEAD'], handler: ({ method }) =>
  ({ headers: { 'content-length': '4096' }, ...(method === 'HEAD' ? {} : { body: 'x'.repeat(4096) }) }) }));
app.http('getOnly', anonymous({ methods: ['GET'], handler: () => ({ body: 'got' }) }));
app.http('headers', anonymous({ handler: () => ({ body: 'x', headers: new Headers([
  ['X-Many', 'one'], ['X-Many', 'two'], ['Cache-Control', 'no-store'],
  ['Connection', 'keep-alive, x-gone'], ['Keep-Alive', 'timeout=1'], ['TE', 'trailers'],
]) }) }));
app.http('badHeader', anonymous({ handler: (_, context) => {
  context.extraOutputs.set('unused', 1);
  return { headers: { 'x-ok': 'yes' }, cookies: [{ name: 'not a token', value: '' }] };
} }));
app.http('cookies', anonymous({ handler: () => ({ cookies: [
  { name: 'plain', value: 'a b;' },
  { name: 'full', value: 'x', domain: 'example.com', path: '/p', expires: new Date(86_400_000), maxAge: 60,
    secure: true, httpOnly: true, sameSite: 'Strict' },
  { name: 'lax', value: '', sameSite: 'Lax' },
  { name: 'none', value: '', sameSite: 'None' },
] }) }));
app.http('item', anonymous({
  route: 'items/{id:int:min(1)}/{part:alpha?}',
  handler: ({ params }) => ({ jsonBody: params }),
}));
app.http('exact', anonymous({ route: 'items/first', handler: () => ({ body: 'exact' }) }));
app.http('rest', anonymous({ route: 'files/{*path}', handler: ({ params }) => ({ jsonBody: params }) }));
app.http('throws', anonymous({ handler: () => { throw new Error('a secret reason'); } }));
app.http('slow', anonymous({ handler: () => new Promise((done) => setTimeout(done, 30_000, { body: 'late' }).unref()) }));

app.http('one', { authLevel: 'function', handler: () => ({ body: 'one' }) });
app.http('two', { authLevel: 'function', handler: () => ({ body: 'two' }) });
app.http('owner', { authLevel: 'admin', handler: () => ({ body: 'owner' }) });
app.http('off', anonymous({ handler: () => ({ body: 'on' }) }));
`;

/** An app that takes and gives its bodies as streams. */
export const streamApp = `
const { app } = require('@azure/functions');
const { createHash } = require('node:crypto');
app.setup({ enableHttpStream: true });
const anonymous = (options) => ({ authLevel: 'anonymous', ...options });
const state = { taken: 0, given: 0, gone: 0 };

app.http('seen', anonymous({ route: 'seen/{part}', methods: ['GET', 'POST', 'DELETE'], handler: async (request) => ({
  status: 201,
  headers: { 'x-own': 'yes' },
  cookies: [{ name: 'a', value: 'b' }, { name: 'c', value: 'd' }],
  jsonBody: {
    method: request.method, url: request.url, params: request.params, query: [...request.query],
    header: request.headers.get('x-mine'), id: request.headers.get('x-ms-invocation-id'),
    body: await request.text(),
  },
}) }));
app.http('digest', anonymous({ methods: ['POST'], handler: async (request) => {
  const hash = createHash('sha256');
  for await (const chunk of request.body) hash.update(chunk);
  return { body: hash.digest('hex') };
} }));
app.http('echo', anonymous({ methods: ['POST'], handler: (request) => ({ body: request.body }) }));
app.http('ticks', anonymous({ methods: ['GET'], handler: () => {
  const encoder = new TextEncoder();
  let next;
  ticks = { push: (text) => next.enqueue(encoder.encode(text)), end: () => next.close(), fail: () => next.error(new Error('in the middle')) };
  return { headers: { 'content-type': 'text/event-stream' }, body: new ReadableStream({ start: (c) => { next = c; ticks.push('hello'); } }) };
} }));
let ticks;
app.http('tick', anonymous({ route: 'tick/{what}', methods: ['POST'], handler: async (request) => {
  ticks[request.params.what](await request.text());
  return {};
} }));
app.http('ignores', anonymous({ methods: ['POST'], handler: () => ({ body: 'did not look' }) }));
app.http('waits', anonymous({ methods: ['POST'], handler: async (request, context) => {
  try {
    for await (const chunk of request.body) context.log('took', chunk.length);
  } catch (error) {
    context.log('the caller has gone');
    throw error;
  }
} }));
app.http('gives', anonymous({ methods: ['GET'], handler: () => ({
  body: new ReadableStream({
    async pull(controller) {
      await new Promise((next) => setTimeout(next, 1));
      controller.enqueue(new Uint8Array(65536));
      if ((state.given += 1) > 200) controller.close();
    },
  }),
}) }));
app.http('throws', anonymous({ handler: () => { throw new Error('a secret reason'); } }));
app.http('nothing', anonymous({ handler: () => undefined }));
app.http('guarded', { authLevel: 'function', methods: ['POST'], handler: () => ({ body: 'open' }) });
`;
