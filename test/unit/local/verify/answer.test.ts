/** What counts as an answer to a question. */
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { NotAsked } from '../../../../local/verify/question.ts';
import {
  acceptOrRefuse,
  inBothWays,
  orRefused,
  toAnswer,
} from '../../../../local/verify/answer.ts';

const answer = (status: number, body: unknown = '') =>
  toAnswer({
    status,
    headers: createHttpHeaders(),
    request: createPipelineRequest({ url: 'https://management.azure.com' }),
    bodyAsText: typeof body === 'string' ? body : JSON.stringify(body),
  });
const error = (code: string, message = 'No.') => ({ error: { code, message } });

test.each([
  ['a success', answer(201), 'accept'],
  ['a change on its way', answer(202), 'accept'],
  ['a refusal of what was sent', answer(400, error('ValidationError')), 'refuse'],
  ['a conflict', answer(409, error('ServiceLocked')), 'refuse'],
  ['an operation that failed', answer(200, { status: 'Failed', ...error('Bad') }), 'refuse'],
  ['a breakdown', answer(500, error('InternalServerError')), '500 InternalServerError'],
])('%s is a verdict', (_what, given, verdict) => {
  expect(acceptOrRefuse(given)).toBe(verdict);
});

test.each([
  ['a missing permission', answer(403, error('AuthorizationFailed'))],
  ['one at what is linked', answer(403, error('LinkedAuthorizationFailed'))],
  ['one in Graph', answer(403, error('Authorization_RequestDenied'))],
  ['a policy of the organisation', answer(403, error('RequestDisallowedByPolicy'))],
  ['a provider that is not registered', answer(409, error('MissingSubscriptionRegistration'))],
  ['a lock', answer(409, error('ScopeLocked'))],
  ['a missing token', answer(401, error('Unauthorized'))],
  ['too many requests', answer(429)],
])('%s says nothing about the question', (_what, given) => {
  expect(() => acceptOrRefuse(given)).toThrow(NotAsked);
});

test('a refusal may have a word of its own, and nothing else has', () => {
  expect(orRefused(answer(400, error('ValidationError')), 'year')).toBe('year');
  expect(orRefused(answer(500, error('InternalServerError')), 'year')).toBe(
    '500 InternalServerError',
  );
  expect(() => orRefused(answer(403, error('AuthorizationFailed')), 'year')).toThrow(NotAsked);
});

test('two ways of asking are one answer where they agree, and told apart where they do not', () => {
  expect(inBothWays(['by id', 'accept'], ['by print', 'accept'])).toBe('accept');
  expect(inBothWays(['by id', 'refuse'], ['by print', 'accept'])).toBe(
    'by id: refuse, by print: accept',
  );
});

test.each([
  ['JSON with details', { error: { code: 'A', message: 'Wrong:', details: [{ message: 'x' }] } }],
  ['a token endpoint’s', { error: 'A', error_description: 'Wrong: x' }],
])('errors are read in their form: %s', (_what, body) => {
  expect(answer(400, body)).toMatchObject({ code: 'A', message: 'Wrong: x' });
});

test('an error that is a page has its words as the message', () => {
  expect(answer(404, '<html><b>Not</b>\n<i>found</i></html>').message).toBe('Not found');
});

test('a body of another form than expected reads as nothing', () => {
  for (const body of ['', 'x', '[]', 'null', '{"a":1}']) {
    expect(answer(200, body).text('a', 0, 'b')).toBe('');
    expect(answer(200, body).at('a', 0, 'b')).toBeUndefined();
  }
});
