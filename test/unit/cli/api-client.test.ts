import { makeApiClient } from '../../../cli/api-client.ts';
import type { CliError } from '../../../cli/cli-error.ts';
import { EXIT } from '../../../cli/exit-codes.ts';
import { jsonAnswer, makeFakeIo } from '../../support/fake-io.ts';

const CONNECTION = { url: 'https://a.test', headers: { 'x-functions-key': 'a-key' } };
const PROBLEM = {
  title: 'Not Found',
  status: 404,
  detail: 'The vault other-kv is not under care.',
  code: 'VAULT_NOT_CONFIGURED',
  cure: 'Add it to CERTKEEPER_VAULTS.',
  resource: 'other-kv',
  correlationId: '6f1c',
};

async function ask(answer: () => Response) {
  const io = makeFakeIo({ answer });
  const api = makeApiClient(CONNECTION, io);
  const error = await api.send({ path: '/api/x' }).catch((one: unknown) => one as CliError);
  if (!('problem' in error)) throw new Error('it was answered well');
  return error;
}

describe('A request', () => {
  test('goes to the address, with the key, and never after a redirect', async () => {
    const io = makeFakeIo({ answer: () => jsonAnswer({ fine: true }) });
    const api = makeApiClient(CONNECTION, io);
    const answer = await api.send({ method: 'POST', path: '/api/x?y=1', body: { a: 1 } });
    expect(answer).toMatchObject({ status: 200, body: { fine: true } });
    expect(io.asked).toMatchObject([
      {
        url: 'https://a.test/api/x?y=1',
        init: {
          method: 'POST',
          body: '{"a":1}',
          redirect: 'manual',
          headers: { 'x-functions-key': 'a-key', 'content-type': 'application/json' },
        },
      },
    ]);
  });

  test('sends a form as it is, with the boundary that fetch gives it', async () => {
    const io = makeFakeIo({ answer: () => jsonAnswer({}) });
    const body = new FormData();
    await makeApiClient(CONNECTION, io).send({ method: 'POST', path: '/api/x', body });
    expect(io.asked[0]?.init.body).toBe(body);
    expect(io.asked[0]?.init.headers).not.toHaveProperty('content-type');
  });

  test('answers text that is no JSON as text', async () => {
    const io = makeFakeIo({ answer: () => new Response('a,b\r\n') });
    await expect(makeApiClient(CONNECTION, io).send({ path: '/api/x' })).resolves.toMatchObject({
      body: 'a,b\r\n',
    });
  });
});

describe('A request that fails', () => {
  test("carries Certkeeper's own problem", async () => {
    const errors = [{ field: 'vault', message: 'must be known' }];
    const error = await ask(() => jsonAnswer({ ...PROBLEM, errors }, 404));
    const { code, cure, resource, correlationId, status } = PROBLEM;
    expect(error.problem).toEqual({
      message: PROBLEM.detail,
      ...{ code, cure, resource, correlationId, status, errors },
    });
  });

  test.each<[sentence: string, answer: () => Response, exitCode: number, message: RegExp]>([
    ['refused', () => jsonAnswer(PROBLEM, 404), EXIT.failed, /not under care/],
    [
      'asked with a value that cannot be used',
      () => jsonAnswer({ ...PROBLEM, status: 400 }, 400),
      EXIT.usage,
      /not under care/,
    ],
    ['failing', () => jsonAnswer({ ...PROBLEM, status: 500 }, 500), EXIT.failed, /not under care/],
    [
      'not signed in',
      () => jsonAnswer({ ...PROBLEM, cure: undefined }, 401),
      EXIT.unreachable,
      /./,
    ],
    [
      'asked for without the role',
      () => jsonAnswer({ ...PROBLEM, code: 'ROLE_MISSING' }, 403),
      EXIT.unreachable,
      /not under care/,
    ],
    [
      'not allowed by the rules, whoever asks,',
      () => jsonAnswer({ ...PROBLEM, code: 'BINDING_NOT_ALLOWED' }, 403),
      EXIT.failed,
      /not under care/,
    ],
    [
      'without the key',
      () => new Response('', { status: 401 }),
      EXIT.unreachable,
      /who is calling/,
    ],
    ['forbidden', () => new Response('', { status: 403 }), EXIT.unreachable, /not allow this/],
    [
      'sent to a page to sign in at',
      () => new Response('', { status: 302, headers: { location: 'https://login.test' } }),
      EXIT.unreachable,
      /who is calling/,
    ],
    [
      'somewhere else',
      () => new Response('<p>', { status: 404 }),
      EXIT.unreachable,
      /does not answer as/,
    ],
    ['at a proxy', () => new Response('<p>', { status: 502 }), EXIT.failed, /does not answer as/],
  ])('because it is %s has its own exit code', async (_, answer, exitCode, message) => {
    const error = await ask(answer);
    expect(error.exitCode).toBe(exitCode);
    expect(error.problem.message).toMatch(message);
    expect(JSON.stringify(error.problem)).not.toContain('a-key');
  });

  test('for want of a key or a sign-in says how to come by one', async () => {
    for (const answer of [
      () => new Response('', { status: 401 }),
      () => jsonAnswer(PROBLEM, 401),
    ]) {
      expect((await ask(answer)).problem.cure).toMatch(/--key or CERTKEEPER_KEY.*az account/);
    }
  });

  test.each([
    [new TypeError('fetch failed'), 'fetch failed'],
    [
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      }),
      'ECONNREFUSED',
    ],
    [new DOMException('too slow', 'TimeoutError'), 'did not answer in two minutes'],
  ])('on the way says that it did not get there: %s', async (thrown, why) => {
    const error = await ask(() => {
      throw thrown;
    });
    expect(error.exitCode).toBe(EXIT.unreachable);
    expect(error.problem.message).toContain(`https://a.test: `);
    expect(error.problem.message).toContain(why);
    expect(error.problem.cure).toContain('--url');
  });
});
