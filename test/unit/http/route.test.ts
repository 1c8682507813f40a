import * as z from 'zod';
import { flagSchema } from '../../../shared/http/read-input.ts';
import { defineRoute } from '../../../shared/http/route.ts';
import { askRoute, type Ask } from '../../support/ask-route.ts';

/** Answers what it was given. */
const echo = defineRoute({
  name: 'Echo',
  method: 'POST',
  path: 'echo/{id}',
  role: 'Certkeeper.Read',
  summary: 'Says what it was given',
  params: z.object({ id: z.string().regex(/^[a-z]+$/, { error: 'must be letters' }) }),
  query: z.object({
    dryRun: flagSchema,
    limit: z.coerce.number({ error: 'must be a number' }).max(10).exactOptional(),
  }),
  headers: z.object({ 'if-match': z.string().min(3).exactOptional() }),
  body: z.object({
    version: z.string().exactOptional(),
    inner: z.object({ on: z.boolean() }).exactOptional(),
  }),
  answers: { 200: { description: 'What it was given', schema: z.object({ given: z.unknown() }) } },
  problems: [],
  handle: async ({ params, query, headers, body }) => ({
    status: 200,
    jsonBody: { given: { params, query, headers, body } },
  }),
});

const ask = (query = '', more: Ask = {}) =>
  askRoute(echo, `/echo/abc${query}`, { params: { id: 'abc' }, ...more });

const fieldsOf = (body: unknown) =>
  z
    .object({ errors: z.array(z.object({ field: z.string(), message: z.string() })) })
    .parse(body)
    .errors.map(({ field, message }) => `${field} ${message}`);

describe('A route reads its request', () => {
  test('by its schemas, with their defaults', async () => {
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toEqual({
      given: { params: { id: 'abc' }, query: { dryRun: false }, headers: {}, body: {} },
    });
  });

  test('whole', async () => {
    const { body } = await ask('?dryRun=true&limit=3', {
      headers: { 'If-Match': '"1"', 'x-other': 'is left alone' },
      body: { version: 'v1', inner: { on: true } },
    });
    expect(body).toMatchObject({
      given: {
        query: { dryRun: true, limit: 3 },
        headers: { 'if-match': '"1"' },
        body: { version: 'v1', inner: { on: true } },
      },
    });
  });

  test.each(['?DRYRUN=true', '?dryrun', '?dryRun=true&code=key&clientId=default'])(
    'without regard to the case of names in the query, nor to its key: %s',
    async (query) => {
      expect((await ask(query)).body).toMatchObject({ given: { query: { dryRun: true } } });
    },
  );

  test('and takes no body for an empty one, whatever its type', async () => {
    const { status } = await ask('', { body: '', headers: { 'content-type': 'text/plain' } });
    expect(status).toBe(200);
  });
});

describe('A route refuses a request and names the field', () => {
  test.each<[string, string, Ask, string[]]>([
    ['in the path', '', { params: { id: 'A1' } }, ['id must be letters']],
    ['in the query', '?limit=x', {}, ['limit must be a number']],
    [
      'twice',
      '?limit=x&dryRun=perhaps',
      {},
      ['dryRun must be true or false', 'limit must be a number'],
    ],
    [
      'that nobody knows',
      '?dryRum=true',
      {},
      ['dryRum is not known here; there are dryRun, limit'],
    ],
    ['in a header', '', { headers: { 'if-match': '1' } }, [expect.stringContaining('if-match ')]],
    ['in the body', '', { body: { version: 7 } }, [expect.stringContaining('version ')]],
    ['deep in the body', '', { body: { inner: {} } }, ['inner.on is missing']],
    ['unknown in the body', '', { body: { versoin: 'v' } }, ['versoin is not known here']],
    ['when the body is no object', '', { body: [1] }, [expect.stringContaining('body ')]],
    [
      'when the body is no JSON',
      '',
      { body: '{"password":"hunter2', headers: { 'content-type': 'application/json' } },
      ['body is no JSON'],
    ],
  ])('%s', async (_, query, more, fields) => {
    const { status, body } = await ask(query, more);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(fieldsOf(body)).toEqual(fields);
    expect(JSON.stringify(body)).not.toContain('hunter2');
  });

  test.each([
    [
      'of another type',
      { body: 'a=1', headers: { 'content-type': 'text/plain' } },
      415,
      'CONTENT_TYPE_UNSUPPORTED',
    ],
    ['of no type', { body: '{}' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['too large', { body: { version: 'x'.repeat(70_000) } }, 413, 'BODY_TOO_LARGE'],
    [
      'said to be too large',
      { body: '{}', headers: { 'content-length': '70000' } },
      413,
      'BODY_TOO_LARGE',
    ],
  ])('or says what is wrong with a body that is %s', async (_, more, status, code) => {
    expect(await ask('', more)).toMatchObject({ status, body: { code } });
  });
});

describe('A route with a body of its own', () => {
  const upload = defineRoute({
    name: 'Take',
    method: 'POST',
    path: 'take',
    role: 'Certkeeper.Upload',
    summary: 'Takes a text',
    bodies: { 'text/plain': z.string() },
    answers: { 200: { description: 'The text', schema: z.string() } },
    problems: [],
    handle: async ({ request }) => ({ status: 200, jsonBody: await request.text() }),
  });

  test('reads it by itself', async () => {
    const headers = { 'content-type': 'Text/Plain; charset=utf-8' };
    expect(await askRoute(upload, '/take', { body: 'hello', headers })).toMatchObject({
      status: 200,
      body: 'hello',
    });
  });

  test.each([{}, { 'content-type': 'application/json' }, { 'content-type': 'constructor' }])(
    'refuses every other type: %j',
    async (headers) => {
      expect(await askRoute(upload, '/take', { body: 'hello', headers })).toMatchObject({
        status: 415,
        body: { code: 'CONTENT_TYPE_UNSUPPORTED', cure: 'Send text/plain.' },
      });
    },
  );
});
