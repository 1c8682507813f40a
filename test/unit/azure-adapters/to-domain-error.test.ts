import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { statusOf, toDomainError } from '../../../shared/azure/to-domain-error.ts';
import { PROBLEM } from '../../support/domain-samples.ts';

const ATTEMPT = {
  resource: '/subscriptions/1/contoso-gw',
  doing: 'refresh contoso-gw/certificates/a',
  grant: 'az role assignment create --role Contributor',
};

interface Answer {
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Record<string, string>;
  readonly details?: unknown;
}

/** A failed request as the SDK clients throw it. */
function refusal(status: number, { code = '', message = '', headers = {}, details }: Answer = {}) {
  const request = createPipelineRequest({ url: 'https://management.azure.com/' });
  const error = new RestError(`secret words of the library ${message}`, {
    statusCode: status,
    request,
    response: { request, status, headers: createHttpHeaders(headers) },
  });
  error.details = details ?? { error: { code, message } };
  return error;
}
const convert = (error: unknown) => toDomainError(error, ATTEMPT);

describe('An answer of Azure is final', () => {
  test.each<[status: number, code: string, problem: string]>([
    [400, 'ValidationError', 'AZURE_REFUSED'],
    [401, 'Unauthorized', 'CERTKEEPER_PERMISSION_MISSING'],
    [403, 'AuthorizationFailed', 'CERTKEEPER_PERMISSION_MISSING'],
    [404, 'ResourceNotFound', 'AZURE_REFUSED'],
    [409, 'RoleAssignmentExists', 'AZURE_REFUSED'],
    [409, '', 'AZURE_REFUSED'],
    [412, 'PreconditionFailed', 'TARGET_CHANGED'],
    [422, 'Unprocessable', 'AZURE_REFUSED'],
  ])('when it is %d %s: %s', (status, code, problem) => {
    const error = convert(refusal(status, { code, message: 'the words\n of Azure' }));
    expect(error).toBeInstanceOf(TerminalError);
    expect(error.problem).toMatchObject({ code: problem, resource: ATTEMPT.resource });
    expect(error.message).toContain(ATTEMPT.doing);
    expect(error.message).not.toContain('secret words');
    expect(error.message).not.toContain('\n');
  });

  test('and says what to grant when Certkeeper itself is not allowed to', () => {
    expect(convert(refusal(403)).problem.cure).toBe(ATTEMPT.grant);
  });

  test('and repeats what Azure says, up to a point', () => {
    const error = convert(refusal(400, { code: 'Odd', message: `no ${'x'.repeat(5_000)}` }));
    expect(error.message).toContain('(400 Odd). It says: no xxx');
    expect(error.message.length).toBeLessThan(800);
  });

  test('whichever way the client read its body', () => {
    const flat = convert(refusal(400, { details: { code: 'Flat', message: 'words' } }));
    expect(flat.message).toContain('(400 Flat). It says: words');
    for (const details of [null, 'text', 7, { error: null }, { error: 'text' }]) {
      expect(convert(refusal(400, { details })).problem.code).toBe('AZURE_REFUSED');
    }
  });

  test('when there is no identity to ask with', () => {
    const error = new Error('secret words');
    error.name = 'CredentialUnavailableError';
    expect(convert(error)).toBeInstanceOf(TerminalError);
    expect(convert(error).problem).toMatchObject({
      code: 'CERTKEEPER_PERMISSION_MISSING',
      cure: expect.stringContaining('identity') as string,
    });
    expect(convert(error).message).not.toContain('secret words');
  });
});

describe('An answer of Azure may pass', () => {
  const LATER = new Date(Date.now() + 60_000).toUTCString();
  const EARLIER = new Date(Date.now() - 60_000).toUTCString();

  test.each<[sentence: string, error: unknown, wait: [least: number, most: number] | undefined]>([
    ['when it is 429 with seconds', refusal(429, { headers: { 'retry-after': '17' } }), [17, 17]],
    ['when it is 429 with a date', refusal(429, { headers: { 'retry-after': LATER } }), [1, 60]],
    ['when that date is past', refusal(429, { headers: { 'retry-after': EARLIER } }), [0, 0]],
    [
      'when it asks for less than nothing',
      refusal(503, { headers: { 'retry-after': '-5' } }),
      [0, 0],
    ],
    [
      'when it asks for what nobody can read',
      refusal(503, { headers: { 'retry-after': 'soon' } }),
      undefined,
    ],
    ['when it is 429 without more', refusal(429), undefined],
    ['when it is 408', refusal(408), undefined],
    ['when it is 500', refusal(500), undefined],
    ['when it is 503 with seconds', refusal(503, { headers: { 'retry-after': '2' } }), [2, 2]],
    [
      'when somebody else is changing the service',
      refusal(409, { code: 'ServiceLocked' }),
      [30, 30],
    ],
    [
      'when two changes meet, and Azure says when to come back',
      refusal(409, { code: 'PessimisticConcurrencyConflict', headers: { 'retry-after': '120' } }),
      [120, 120],
    ],
    ['when there is none', new RestError('no answer', { code: 'ECONNREFUSED' }), undefined],
    ['when something else went wrong on the way', new Error('socket hang up'), undefined],
    ['when what was thrown is no error', 'nonsense', undefined],
  ])('%s', (_, thrown, wait) => {
    const error = convert(thrown);
    if (!(error instanceof TransientError)) throw new Error('it is final');
    expect(error.problem).toMatchObject({
      resource: ATTEMPT.resource,
      cure: expect.any(String) as string,
    });
    expect(error.problem.code).toBe('AZURE_UNAVAILABLE');
    if (wait === undefined) expect(error.retryAfterSeconds).toBeUndefined();
    else {
      expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(wait[0]);
      expect(error.retryAfterSeconds).toBeLessThanOrEqual(wait[1]);
    }
  });
});

describe("A vault's refusal for reasons of the network is told apart from a missing role", () => {
  const VAULT = {
    ...ATTEMPT,
    resource: '/subscriptions/1/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-kv',
    doing: 'read contoso-kv/a',
  };
  const FIREWALL =
    'Client address is not authorized and caller is not a trusted service.\r\nClient address: 20.1.2.3';
  const PERIMETER =
    'Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because bypass is set to None\r\nClient address: 20.1.2.3';
  const PRIVATE =
    'Public network access is disabled and request is not from a trusted service nor via an approved private link.';

  test.each<[sentence: string, error: object, words: string, cure: string]>([
    [
      'by the inner code of its firewall',
      { code: 'Forbidden', message: 'no', innererror: { code: 'ForbiddenByFirewall' } },
      'contoso-kv has a firewall',
      'az keyvault network-rule add --name contoso-kv --resource-group rg --subnet',
    ],
    [
      'by that code as the client renames it',
      { code: 'Forbidden', message: 'no', innerError: { code: 'ForbiddenByFirewall' } },
      'contoso-kv has a firewall',
      'az keyvault network-rule add',
    ],
    ['by its words', { message: FIREWALL }, 'Client address: 20.1.2.3', 'network-rule add'],
    ['by its words of late', { message: PERIMETER }, 'Client address: 20.1.2.3', 'network-rule'],
    [
      'by the inner code of a closed vault',
      { message: 'no', innererror: { code: 'ForbiddenByConnection' } },
      'contoso-kv takes no calls from public networks',
      `--private-connection-resource-id ${VAULT.resource} --group-id vault`,
    ],
    ['by the words of a closed vault', { message: PRIVATE }, 'private link', 'private-endpoint'],
  ])('%s', (_, error, words, cure) => {
    const thrown = toDomainError(refusal(403, { details: { error } }), VAULT);
    expect(thrown).toBeInstanceOf(TerminalError);
    expect(thrown.problem.code).toBe('CERTKEEPER_FIREWALLED');
    expect(thrown.message).toContain('read contoso-kv/a');
    expect(thrown.message).toContain(words);
    expect(thrown.problem.cure).toContain(cure);
    expect(thrown.problem.cure).not.toContain('role assignment');
  });

  test.each<[sentence: string, status: number, error: object]>([
    ['a missing role', 403, { message: 'no', innererror: { code: 'ForbiddenByRbac' } }],
    ['a missing policy', 403, { message: 'no', innererror: { code: 'AccessDenied' } }],
    ['a token for somebody else', 401, { message: FIREWALL }],
  ])('and %s is none', (_, status, error) => {
    const thrown = toDomainError(refusal(status, { details: { error } }), VAULT);
    expect(thrown.problem.code).toBe('CERTKEEPER_PERMISSION_MISSING');
  });
});

test.each([
  new TypeError('x is undefined'),
  new RangeError('too deep'),
  new ReferenceError('x is not defined'),
  new SyntaxError('no JSON'),
])('A mistake in the program is no silence of Azure: %s', (mistake) => {
  expect(() => convert(mistake)).toThrow(mistake);
});

test("What is the domain's error already stays what it is", () => {
  const terminal = new TerminalError(PROBLEM);
  const transient = new TransientError(PROBLEM);
  expect(convert(terminal)).toBe(terminal);
  expect(convert(transient)).toBe(transient);
});

test('The status of a failure is known only when there was an answer', () => {
  expect(statusOf(refusal(404))).toBe(404);
  expect(statusOf(new RestError('no answer'))).toBeUndefined();
  expect(statusOf(Object.assign(new Error('other'), { statusCode: 404 }))).toBeUndefined();
});
