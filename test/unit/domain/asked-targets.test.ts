import {
  findStrangeTags,
  readAskedTargets,
  type Asked,
} from '../../../shared/domain/asked-targets.ts';
import { SOURCE } from '../../support/domain-samples.ts';

const client = (service: string, id = 'gateway-client') => ({
  kind: 'client-certificate' as const,
  service,
  id,
});

describe('The tags of a certificate', () => {
  test.each<[sentence: string, tags: Record<string, string>, asked: Asked]>([
    ['ask for nothing when there are none', {}, { kind: 'nothing' }],
    ['ask for nothing when they are about something else', { team: 'api' }, { kind: 'nothing' }],
    [
      'ask for nothing when the list is empty',
      { 'certkeeper-targets': ' , ' },
      { kind: 'nothing' },
    ],
    [
      'ask for a target',
      { 'certkeeper-targets': 'contoso-gw' },
      { kind: 'targets', targets: [client('contoso-gw')], unreadable: [] },
    ],
    [
      'ask for several, with blanks and gaps between them',
      { 'certkeeper-targets': ' contoso-gw ,, contoso-eu-gw/certificates/a ' },
      {
        kind: 'targets',
        targets: [client('contoso-gw'), client('contoso-eu-gw', 'a')],
        unreadable: [],
      },
    ],
    [
      'are continued in numbered tags, in the order of the numbers',
      {
        'certkeeper-targets-10': 'gw-ten',
        'certkeeper-targets-2': 'gw-two',
        'certkeeper-targets': 'gw-one',
      },
      {
        kind: 'targets',
        targets: [client('gw-one'), client('gw-two'), client('gw-ten')],
        unreadable: [],
      },
    ],
    [
      'may consist of a continuation alone',
      { 'certkeeper-targets-2': 'contoso-gw' },
      { kind: 'targets', targets: [client('contoso-gw')], unreadable: [] },
    ],
    [
      'are not continued in a tag that only looks like it',
      { 'certkeeper-targets-two': 'contoso-gw', 'certkeeper-targets2': 'contoso-gw' },
      { kind: 'nothing' },
    ],
    [
      'count without regard to the case and the blanks of their names',
      { ' Certkeeper-Targets ': 'contoso-gw' },
      { kind: 'targets', targets: [client('contoso-gw')], unreadable: [] },
    ],
    [
      'name a place once, however often and in whatever case they name it',
      { 'certkeeper-targets': 'contoso-gw, CONTOSO-GW/certificates/Gateway-Client' },
      { kind: 'targets', targets: [client('contoso-gw', 'Gateway-Client')], unreadable: [] },
    ],
    [
      'give every binding up when they say none',
      { 'certkeeper-targets': ' None ' },
      { kind: 'unbind' },
    ],
    [
      'give nothing up when none stands beside a target',
      { 'certkeeper-targets': 'none, contoso-gw' },
      { kind: 'targets', targets: [client('none'), client('contoso-gw')], unreadable: [] },
    ],
    ['keep hands off when they say ignore', { certkeeper: ' Ignore ' }, { kind: 'ignore' }],
    [
      'keep hands off even when targets are named as well',
      { 'certkeeper-targets': 'contoso-gw', Certkeeper: 'ignore' },
      { kind: 'ignore' },
    ],
    [
      'keep hands off even from what should be given up',
      { 'certkeeper-targets': 'none', certkeeper: 'ignore' },
      { kind: 'ignore' },
    ],
    ['say nothing with any other word', { certkeeper: 'ignored' }, { kind: 'nothing' }],
  ])('%s', (_, tags, asked) => {
    expect(readAskedTargets(tags, SOURCE)).toEqual(asked);
  });

  test('that hold an unreadable path ask for the readable ones and report the other', () => {
    const tags = { 'certkeeper-targets': 'contoso-gw, /nonsense, contoso-gw/ca/Wrong' };
    expect(readAskedTargets(tags, SOURCE)).toEqual({
      kind: 'targets',
      targets: [client('contoso-gw')],
      unreadable: [
        { path: '/nonsense', message: expect.stringContaining('name of an API') as string },
        { path: 'contoso-gw/ca/Wrong', message: expect.stringContaining('CA target') as string },
      ],
    });
  });
});

describe('A tag that is meant for Certkeeper', () => {
  test.each<[sentence: string, tags: Record<string, string>, strange: string[]]>([
    ['is understood when it names targets', { 'certkeeper-targets': 'contoso-gw' }, []],
    ['is understood when it goes on', { 'Certkeeper-Targets-2': 'contoso-gw' }, []],
    ['is understood when it says ignore', { certkeeper: ' Ignore ' }, []],
    ['is none of ours under another name', { team: 'certkeeper', 'cert-keeper': 'x' }, []],
    ['is strange when a letter is missing', { 'certkeeper-target': 'x' }, ['certkeeper-target']],
    ['is strange when its value is mistyped', { certkeeper: 'ingore' }, ['certkeeper']],
    ['is strange when it is empty', { 'certkeeper-targets': ' ' }, ['certkeeper-targets']],
  ])('%s', (_, tags, strange) => {
    expect(findStrangeTags(tags).map(({ name }) => name)).toEqual(strange);
  });
});
