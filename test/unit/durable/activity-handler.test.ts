import { z } from 'zod';
import type { Contract } from '../../../shared/contracts/contract.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { toActivityHandler } from '../../../shared/durable/activity-handler.ts';
import { problemIn } from '../../../shared/durable/problem-text.ts';
import { PROBLEM } from '../../support/domain-samples.ts';
import { makeInvocation } from '../../support/invocation.ts';

const CONTRACT: Contract<{ name: string }, string> = {
  name: 'TestStep',
  input: z.object({ name: z.string() }),
  output: z.string(),
  retry: { firstIntervalMs: 1, backoff: 1, maxIntervalMs: 1, maxAttempts: 1 },
};

/** Runs an activity that ends in an error. */
async function failing(error: unknown) {
  const { context, lines } = makeInvocation();
  const handler = toActivityHandler(CONTRACT, () => {
    // What a library throws is not always an error.
    throw error;
  });
  const answer = handler({ name: 'a' }, context);
  return { answer, lines };
}

describe('An activity', () => {
  test('answers its result as a value', async () => {
    const { context } = makeInvocation();
    const handler = toActivityHandler(CONTRACT, ({ name }) => Promise.resolve(`hello ${name}`));
    await expect(handler({ name: 'a', more: 1 }, context)).resolves.toEqual({
      kind: 'done',
      value: 'hello a',
    });
  });

  test('answers a final failure as a value, which the engine does not retry', async () => {
    const { answer } = await failing(new TerminalError(PROBLEM, { cause: new Error('hidden') }));
    await expect(answer).resolves.toEqual({ kind: 'failed', problem: PROBLEM });
  });

  test('throws what may pass, with its problem and without its cause', async () => {
    const { answer } = await failing(new TransientError(PROBLEM, { cause: new Error('hidden') }));
    const thrown: unknown = await answer.catch((error: unknown) => error);
    if (!(thrown instanceof Error)) throw new Error('nothing was thrown');
    expect(problemIn(thrown.message)).toEqual(PROBLEM);
    expect(`${thrown.message}${thrown.stack ?? ''}`).not.toContain('hidden');
    expect(thrown.cause).toBeUndefined();
  });

  test.each([
    [0, 0],
    [30, 30],
    [900, 900],
    [86_400, 900],
  ])('answers Retry-After %d as a wait of %d seconds', async (retryAfterSeconds, afterSeconds) => {
    const { answer } = await failing(new TransientError(PROBLEM, { retryAfterSeconds }));
    await expect(answer).resolves.toEqual({ kind: 'later', afterSeconds, problem: PROBLEM });
  });

  test.each<[sentence: string, error: unknown]>([
    ['an error', new TypeError('the password is hunter2')],
    ['a text', 'the password is hunter2'],
    ['an object', { message: 'the password is hunter2' }],
    ['an error with several lines', new Error('one\nthe password is hunter2\n  and more')],
  ])('says nothing of what an unforeseen failure held: %s', async (_, error) => {
    const { answer, lines } = await failing(error);
    const thrown: unknown = await answer.catch((one: unknown) => one);
    if (!(thrown instanceof Error)) throw new Error('nothing was thrown');
    expect(problemIn(thrown.message)).toMatchObject({
      code: 'INTERNAL_ERROR',
      message: expect.stringContaining('TestStep') as string,
    });
    expect(`${thrown.message}${thrown.stack ?? ''}${lines.join('\n')}`).not.toContain('hunter2');
    expect(lines.join('\n')).toContain('error TestStep failed unexpectedly');
  });

  test('logs where an unforeseen failure came from', async () => {
    const { answer, lines } = await failing(new RangeError('secret'));
    await expect(answer).rejects.toThrow('INTERNAL_ERROR');
    expect(lines.join('\n')).toMatch(/RangeError\n\s+at .*activity-handler\.test/);
  });

  test('treats an input that breaks its contract as unforeseen, and does not run', async () => {
    const { context, lines } = makeInvocation();
    const run = jest.fn();
    const handler = toActivityHandler(CONTRACT, run);
    await expect(handler({ name: 7 }, context)).rejects.toThrow('INTERNAL_ERROR');
    expect(run).not.toHaveBeenCalled();
    expect(lines).toHaveLength(1);
  });
});
