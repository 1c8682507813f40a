/** Whether everything that the simulated Azure assumes is asked. */
import { readDefaults } from '../../../../local/verify/defaults.ts';
import { NOT_ASKED } from '../../../../local/verify/not-asked.ts';
import { AREAS } from '../../../../local/verify/questions/index.ts';

const questions = AREAS.flatMap((area) => area.questions);
const asked = questions.flatMap(({ assumes }) => ('setting' in assumes ? [assumes.setting] : []));

test('every setting of the simulated Azure has a question, or a reason why Azure cannot be asked', async () => {
  const settings = [...(await readDefaults()).keys()];
  const covered = [...asked, ...Object.keys(NOT_ASKED)];
  expect(settings.filter((name) => !covered.includes(name))).toEqual([]);
  expect(covered.filter((name) => !settings.includes(name))).toEqual([]);
});

test('no setting has both a question and a reason not to ask, or two questions', () => {
  expect(asked.filter((name) => name in NOT_ASKED)).toEqual([]);
  expect(new Set(asked).size).toBe(asked.length);
});

test('questions are told apart by their ids, which are not names of parts either', () => {
  const names = [...questions.map(({ id }) => id), ...AREAS.map(({ name }) => name)];
  expect(new Set(names).size).toBe(names.length);
  for (const { id } of questions) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});

test('every question says where it would be looked up', () => {
  for (const { source } of questions) {
    expect(source).toMatch(/^https:\/\/(learn\.microsoft\.com|github\.com)\/[^\s<>]+$/);
  }
});

test('what takes long, needs applications or consent waits for its option', () => {
  const needing = (need: 'slow' | 'graph' | 'consent') =>
    questions.filter(({ needs = [] }) => needs.includes(need)).map(({ id }) => id);
  expect(needing('slow')).toEqual([
    'firewall-with-bypass',
    'firewall-without-bypass',
    'change-during-update',
    'ca-entry-without-data',
    'cer-in-certificate-authority',
  ]);
  const graph = AREAS.find(({ name }) => name === 'Entra applications')?.questions ?? [];
  expect(needing('graph')).toEqual(graph.map(({ id }) => id));
  expect(needing('consent')).toEqual(['graph-owned-by-reads']);
});
