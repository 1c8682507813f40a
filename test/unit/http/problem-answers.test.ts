import { HttpRequest } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { PROBLEM_CODES, TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { toHttpHandler } from '../../../shared/http/http-handler.ts';
import { toProblemResponse } from '../../../shared/http/problem-response.ts';
import { RequestError } from '../../../shared/http/request-error.ts';
import type { Route } from '../../../shared/http/route.ts';
import { PROBLEM } from '../../support/domain-samples.ts';
import { makeInvocation } from '../../support/invocation.ts';

const REQUEST = new HttpRequest({ method: 'GET', url: 'http://127.0.0.1:7071/api/certificates' });

async function answerTo(respond: Route['respond']) {
  const { context, lines } = makeInvocation();
  // No route here touches its client, and the library exports no way to make one.
  const client: unknown = {};
  const route: Route = {
    ...{
      name: 'UnderTest',
      method: 'GET',
      path: 'test',
      role: 'Certkeeper.Read',
      summary: 'A test',
    },
    ...{ answers: {}, problems: [], respond },
  };
  const handler = toHttpHandler(route, () => ({ kind: 'function-key' }));
  const answer = await handler(REQUEST, client as DurableClient, context);
  return { answer, lines, body: bodyOf(answer) };
}

function bodyOf({ body }: { body?: unknown }): unknown {
  return typeof body === 'string' ? JSON.parse(body) : body;
}

describe('A problem as an HTTP answer', () => {
  test('has the members of RFC 9457, and what the reader can do', () => {
    const problem = { ...PROBLEM, cure: 'Sync it again.' };
    const answer = toProblemResponse(problem, 'invocation-1');
    expect(answer).toMatchObject({
      status: 502,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(bodyOf(answer)).toEqual({
      type: 'urn:certkeeper:problem:AZURE_REFUSED',
      title: 'Bad Gateway',
      status: 502,
      detail: PROBLEM.message,
      code: 'AZURE_REFUSED',
      cure: 'Sync it again.',
      resource: PROBLEM.resource,
      correlationId: 'invocation-1',
    });
  });

  test.each([
    ['INVALID_REQUEST', 400],
    ['BINDING_NOT_ALLOWED', 403],
    ['NOT_FOUND', 404],
    ['SOURCE_NOT_FOUND', 404],
    ['VAULT_NOT_CONFIGURED', 404],
    ['SERVICE_NOT_CONFIGURED', 404],
    ['CROSS_SITE_REQUEST', 403],
    ['NEEDS_IDENTITIES', 403],
    ['NOT_SIGNED_IN', 401],
    ['ROLE_MISSING', 403],
    ['TARGET_TAKEN', 409],
    ['INTERNAL_ERROR', 500],
    ['CERTKEEPER_PERMISSION_MISSING', 502],
    ['AZURE_UNAVAILABLE', 503],
    ['SYNC_FAILED', 503],
  ] as const)('with the code %s has the status %d', (code, status) => {
    expect(toProblemResponse({ code, message: 'm' }, 'i').status).toBe(status);
  });

  test.each(PROBLEM_CODES)('has a title of its own status for %s', (code) => {
    expect(bodyOf(toProblemResponse({ code, message: 'm' }, 'i'))).not.toMatchObject({
      title: 'Error',
    });
  });

  test.each([
    [undefined, '5'],
    [0, '0'],
    [0.2, '1'],
    [30, '30'],
  ])('says when to come back: %s seconds are written as %s', (retryAfterSeconds, header) => {
    const problem = { code: 'AZURE_UNAVAILABLE', message: 'm' } as const;
    expect(toProblemResponse(problem, 'i', { retryAfterSeconds }).headers).toMatchObject({
      'retry-after': header,
    });
  });

  test('asks nobody to come back while sign-in is not set up', () => {
    const answer = toProblemResponse({ code: 'SIGN_IN_NOT_SET_UP', message: 'm' }, 'i');
    expect(answer.status).toBe(503);
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  test('says how to sign in to who is not', () => {
    const answer = toProblemResponse({ code: 'NOT_SIGNED_IN', message: 'm' }, 'i');
    expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer realm="certkeeper"' });
  });

  test('does not ask the caller to come back when that would not help', () => {
    expect(toProblemResponse(PROBLEM, 'i').headers).not.toHaveProperty('retry-after');
  });
});

describe('A route', () => {
  test('that answers is answered as it stands', async () => {
    const { answer } = await answerTo(async () => ({ status: 200, jsonBody: { a: 1 } }));
    expect(answer).toMatchObject({ status: 200, jsonBody: { a: 1 } });
  });

  test('carries the correlation id, and is kept by nobody', async () => {
    const { answer } = await answerTo(async () => ({ status: 200, headers: { location: '/a' } }));
    expect(answer.headers).toEqual({
      location: '/a',
      'x-correlation-id': 'invocation-1',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  test('that refuses a request names every field', async () => {
    const errors = [
      { field: 'dryRun', message: 'must be true or false' },
      { field: 'name', message: 'is too long' },
    ];
    const { answer, body } = await answerTo(() => Promise.reject(new RequestError(errors)));
    expect(answer.status).toBe(400);
    expect(body).toMatchObject({
      code: 'INVALID_REQUEST',
      detail: 'The request cannot be used: dryRun must be true or false; name is too long.',
      errors,
    });
  });

  test('that fails for good answers its problem', async () => {
    const { body, lines } = await answerTo(() => Promise.reject(new TerminalError(PROBLEM)));
    expect(body).toMatchObject({ code: 'AZURE_REFUSED', correlationId: 'invocation-1' });
    expect(lines).toEqual([]);
  });

  test('that fails for now answers its problem and when to come back', async () => {
    const problem = { code: 'AZURE_UNAVAILABLE', message: 'not now' } as const;
    const { answer } = await answerTo(() =>
      Promise.reject(new TransientError(problem, { retryAfterSeconds: 12.5 })),
    );
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '13' } });
  });

  test.each<[sentence: string, error: unknown]>([
    ['an error', new Error('the password is hunter2')],
    ['a text', 'the password is hunter2'],
  ])('that fails unforeseen tells the caller nothing of its inside: %s', async (_, error) => {
    const { answer, body, lines } = await answerTo(async () => {
      throw error;
    });
    expect(answer.status).toBe(500);
    expect(body).toMatchObject({ code: 'INTERNAL_ERROR', correlationId: 'invocation-1' });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(lines.join('\n')).toContain('error The request failed unexpectedly');
  });
});
