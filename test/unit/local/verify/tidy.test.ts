/** Removing what was made. */
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { toAnswer, type Answer } from '../../../../local/verify/answer.ts';
import { makeTidy } from '../../../../local/verify/tidy.ts';
import type { VerifyWorld } from '../../../../local/verify/world.ts';

const answer = (status: number, code = ''): Answer =>
  toAnswer({
    status,
    headers: createHttpHeaders(),
    request: createPipelineRequest({ url: 'https://management.azure.com' }),
    bodyAsText: code === '' ? '' : JSON.stringify({ error: { code, message: `It is ${code}.` } }),
  });

function makeCalm() {
  let passed = 0;
  // Of its world, tidying up needs the time alone.
  const calm = {
    passTime(seconds: number) {
      passed += seconds;
      return Promise.resolve();
    },
  } as unknown as VerifyWorld;
  return { calm, passed: () => passed };
}

test('last things go first, and what is gone already is no mistake', async () => {
  const removed: string[] = [];
  const tidy = makeTidy();
  for (const [name, status] of [['vault', 202] as const, ['certificate', 404] as const]) {
    tidy.later(name, () => {
      removed.push(name);
      return Promise.resolve(answer(status));
    });
  }
  expect(await tidy.removeAll(makeCalm().calm)).toEqual([]);
  expect(removed).toEqual(['certificate', 'vault']);
});

test('what cannot be removed is named with the reason, and the rest goes all the same', async () => {
  const tidy = makeTidy();
  const removed: string[] = [];
  tidy.later('the first', () => {
    removed.push('the first');
    return Promise.resolve(answer(204));
  });
  tidy.later('the second', () => Promise.resolve(answer(403, 'AuthorizationFailed')));
  tidy.later('the third', () => Promise.reject(new Error('The line is dead.')));
  expect(await tidy.removeAll(makeCalm().calm)).toEqual([
    'the third: The line is dead.',
    'the second: 403 AuthorizationFailed It is AuthorizationFailed.',
  ]);
  expect(removed).toEqual(['the first']);
});

test('a service that is being updated is waited for', async () => {
  const tidy = makeTidy();
  const { calm, passed } = makeCalm();
  const answers = [answer(409, 'ServiceLocked'), answer(409, 'ServiceLocked'), answer(200)];
  tidy.later('a certificate', () => Promise.resolve(answers.shift() ?? answer(500)));
  expect(await tidy.removeAll(calm)).toEqual([]);
  expect(passed()).toBeGreaterThan(0);
});

test('nothing is removed twice', async () => {
  const tidy = makeTidy();
  let times = 0;
  tidy.later('a certificate', () => {
    times += 1;
    return Promise.resolve(answer(200));
  });
  await tidy.removeAll(makeCalm().calm);
  await tidy.removeAll(makeCalm().calm);
  expect(times).toBe(1);
});
