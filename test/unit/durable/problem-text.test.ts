import fc from 'fast-check';
import { PROBLEM_CODES, type Problem } from '../../../shared/domain/errors.ts';
import { problemIn, toThrown } from '../../../shared/durable/problem-text.ts';
import { PROBLEM } from '../../support/domain-samples.ts';

/** The engine's own words around an activity's failure, as they reach the orchestration. */
const wrapped = (text: string) =>
  `Activity function 'AttachTarget' failed: Failure Exception while executing function: ${text}\n    at invoke (host)\n`;

const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((one) => one.isWellFormed());
const anyProblem: fc.Arbitrary<Problem> = fc
  .tuple(fc.constantFrom(...PROBLEM_CODES), text, text, fc.boolean())
  .map(([code, message, cure, full]) => ({
    code,
    message,
    ...(full ? { cure, resource: 'contoso-gw' } : {}),
  }));

describe('A problem that is thrown', () => {
  test('is found again between the words of the engine, whatever it says', () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        expect(problemIn(wrapped(toThrown(problem).message))).toEqual(problem);
      }),
    );
  });

  test('is found again when the engine repeats it as the stack', () => {
    const { message, stack } = toThrown(PROBLEM);
    expect(problemIn(wrapped(`${message}\n${stack ?? ''}`))).toEqual(PROBLEM);
  });

  test('is found whole behind one that was cut off', () => {
    const { message } = toThrown(PROBLEM);
    expect(problemIn(`${message.slice(0, -5)}\n${message}`)).toEqual(PROBLEM);
  });

  test('shows nothing of the place where it was thrown', () => {
    expect(toThrown(PROBLEM).stack).toBe(toThrown(PROBLEM).message);
  });

  test.each([
    ['has none', 'Error: connection reset'],
    ['is empty', ''],
    ['only speaks of one', 'problem {not JSON}'],
    ['has one with a code that nobody knows', 'problem {"code":"NEW","message":"m"}'],
    ['has one without a message', 'problem {"code":"NOT_FOUND"}'],
  ])('is not found in a text that %s', (_, failure) => {
    expect(problemIn(wrapped(failure))).toBeUndefined();
  });
});
