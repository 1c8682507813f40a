import { makeRemoveTarget } from '../../../functions/activities/remove-target.ts';
import { TerminalError, TransientError, type ProblemCode } from '../../../shared/domain/errors.ts';
import { makeState, TARGET } from '../../support/domain-samples.ts';

const there = makeState({ etag: '"2"' });

function remove(refusal?: Error, users: readonly string[] = []) {
  const asked = jest.fn(() =>
    refusal === undefined ? Promise.resolve() : Promise.reject(refusal),
  );
  const run = makeRemoveTarget({
    pushed: { observe: () => Promise.resolve(there), remove: asked },
    uses: { of: () => Promise.resolve(users) },
  });
  return { asked, result: run({ target: TARGET, etag: '"1"' }) };
}

const refuse = (code: ProblemCode): TerminalError =>
  new TerminalError({ code, message: 'It says: no.' });

describe('Removing a target', () => {
  test('leaves nothing there, and is bound to the state that was seen', async () => {
    const { asked, result } = remove();
    await expect(result).resolves.toEqual({ kind: 'absent' });
    expect(asked).toHaveBeenCalledWith(TARGET, '"1"');
  });

  test('answers what is there now when somebody changed it', async () => {
    await expect(remove(refuse('TARGET_CHANGED')).result).resolves.toEqual(there);
  });

  test('is refused when a backend uses it, and names that', async () => {
    const { asked, result } = remove(undefined, ['the backend orders']);
    await expect(result).rejects.toMatchObject({
      problem: {
        code: 'TARGET_IN_USE',
        message: expect.stringContaining('the backend orders') as string,
      },
    });
    expect(asked).not.toHaveBeenCalled();
  });

  test('is refused in the words of API Management when that does not delete it', async () => {
    await expect(remove(refuse('AZURE_REFUSED')).result).rejects.toMatchObject({
      problem: {
        code: 'TARGET_IN_USE',
        message: expect.stringContaining('It says: no.') as string,
      },
    });
  });

  test('is put off as it stands', async () => {
    const busy = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
    await expect(remove(busy).result).rejects.toBe(busy);
  });
});
