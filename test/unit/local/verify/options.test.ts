/** The command line of `npm run verify:azure`. */
import { readCommand } from '../../../../local/verify/options.ts';
import { AREAS } from '../../../../local/verify/questions/index.ts';

const ID = '5eed0000-0000-4000-8000-000000000001';
const SUBJECT = ['--subscription', ID, '--resource-group', 'rg-throwaway', '--service', 'gw'];
const read = (args: readonly string[], environment = {}) => readCommand(args, AREAS, environment);
const optionsOf = (args: readonly string[], environment = {}) => {
  const command = read(args, environment);
  if (command.kind !== 'verify') throw new Error('It does not verify');
  return command.options;
};

test.each([
  ['no subscription', ['--resource-group', 'g', '--service', 's'], '--subscription is missing'],
  ['no resource group', ['--subscription', ID, '--service', 's'], '--resource-group is missing'],
  ['no service', ['--subscription', ID, '--resource-group', 'g'], '--service is missing'],
  ['a subscription by name', ['--subscription', 'Mine'], '--subscription: "Mine" is not the id'],
  ['a service with a slash', [...SUBJECT, '--service', 'a/b'], '--service: "a/b" is not'],
  ['an unknown place', ['--against', 'mars'], '--against is azure or local'],
  ['a setting for Azure', [...SUBJECT, '--set', 'a=b'], '--set is for --against local'],
  ['a setting without value', ['--against', 'local', '--set', 'a'], '--set is NAME=VALUE'],
  ['consent without Graph', [...SUBJECT, '--consent'], '--consent goes with --graph'],
  ['an unknown question', [...SUBJECT, '--only', 'weather'], '--list has them'],
  ['an unknown option', ['--fast'], '--fast'],
])('%s is refused, with what would be right', (_what, args, message) => {
  expect(() => read(args)).toThrow(message);
});

test('a subscription may come from the environment', () => {
  const { subject } = optionsOf(SUBJECT.slice(2), { AZURE_SUBSCRIPTION_ID: ID });
  expect(subject).toEqual({
    subscriptionId: ID,
    resourceGroup: 'rg-throwaway',
    service: 'gw',
  });
});

test('of Azure, only what takes minutes and touches the service alone is asked, unless told', () => {
  expect([...optionsOf(SUBJECT).allowed]).toEqual([]);
  expect([...optionsOf([...SUBJECT, '--slow', '--graph']).allowed]).toEqual(['slow', 'graph']);
});

test('of the simulated Azure, everything is asked, and it brings its own service', () => {
  const { subject, allowed, settings } = optionsOf([
    ...['--against', 'local', '--set', 'assumptions.refreshAnswer=previous'],
    ...['--set', 'classic.retired=false', '--set', 'graph.replicationSeconds=5'],
  ]);
  expect(subject).toBeUndefined();
  expect([...allowed]).toEqual(['slow', 'graph', 'consent']);
  expect(settings).toEqual({
    'assumptions.refreshAnswer': 'previous',
    'classic.retired': false,
    'graph.replicationSeconds': 5,
  });
});

test('questions are chosen by their id and by their part', () => {
  const { areas } = optionsOf([...SUBJECT, '--only', 'refresh-answer', '--only', 'Event Grid']);
  expect(areas.map(({ name, questions }) => [name, questions.map(({ id }) => id)])).toEqual([
    ['client certificates', ['refresh-answer']],
    ['Event Grid', ['second-system-topic']],
  ]);
});

test('help and the list of questions need nothing else', () => {
  expect(read(['--help'])).toEqual({ kind: 'help' });
  expect(read(['--list'])).toEqual({ kind: 'list', areas: AREAS });
});
