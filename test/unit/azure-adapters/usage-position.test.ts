import fc from 'fast-check';
import { formatCursor, parseCursor } from '../../../shared/azure/usage/cursor.ts';
import { hasPassed, hasPassedStage, type Position } from '../../../shared/azure/usage/position.ts';

const position: fc.Arbitrary<Position> = fc.record(
  {
    workspace: fc.constantFrom('', 'a', 'b'),
    stage: fc.constantFrom('own', 'fragments', 'gateways', 'apis', 'products'),
    id: fc.constantFrom('one', 'two'),
  },
  { requiredKeys: ['workspace', 'stage'] },
);

const AT = '2026-11-27T00:00:00.000Z';

test('a position survives its text, in its own round', () => {
  fc.assert(
    fc.property(position, (one) => {
      const text = formatCursor(AT, one);
      expect(parseCursor(AT, text)).toEqual(one);
      expect(parseCursor('2026-11-28T00:00:00.000Z', text)).toBeUndefined();
    }),
  );
});

test.each(['finish', 'drop'] as const)('so does the step %s', (step) => {
  expect(parseCursor(AT, formatCursor(AT, step))).toBe(step);
});

test.each([undefined, '', 'finish', '[]', `["${AT}"]`, `["${AT}","elsewhere"]`])(
  'a text that is none begins a round anew: %s',
  (text) => expect(parseCursor(AT, text)).toBeUndefined(),
);

test('nothing is behind at the beginning', () => {
  expect(hasPassedStage(undefined, '', 'own')).toBe(false);
  expect(hasPassed(undefined, { workspace: '', stage: 'apis', id: 'a' })).toBe(false);
});

test.each([
  ['an earlier stage', '', 'own', true],
  ['the stage that one of its parts was done of', '', 'apis', false],
  ['a later stage', '', 'products', false],
  ['a workspace', 'a', 'own', false],
] as const)('after an API of the service, %s', (_, workspace, stage, passed) => {
  expect(hasPassedStage({ workspace: '', stage: 'apis', id: 'm' }, workspace, stage)).toBe(passed);
});

test('after a part those before it are behind, and itself', () => {
  const after: Position = { workspace: '', stage: 'apis', id: 'm' };
  const ids = ['a', 'm', 'z'].map((id) => hasPassed(after, { ...after, id }));
  expect(ids).toEqual([true, true, false]);
});
