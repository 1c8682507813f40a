import type { Problem } from '../../../shared/domain/errors.ts';
import { makeSurveyVault } from '../../../functions/activities/survey-vault.ts';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { ListedSource } from '../../../shared/domain/vault-ports.ts';
import {
  formatSource,
  type Source,
  type SourceObservation,
} from '../../../shared/domain/source.ts';
import { makeCleanupWorld } from '../../support/cleanup-world.ts';
import {
  makeBinding,
  makeLooks,
  makePresent,
  NEW_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_THUMBPRINT,
  OLD_VERSION,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

async function* each<One>(some: readonly One[]): AsyncGenerator<One> {
  yield* some;
}

/** A survey over a list of the test's own; what is not listed is gone without a trace. */
function makeSurvey(
  ledger: MemoryLedger,
  listed: readonly ListedSource[],
  readCurrent: () => Promise<SourceObservation>,
  repair = false,
) {
  const { ports } = makeCleanupWorld({ bindings: [] });
  const run = makeSurveyVault({
    ...{ ...ports, ledger, repair },
    vaults: { ...ports.vaults, list: () => each(listed), readCurrent },
    now: () => new Date(NOW),
  });
  return (requestSync: (source: Source) => Promise<void>) =>
    run({ vault: 'contoso-kv' }, requestSync);
}

const LISTED: ListedSource = {
  source: SOURCE,
  thumbprint: NEW_THUMBPRINT,
  enabled: true,
  tags: {},
};
const IN_ORDER = makeBinding({ targetThumbprint: NEW_THUMBPRINT });
const SEEN: SourceRecord = {
  source: SOURCE,
  thumbprint: NEW_THUMBPRINT,
  enabled: true,
  problems: [],
};

const gone = (): Promise<SourceObservation> => Promise.resolve({ kind: 'missing' });

async function surveyVault(
  ledger: MemoryLedger,
  listed: readonly ListedSource[],
  readCurrent: () => Promise<SourceObservation> = gone,
) {
  const asked: string[] = [];
  const counts = await makeSurvey(
    ledger,
    listed,
    readCurrent,
  )(async (source) => {
    asked.push(formatSource(source));
  });
  expect(counts).toMatchObject({ certificates: listed.length, syncs: asked.length });
  return asked;
}

describe('The survey of a vault', () => {
  describe('learns what the version in place looks like', () => {
    const inPlace = makeBinding({ targetThumbprint: NEW_THUMBPRINT, verifiedVersion: NEW_VERSION });
    const looks = makeLooks();

    test('once, where nobody has synced it yet', async () => {
      const ledger = makeMemoryLedger([inPlace]);
      const read = jest.fn(async () => makePresent({ looks }));
      await expect(surveyVault(ledger, [LISTED], read)).resolves.toEqual([]);
      await surveyVault(ledger, [LISTED], read);
      expect(read).toHaveBeenCalledTimes(1);
      await expect(ledger.record(SOURCE)).resolves.toMatchObject({
        version: NEW_VERSION,
        verified: { version: NEW_VERSION, looks },
      });
    });

    test('not of a version that came since the vault was listed', async () => {
      const ledger = makeMemoryLedger([inPlace]);
      await surveyVault(ledger, [LISTED], async () =>
        makePresent({ thumbprint: OLD_THUMBPRINT, looks }),
      );
      expect(await ledger.record(SOURCE)).not.toHaveProperty('verified');
    });

    test('not where nothing is bound', async () => {
      const read = jest.fn(async () => makePresent({ looks }));
      await surveyVault(makeMemoryLedger([], [{ source: SOURCE, problems: [] }]), [LISTED], read);
      expect(read).not.toHaveBeenCalled();
    });

    test('some other time, when it cannot be read', async () => {
      const ledger = makeMemoryLedger([inPlace]);
      const busy = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
      await expect(surveyVault(ledger, [LISTED], () => Promise.reject(busy))).resolves.toEqual([]);
      expect(await ledger.record(SOURCE)).not.toHaveProperty('verified');
    });
  });

  test.each<[sentence: string, bindings: Binding[], listed: Partial<ListedSource>, syncs: boolean]>(
    [
      ['asks for nothing that nobody uses', [], {}, false],
      ['asks for nothing that is in order', [IN_ORDER], {}, false],
      ['asks for what is behind', [makeBinding({ targetThumbprint: OLD_THUMBPRINT })], {}, true],
      ['asks for what is not versionless', [{ ...IN_ORDER, versionless: false }], {}, true],
      ['asks for what is disabled in the vault', [IN_ORDER], { enabled: false }, true],
      ['asks for what failed last time', [{ ...IN_ORDER, status: 'failed' }], {}, true],
      [
        'asks for what was blocked last time',
        [{ ...IN_ORDER, status: 'blocked', problem: PROBLEM }],
        {},
        true,
      ],
      [
        'asks for what was asked for and is not owned yet',
        [{ ...IN_ORDER, claimed: false }],
        {},
        true,
      ],
      [
        'asks for what a tag newly names',
        [],
        { tags: { 'certkeeper-targets': 'contoso-gw' } },
        true,
      ],
      [
        'asks for no tag that is satisfied',
        [IN_ORDER],
        { tags: { 'certkeeper-targets': 'contoso-gw' } },
        false,
      ],
      ['asks for a tag that nobody can read', [], { tags: { 'certkeeper-targets': '/' } }, true],
      [
        'asks for what is to be given up',
        [IN_ORDER],
        { tags: { 'certkeeper-targets': 'none' } },
        true,
      ],
      [
        'asks for nothing that is given up already',
        [],
        { tags: { 'certkeeper-targets': 'none' } },
        false,
      ],
      [
        'has it noted that hands are kept off',
        [{ ...IN_ORDER, status: 'failed' }],
        { tags: { certkeeper: 'ignore' } },
        true,
      ],
      ['has it noted that a tag is mistyped', [], { tags: { 'certkeeper-target': 'a' } }, true],
    ],
  )('%s', async (_, bindings, listed, syncs) => {
    const ledger = makeMemoryLedger(bindings, [SEEN]);
    await expect(surveyVault(ledger, [{ ...LISTED, ...listed }])).resolves.toEqual(
      syncs ? ['contoso-kv/gateway-client'] : [],
    );
  });

  test('asks for nothing once it is noted, and for a sync when the tag is gone', async () => {
    const odd: Problem = { code: 'TAG_UNKNOWN', message: 'a tag' };
    const survey = (record: Partial<SourceRecord>, tags: Record<string, string>) =>
      surveyVault(makeMemoryLedger([IN_ORDER], [{ ...SEEN, ...record }]), [{ ...LISTED, tags }]);
    await expect(survey({ ignored: true }, { certkeeper: 'ignore' })).resolves.toEqual([]);
    await expect(survey({ ignored: true }, {})).resolves.toHaveLength(1);
    await expect(survey({ problems: [odd] }, { certkeeper: 'ingore' })).resolves.toEqual([]);
    await expect(survey({ problems: [odd] }, {})).resolves.toHaveLength(1);
  });

  test('asks for what the ledger knows and the vault does not list', async () => {
    const ledger = makeMemoryLedger([IN_ORDER], [SEEN]);
    await expect(surveyVault(ledger, [])).resolves.toEqual(['contoso-kv/gateway-client']);
  });

  test('asks for nothing that is gone and that nothing was bound to', async () => {
    await expect(surveyVault(makeMemoryLedger([], [SEEN]), [])).resolves.toEqual([]);
  });

  test.each<[sentence: string, thumbprint: string, version: string | undefined]>([
    ['names the version when the vault shows what was seen before', NEW_THUMBPRINT, NEW_VERSION],
    ['names no version of another thumbprint', OLD_THUMBPRINT, undefined],
  ])('%s', async (_, thumbprint, version) => {
    const stale: Problem = { code: 'AZURE_UNAVAILABLE', message: 'not now' };
    const pending = {
      ...IN_ORDER,
      status: 'pending',
      verifiedVersion: 'v0',
      problem: stale,
    } as const;
    const ledger = makeMemoryLedger([pending], [{ ...SEEN, thumbprint, version: NEW_VERSION }]);
    await surveyVault(ledger, [LISTED]);
    const { record, bindings } = await ledger.ofSource(SOURCE);
    expect(record.version).toBe(version);
    expect(bindings).toMatchObject([{ status: 'verified', verifiedAt: NOW }]);
    expect(bindings[0]?.verifiedVersion).toBe(version);
    expect(bindings[0]).not.toHaveProperty('problem');
  });

  test('has a version judged that came to the target without any sync', async () => {
    const verified = { version: OLD_VERSION, looks: makeLooks() };
    const seenBefore = { ...SEEN, thumbprint: OLD_THUMBPRINT, verified };
    const ledger = makeMemoryLedger([IN_ORDER], [seenBefore]);
    await expect(surveyVault(ledger, [LISTED])).resolves.toEqual([formatSource(SOURCE)]);
  });

  test('confirms what was discovered and is in order, once', async () => {
    const ledger = makeMemoryLedger([{ ...IN_ORDER, status: 'pending' }]);
    await surveyVault(ledger, [LISTED]);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({
      record: { thumbprint: NEW_THUMBPRINT, enabled: true, seenAt: NOW },
      bindings: [{ status: 'verified', verifiedAt: NOW }],
    });
    const writes = ledger.writes();
    await surveyVault(ledger, [LISTED]);
    expect(ledger.writes()).toBe(writes);
  });

  test.each<[sentence: string, error: Error, code: string]>([
    ['does not end', new TransientError({ code: 'SYNC_FAILED', message: 'no end' }), 'SYNC_FAILED'],
    ['fails in an unforeseen way', new Error('secret'), 'INTERNAL_ERROR'],
  ])('asks for all others when a sync %s', async (_, error, code) => {
    const second = { ...LISTED, source: OTHER_SOURCE };
    const ledger = makeMemoryLedger([makeBinding(), makeBinding({ source: OTHER_SOURCE })]);
    const run = makeSurvey(ledger, [LISTED, second], gone);
    const asked: string[] = [];
    const counts = await run(async (source) => {
      asked.push(formatSource(source));
      if (source === SOURCE) throw error;
    });
    expect(asked).toHaveLength(2);
    expect(counts).toMatchObject({ certificates: 2, syncs: 1, problems: [{ code }] });
    expect(JSON.stringify(counts)).not.toContain('secret');
  });
});

test.each([
  ['is synced at each survey, where references are repaired', true, 1],
  ['is left, where they are reported only', false, 0],
] as const)('what a rotation broke %s', async (_, repair, syncs) => {
  const broken = { thumbprints: [OLD_THUMBPRINT], problems: [PROBLEM] };
  const ledger = makeMemoryLedger([{ ...IN_ORDER, broken }], [SEEN]);
  const asked: Source[] = [];
  const survey = makeSurvey(ledger, [LISTED], () => Promise.resolve(makePresent()), repair);
  await survey((source) => {
    asked.push(source);
    return Promise.resolve();
  });
  expect(asked).toHaveLength(syncs);
});
