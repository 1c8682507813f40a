import type { Asked } from '../../../shared/domain/asked-targets.ts';
import { parseConsent } from '../../../shared/domain/consent.ts';
import type { Step } from '../../../shared/domain/plan.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import {
  afterStep,
  gatherWork,
  thumbprintIn,
  tryAnew,
  wantedState,
  type Work,
} from '../../../shared/domain/work.ts';
import {
  makeBinding,
  makePushedBinding,
  makeState,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  PROBLEM,
  SOURCE,
  TARGET,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';

const ANOTHER = { kind: 'client-certificate', service: 'contoso-eu-gw', id: 'a' } as const;
const NOTHING: Asked = { kind: 'nothing' };
const asks = (...targets: (typeof TARGET | typeof ANOTHER)[]): Asked => ({
  kind: 'targets',
  targets,
  unreadable: [],
});

function gather(facts: Partial<Parameters<typeof gatherWork>[0]>): ReturnType<typeof gatherWork> {
  return gatherWork({
    source: SOURCE,
    bindings: [],
    asked: NOTHING,
    strange: [],
    rules: parseConsent('contoso-kv/* => contoso-gw').rules,
    services: new Set(['contoso-gw', 'contoso-eu-gw']),
    fresh: false,
    ...facts,
  });
}

describe('The work of a sync', () => {
  test.each<[sentence: string, facts: Parameters<typeof gather>[0], work: object[]]>([
    ['is nothing without bindings and tags', {}, []],
    [
      'holds a binding with the word of the ledger',
      { bindings: [makeBinding()] },
      [
        {
          target: TARGET,
          standing: { kind: 'bound', origin: 'tag' },
          consented: true,
          configured: true,
          state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT },
          tries: NO_TRIES,
          previousThumbprint: OLD_THUMBPRINT,
        },
      ],
    ],
    [
      'takes no word of the ledger when the targets are to be read anew',
      { bindings: [makeBinding()], fresh: true },
      [{ state: { kind: 'unread' }, previousThumbprint: OLD_THUMBPRINT }],
    ],
    [
      'takes no word of the ledger about a pinned reference',
      { bindings: [makeBinding({ versionless: false })] },
      [{ state: { kind: 'unread' } }],
    ],
    [
      'holds what was pushed with the state it left behind',
      { bindings: [makePushedBinding()] },
      [
        {
          target: WORKSPACE_TARGET,
          state: { kind: 'recorded', thumbprint: OLD_THUMBPRINT, etag: '"1"' },
          pushedThumbprint: OLD_THUMBPRINT,
        },
      ],
    ],
    [
      'takes no word of the ledger about what was pushed and left no state behind',
      { bindings: [makePushedBinding({ pushed: { thumbprint: OLD_THUMBPRINT } })] },
      [{ state: { kind: 'unread' }, pushedThumbprint: OLD_THUMBPRINT }],
    ],
    [
      'takes no word of the ledger where something else was found than what was pushed',
      { bindings: [makePushedBinding({ targetThumbprint: NEW_THUMBPRINT })] },
      [{ state: { kind: 'unread' }, pushedThumbprint: OLD_THUMBPRINT }],
    ],
    [
      'takes no word of the ledger about what was blocked, though the thumbprint is current',
      { bindings: [makeBinding({ status: 'blocked', problem: PROBLEM })] },
      [{ state: { kind: 'unread' } }],
    ],
    [
      'takes no word of the ledger where it has no thumbprint',
      { bindings: [withoutThumbprint()] },
      [{ state: { kind: 'unread' } }],
    ],
    [
      'takes no word of the ledger about what is asked for only',
      { bindings: [makeBinding({ claimed: false })] },
      [{ standing: { kind: 'asked' }, state: { kind: 'unread' } }],
    ],
    [
      'keeps a binding that no tag mentions',
      { bindings: [makeBinding()], asked: asks(ANOTHER) },
      [
        { target: TARGET, standing: { kind: 'bound', origin: 'tag' } },
        { target: ANOTHER, standing: { kind: 'asked' } },
      ],
    ],
    [
      'keeps an unsatisfied ask while no tag says anything',
      { bindings: [makeBinding({ claimed: false })], asked: NOTHING },
      [{ target: TARGET }],
    ],
    [
      'drops an unsatisfied ask when the tag names other targets',
      { bindings: [makeBinding({ claimed: false })], asked: asks(ANOTHER) },
      [{ target: ANOTHER }],
    ],
    [
      'keeps what was asked for by HTTP, whatever the tag names',
      { bindings: [makeBinding({ claimed: false, origin: 'http' })], asked: asks(ANOTHER) },
      [
        { target: TARGET, standing: { kind: 'asked', origin: 'http' } },
        { target: ANOTHER, standing: { kind: 'asked' } },
      ],
    ],
    [
      'keeps a binding by HTTP one by HTTP when a tag names it too',
      { bindings: [makeBinding({ origin: 'http' })], asked: asks(TARGET) },
      [{ target: TARGET, standing: { kind: 'bound', origin: 'http' } }],
    ],
    [
      'holds consent where the role for it bound a target beyond CERTKEEPER_ALLOW',
      { bindings: [makeBinding({ origin: 'http', allowedBy: 'manage' })], rules: [] },
      [{ target: TARGET, consented: true }],
    ],
    [
      'knows what may be taken over',
      { bindings: [makeBinding({ origin: 'http', takeOver: true })] },
      [{ target: TARGET, takeOver: true }],
    ],
    [
      'adds what a tag asks for, to be read first',
      { asked: asks(TARGET) },
      [{ target: TARGET, standing: { kind: 'asked' }, state: { kind: 'unread' }, consented: true }],
    ],
    [
      'knows what CERTKEEPER_ALLOW does not allow',
      { asked: asks(ANOTHER) },
      [{ target: ANOTHER, consented: false, configured: true }],
    ],
    [
      'knows which services are not under care',
      { asked: asks(TARGET), services: new Set<string>() },
      [{ target: TARGET, configured: false }],
    ],
    [
      'names a place once, in whatever case tag and ledger write it',
      { bindings: [makeBinding()], asked: asks({ ...TARGET, id: 'Gateway-Client' }) },
      [{ target: TARGET, standing: { kind: 'bound', origin: 'tag' } }],
    ],
    [
      'makes a discovered binding a declared one when a tag asks for it',
      { bindings: [makeBinding({ origin: 'discovered' })], asked: asks(TARGET) },
      [{ standing: { kind: 'bound', origin: 'tag' } }],
    ],
    [
      'leaves a discovered binding a discovered one otherwise',
      { bindings: [makeBinding({ origin: 'discovered' })] },
      [{ standing: { kind: 'bound', origin: 'discovered' } }],
    ],
    [
      'remembers which problem has been told already',
      { bindings: [makeBinding({ problem: PROBLEM })] },
      [{ knownProblem: 'AZURE_REFUSED' }],
    ],
  ])('%s', (_, facts, work) => {
    const gathered = gather(facts);
    expect(gathered.work).toMatchObject(work);
    expect(gathered.work).toHaveLength(work.length);
    expect(gathered.problems).toEqual([]);
  });

  test('goes on beside a path that cannot be read, which becomes a problem', () => {
    const unreadable = [{ path: `/${'x'.repeat(300)}`, message: 'it is odd' }];
    const { work, problems } = gather({
      asked: { kind: 'targets', targets: [TARGET], unreadable },
    });
    expect(work).toMatchObject([{ target: TARGET }]);
    expect(problems).toMatchObject([
      { code: 'TARGET_UNREADABLE', resource: 'contoso-kv/gateway-client' },
    ]);
    expect(problems[0]?.message).toContain('it is odd');
    expect(problems[0]?.message).not.toContain('x'.repeat(200));
  });
});

describe('After a step', () => {
  const start: Work = {
    target: TARGET,
    standing: { kind: 'bound', origin: 'tag' },
    consented: true,
    configured: true,
    state: { kind: 'unread' },
    tries: NO_TRIES,
  };
  const answer = makeState({ thumbprint: OLD_THUMBPRINT });
  const attach = { kind: 'attach', reason: 'TargetAbsent', secretIdentifier: 's' } as const;
  const refresh = { kind: 'refresh', reason: 'NewVersion' } as const;

  test.each<[sentence: string, work: Work, step: Step, expected: object]>([
    [
      'of reading, the thumbprint found is the one before',
      start,
      { kind: 'observe', reason: 'TargetUnread' },
      { state: answer, previousThumbprint: OLD_THUMBPRINT, tries: NO_TRIES },
    ],
    [
      'of reading, a thumbprint that the ledger knew stays the one before',
      { ...start, previousThumbprint: NEW_THUMBPRINT },
      { kind: 'observe', reason: 'TargetUnread' },
      { previousThumbprint: NEW_THUMBPRINT },
    ],
    [
      'of looking again, that look is counted',
      start,
      { kind: 'reread', reason: 'AnswerNotCurrent', afterSeconds: 1 },
      { state: answer, tries: { writes: 0, refreshes: 0, rereads: 1 } },
    ],
    [
      'of attaching, the write is counted and is what was done',
      start,
      attach,
      {
        state: answer,
        tries: { writes: 1, refreshes: 0, rereads: 0 },
        did: { kind: 'attach', reason: 'TargetAbsent' },
      },
    ],
    [
      'of refreshing, the refresh is counted and is what was done',
      start,
      refresh,
      {
        tries: { writes: 0, refreshes: 1, rereads: 0 },
        did: { kind: 'refresh', reason: 'NewVersion' },
      },
    ],
    [
      'of refreshing what was attached before, attaching stays what was done',
      afterStep(start, attach, answer),
      refresh,
      { tries: { writes: 1, refreshes: 1, rereads: 0 }, did: { kind: 'attach' } },
    ],
    [
      'of repointing, its reason is what was done',
      start,
      { kind: 'repoint', reason: 'VersionPinned', secretIdentifier: 's', etag: '*' },
      {
        tries: { writes: 1, refreshes: 0, rereads: 0 },
        did: { kind: 'repoint', reason: 'VersionPinned' },
      },
    ],
  ])('%s', (_, work, step, expected) => {
    expect(afterStep(work, step, answer)).toMatchObject(expected);
  });

  test('of refreshing what is not there, nothing was done', () => {
    const after = afterStep(start, refresh, { kind: 'absent' });
    expect(after.tries.refreshes).toBe(1);
    expect(after).not.toHaveProperty('did');
  });

  test.each<[Step]>([
    [{ kind: 'none', reason: 'AlreadyCurrent' }],
    [{ kind: 'release', reason: 'TargetGone' }],
    [{ kind: 'blocked', reason: 'NotAllowed', problem: PROBLEM }],
  ])('that is no step ($kind) nothing is different', (step) => {
    expect(afterStep(start, step, answer)).toEqual(start);
  });
});

test('The thumbprint in a state is what was reported or recorded, if anything was', () => {
  expect(thumbprintIn({ kind: 'recorded', thumbprint: 'r' })).toBe('r');
  expect(thumbprintIn(makeState({ thumbprint: 'p' }))).toBe('p');
  expect(thumbprintIn({ kind: 'absent' })).toBeUndefined();
  expect(thumbprintIn({ kind: 'unread' })).toBeUndefined();
});

function withoutThumbprint() {
  const { targetThumbprint: _, ...rest } = makeBinding();
  return rest;
}

describe('What a diagnosis takes to be at a target', () => {
  const at = (state: TargetState, takeOver?: true): Work => ({
    target: TARGET,
    standing: { kind: 'bound', origin: 'tag' },
    consented: true,
    configured: true,
    state,
    tries: NO_TRIES,
    ...(takeOver === undefined ? {} : { takeOver }),
  });
  const secret = { source: SOURCE, collection: 'certificates', version: 'v1' } as const;
  const pinned = makeState({
    reference: { kind: 'key-vault', secret, identityClientId: 'c' },
  });
  const versionless = makeState({
    reference: {
      kind: 'key-vault',
      secret: { source: SOURCE, collection: 'secrets' },
      identityClientId: 'c',
    },
  });
  const uploaded = makeState({ reference: { kind: 'uploaded' } });

  test.each<[sentence: string, work: Work, state: TargetState | undefined]>([
    [
      'is not known where only the ledger knows',
      at({ kind: 'recorded', thumbprint: 'A' }),
      undefined,
    ],
    ['is nothing where there is nothing', at({ kind: 'absent' }), { kind: 'absent' }],
    ['is versionless, since a repoint would make it so', at(pinned), versionless],
    ['is nothing where something else is taken over', at(uploaded, true), { kind: 'absent' }],
    ['is what it is, where it belongs to somebody else', at(uploaded), uploaded],
  ])('%s', (_, work, state) => {
    expect(wantedState(work, SOURCE)).toEqual(state);
  });

  test('is tried anew without the failure of the last try', () => {
    const failed = makeState({ lastFailure: { code: 'Forbidden', message: 'no' } });
    const work = { ...at(failed), tries: { writes: 1, refreshes: 1, rereads: 2 } };
    expect(tryAnew(work)).toMatchObject({
      state: makeState(),
      tries: { writes: 1, refreshes: 0, rereads: 0 },
    });
    expect(tryAnew(work).state).toEqual(makeState());
  });
});
