import { makeApiClient } from '../../../cli/api-client.ts';
import { EXIT } from '../../../cli/exit-codes.ts';
import { makeOutput } from '../../../cli/output.ts';
import { exitCodeOf, waitForOperation } from '../../../cli/wait-for-operation.ts';
import { jsonAnswer, makeFakeIo } from '../../support/fake-io.ts';

const STARTED = { id: 'sync-1', operation: '/api/operations/sync-1' };
const running = (step: string, retryAfter?: string) =>
  jsonAnswer(
    { id: 'sync-1', state: 'running', step },
    200,
    retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  );
const over = (state = 'succeeded') => jsonAnswer({ id: 'sync-1', state, step: 'done' });

function waiting(answers: readonly (() => Response)[], { terminal = true, env = {} } = {}) {
  let at = 0;
  const io = makeFakeIo({
    terminal,
    env,
    answer: () => {
      const answer = answers[Math.min(at, answers.length - 1)];
      at += 1;
      return answer?.() ?? over();
    },
  });
  const api = makeApiClient({ url: 'http://a.test', headers: {} }, io);
  const output = makeOutput(io, { json: false, color: true });
  const result = waitForOperation({ api, io, output }, STARTED, 60_000);
  return { io, result };
}

describe('Waiting for an operation', () => {
  test('ends with it, and asks as often as it is told to', async () => {
    const { io, result } = waiting([
      () => running('Reading', '3'),
      () => running('Refreshing', '0'),
      () => running('Refreshing'),
      () => running('Refreshing', 'Sat, 21 Nov 2026 10:00:00 GMT'),
      () => over(),
    ]);
    await expect(result).resolves.toMatchObject({ state: 'succeeded' });
    expect(io.waits).toEqual([3_000, 200, 1_000, 1_000]);
    expect(io.asked.map(({ url }) => url)).toEqual(
      Array.from({ length: 5 }, () => 'http://a.test/api/operations/sync-1'),
    );
  });

  test('shows each step once to who watches, and leaves the end to the result', async () => {
    const { io, result } = waiting([
      () => running('Reading'),
      () => running('Refreshing'),
      () => running('Refreshing'),
      () => over(),
    ]);
    await result;
    // eslint-disable-next-line no-control-regex -- colours
    expect(io.written.stderr.replace(/\u001b\[\d+m/g, '')).toBe('Reading\nRefreshing\n');
    expect(io.written.stdout).toBe('');
  });

  test.each([
    ['without a terminal', { terminal: false }],
    ['in a pipeline', { terminal: true, env: { CI: 'true' } }],
  ])('is quiet %s', async (_, where) => {
    const { io, result } = waiting([() => running('Reading'), () => over()], where);
    await result;
    expect(io.written).toEqual({ stdout: '', stderr: '' });
  });

  test('forgives a connection that breaks, and an answer that may get better', async () => {
    const { io, result } = waiting([
      () => {
        throw new TypeError('fetch failed');
      },
      () => jsonAnswer({ code: 'AZURE_UNAVAILABLE', detail: 'not now' }, 503),
      () => over(),
    ]);
    await expect(result).resolves.toMatchObject({ state: 'succeeded' });
    expect(io.waits).toHaveLength(2);
  });

  test('gives up when there is never an answer', async () => {
    const { result } = waiting([
      () => {
        throw new TypeError('fetch failed');
      },
    ]);
    await expect(result).rejects.toMatchObject({ exitCode: EXIT.unreachable });
  });

  test.each([401, 404])('gives up at once when it is refused (%i)', async (status) => {
    const { io, result } = waiting([() => jsonAnswer({ code: 'X', detail: 'no' }, status)]);
    await expect(result).rejects.toMatchObject({ problem: { message: 'no' } });
    expect(io.waits).toEqual([]);
  });

  test('ends in time, and says that the operation goes on', async () => {
    const { io, result } = waiting([() => running('Waiting for the service', '7')]);
    await expect(result).rejects.toMatchObject({
      exitCode: EXIT.failed,
      problem: { message: 'The operation sync-1 was not over after 1 min; it goes on.' },
    });
    expect(io.waits.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(60_000);
  });
});

test.each([
  ['succeeded', EXIT.done],
  ['blocked', EXIT.failed],
  ['failed', EXIT.failed],
])('An operation that %s ends the command with %i', (state, code) => {
  expect(exitCodeOf({ id: 'x', step: '', state })).toBe(code);
});
