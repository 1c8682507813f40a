import { makeCheckTarget } from '../../../functions/activities/check-target.ts';
import { makeObserveSource } from '../../../functions/activities/observe-source.ts';
import { makePlanSource } from '../../../functions/activities/plan-source.ts';
import { parseConsent } from '../../../shared/domain/consent.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { ArrivalState } from '../../../shared/domain/arrival-ports.ts';
import type { ServiceObservation } from '../../../shared/domain/service.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import { always } from '../../../shared/domain/suspect-policy.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import {
  makeBinding,
  makePresent,
  makeState,
  makeUploaded,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  OLD_VERSION,
  PROBLEM,
  SOURCE,
  SUFFIX,
  TARGET,
  makeLooks,
} from '../../support/domain-samples.ts';
import { makeAccessWorld } from '../../support/access-world.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

const TAG = { 'certkeeper-targets': 'contoso-gw' };
const TEAM_TAG = { 'certkeeper-targets': 'contoso-gw/workspaces/team-a' };
const TEAM_PATH = 'contoso-gw/workspaces/team-a/certificates/gateway-client';
const version = (thumbprint: string) => ({
  version: 'v',
  thumbprint,
  enabled: true,
  createdAt: NOW,
});

function ports(observation: SourceObservation, ledger: MemoryLedger) {
  return {
    ledger,
    vaults: {
      readCurrent: () => Promise.resolve(observation),
      list: () => {
        throw new Error('a sync lists no vault');
      },
      versions: () => Promise.resolve([version(OLD_THUMBPRINT)]),
    },
    consent: parseConsent('contoso-kv/* => contoso-gw, contoso-gw/workspaces/*').rules,
    services: new Set(['contoso-gw']),
    vaultSuffix: SUFFIX,
    onSuspect: always('hold'),
    grantAccess: 'never',
    index: { ofThumbprint: () => Promise.resolve(undefined) },
    repairReferences: 'report',
    holdIfBreaking: false,
  } as const;
}

describe('Observing a source', () => {
  const observe = (arrived: ArrivalState, answered?: number) =>
    makeObserveSource({
      ...ports(makePresent({ tags: TAG }), makeMemoryLedger([makeBinding()])),
      arrivals: {
        read: () => Promise.resolve(arrived),
        arrive: () => Promise.reject(new Error('observing is no arrival')),
        close: () => Promise.reject(new Error('observing closes nothing')),
      },
    })({ source: SOURCE, ...(answered === undefined ? {} : { answered }) });

  test('brings vault, tags and ledger together', async () => {
    await expect(observe({ number: 3, freshAt: 0, closed: 2 })).resolves.toMatchObject({
      arrival: 3,
      observation: { kind: 'present' },
      asked: 'targets',
      vaultSuffix: SUFFIX,
      problems: [],
      work: [{ target: TARGET, state: { kind: 'recorded' }, consented: true, configured: true }],
    });
  });

  test.each<
    [sentence: string, arrived: ArrivalState, answered: number | undefined, fresh: boolean]
  >([
    ['when an arrival asks for it', { number: 3, freshAt: 3, closed: 2 }, undefined, true],
    [
      'when an earlier one asked that is not answered',
      { number: 5, freshAt: 3, closed: 2 },
      undefined,
      true,
    ],
    [
      'not for one that an earlier sync answered',
      { number: 3, freshAt: 2, closed: 2 },
      undefined,
      false,
    ],
    [
      'not for one that this sync answered in its last round',
      { number: 5, freshAt: 4, closed: 2 },
      4,
      false,
    ],
    ['again for one that came since that round', { number: 5, freshAt: 5, closed: 2 }, 4, true],
  ])('reads every target anew %s', async (_, arrived, answered, fresh) => {
    const { work } = await observe(arrived, answered);
    expect(work[0]?.state.kind).toBe(fresh ? 'unread' : 'recorded');
  });

  test.each<
    [sentence: string, asked: number, closed: number, answered: number | undefined, is: boolean]
  >([
    ['names', 3, 2, undefined, true],
    ['does not name, once an earlier sync has answered them,', 2, 2, undefined, false],
    ['does not name, once this sync has answered them in its last round,', 4, 2, 4, false],
  ])('%s who asked', async (_, asked, closed, answered, is) => {
    const by = { kind: 'entra', id: 'an-id', name: 'Ann' } as const;
    const view = await observe(
      { number: 5, freshAt: 0, closed, asker: { number: asked, by } },
      answered,
    );
    expect(view.by).toEqual(is ? by : undefined);
  });

  test('measures the version by the one that was verified, and by what was approved', async () => {
    const verified = { version: OLD_VERSION, looks: makeLooks() };
    const ledger = makeMemoryLedger([], [{ source: SOURCE, verified, problems: [] }]);
    const by = { kind: 'function-key' } as const;
    await ledger.approve(SOURCE, { version: NEW_VERSION, by, at: NOW }, 'looks');
    const run = makeObserveSource({
      ...ports(makePresent(), ledger),
      arrivals: {
        read: () => Promise.resolve({ number: 1, freshAt: 0, closed: 0 }),
        arrive: () => Promise.reject(new Error('unused')),
        close: () => Promise.reject(new Error('unused')),
      },
    });
    await expect(run({ source: SOURCE })).resolves.toMatchObject({
      yardstick: { onSuspect: 'hold', verified, approved: NEW_VERSION },
    });
  });

  test('takes no target from the tags of a version that cannot be read', async () => {
    const run = makeObserveSource({
      ...ports({ kind: 'disabled' }, makeMemoryLedger([makeBinding()])),
      arrivals: {
        read: () => Promise.resolve({ number: 1, freshAt: 0, closed: 0 }),
        arrive: () => Promise.reject(new Error('unused')),
        close: () => Promise.reject(new Error('unused')),
      },
    });
    await expect(run({ source: SOURCE })).resolves.toMatchObject({
      asked: 'nothing',
      work: [{ target: TARGET, standing: { kind: 'bound' } }],
    });
  });
});

describe('A dry run', () => {
  const WITH_IDENTITY = { systemAssigned: { objectId: 'o' }, userAssigned: [] };

  async function plan({
    observation = makePresent({ tags: TAG }),
    bindings = [] as Parameters<typeof makeMemoryLedger>[0],
    records = [] as Parameters<typeof makeMemoryLedger>[1],
    there = () => Promise.resolve<TargetState>({ kind: 'absent' }),
    identity = WITH_IDENTITY,
  }: {
    observation?: SourceObservation;
    bindings?: Parameters<typeof makeMemoryLedger>[0];
    records?: Parameters<typeof makeMemoryLedger>[1];
    there?: () => Promise<TargetState>;
    identity?: ServiceObservation['identity'];
  }) {
    const ledger = makeMemoryLedger(bindings, records);
    const nothingListed = () => {
      throw new Error('nothing is held');
    };
    const run = makePlanSource({
      ...ports(observation, ledger),
      certificates: { observe: there, list: nothingListed },
      now: () => new Date(NOW),
      check: makeCheckTarget({
        ...makeAccessWorld({ identity, observation }),
        certificates: { observe: there },
      }),
      pushed: { observe: there, list: nothingListed },
      observeCa: there,
      observeKeys: there,
      scanner: { scan: () => Promise.reject(new Error('nothing is held')) },
    });
    const planned = await run(SOURCE);
    expect(ledger.writes()).toBe(0);
    return planned;
  }
  const path = 'contoso-gw/certificates/gateway-client';

  test('says that the version would be held', async () => {
    const verified = { version: OLD_VERSION, looks: makeLooks() };
    const looks = makeLooks({ subject: 'CN=b' });
    const planned = await plan({
      observation: makePresent({ looks }),
      bindings: [makeBinding()],
      records: [{ source: SOURCE, verified, problems: [] }],
    });
    expect(planned.targets).toMatchObject([
      { step: 'blocked', reason: 'VersionHeld', problem: { code: 'VERSION_HELD' } },
    ]);
  });

  test.each<[sentence: string, facts: Parameters<typeof plan>[0], targets: object[]]>([
    ['says what would be attached', {}, [{ target: path, step: 'attach', reason: 'TargetAbsent' }]],
    [
      'says what would be refreshed, by what is there and not by what the ledger says',
      {
        bindings: [makeBinding({ targetThumbprint: NEW_THUMBPRINT })],
        there: () => Promise.resolve(makeState({ thumbprint: OLD_THUMBPRINT })),
      },
      [{ target: path, step: 'refresh', reason: 'NewVersion', thumbprint: OLD_THUMBPRINT }],
    ],
    [
      'says what is in order',
      { bindings: [makeBinding()], there: () => Promise.resolve(makeState()) },
      [{ step: 'none', reason: 'AlreadyCurrent', thumbprint: NEW_THUMBPRINT }],
    ],
    [
      'says what would be put into a workspace',
      { observation: makePresent({ tags: TEAM_TAG }) },
      [{ target: TEAM_PATH, step: 'push', reason: 'TargetAbsent' }],
    ],
    [
      'says what would be pushed over an earlier version in a workspace',
      {
        observation: makePresent({ tags: TEAM_TAG }),
        there: () => Promise.resolve(makeUploaded({ thumbprint: OLD_THUMBPRINT })),
      },
      [{ target: TEAM_PATH, step: 'push', reason: 'NewVersion', thumbprint: OLD_THUMBPRINT }],
    ],
    [
      'says that something else is in a workspace',
      {
        observation: makePresent({ tags: TEAM_TAG }),
        there: () => Promise.resolve(makeUploaded({ thumbprint: 'F'.repeat(40) })),
      },
      [{ target: TEAM_PATH, step: 'blocked', problem: { code: 'TARGET_TAKEN' } }],
    ],
    [
      'says what is not allowed',
      {
        observation: makePresent({
          tags: { 'certkeeper-targets': 'contoso-gw/hostnames/api.contoso.com' },
        }),
      },
      [{ step: 'blocked', problem: { code: 'TARGET_UNSUPPORTED' } }],
    ],
    [
      'says that the service has no identity to attach with',
      { identity: { userAssigned: [] } },
      [
        {
          target: path,
          step: 'blocked',
          reason: 'AccessBlocked',
          problem: { code: 'IDENTITY_MISSING' },
        },
      ],
    ],
    [
      'says why a target cannot be read',
      { there: () => Promise.reject(new TerminalError(PROBLEM)) },
      [{ target: path, step: 'blocked', reason: 'Refused', problem: PROBLEM }],
    ],
    [
      'says nothing of targets that it would keep its hands off',
      { observation: makePresent({ tags: { certkeeper: 'ignore' } }), bindings: [makeBinding()] },
      [],
    ],
  ])('%s, and changes nothing', async (_, facts, targets) => {
    const planned = await plan(facts);
    expect(planned.targets).toMatchObject(targets);
    expect(planned.targets).toHaveLength(targets.length);
  });

  test('fails as a whole when Azure does not answer now', async () => {
    const there = () => Promise.reject(new TransientError(PROBLEM));
    await expect(plan({ there })).rejects.toBeInstanceOf(TransientError);
  });

  test('shows the tags that cannot be read', async () => {
    const observation = makePresent({ tags: { 'certkeeper-targets': '/' } });
    await expect(plan({ observation })).resolves.toMatchObject({
      targets: [],
      problems: [{ code: 'TARGET_UNREADABLE' }],
    });
  });
});
