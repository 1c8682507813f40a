import type { Problem } from '../../../shared/domain/errors.ts';
import { makeSurveyService, makeSurveyVault } from '../../../functions/activities/survey.ts';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { ListedSource } from '../../../shared/domain/ports.ts';
import { formatSource, type SourceObservation } from '../../../shared/domain/source.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../../shared/domain/target-state.ts';
import {
  makeBinding,
  makeInstalled,
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
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

const SECRET = { source: SOURCE, collection: 'secrets' } as const;
const FOREIGN_VAULT = { vault: 'foreign-kv', name: 'a' };

async function* each<One>(some: readonly One[]): AsyncGenerator<One> {
  yield* some;
}

async function surveyService(ledger: MemoryLedger, installed: InstalledCertificate) {
  const run = makeSurveyService({
    certificates: { list: () => each([{ id: TARGET.id, installed }]) },
    pushed: { list: () => each([]) },
    ledger,
    vaults: new Set(['contoso-kv']),
  });
  const counts = await run({ service: 'contoso-gw' });
  const { bindings } = await ledger.ofSource(SOURCE);
  // A second survey of the same service writes nothing.
  const writes = ledger.writes();
  await run({ service: 'contoso-gw' });
  expect(ledger.writes()).toBe(writes);
  return { counts, bindings };
}

describe('The survey of a service', () => {
  test('finds what somebody attached by hand, and takes it into care', async () => {
    const ledger = makeMemoryLedger();
    const { counts, bindings } = await surveyService(ledger, makeInstalled());
    expect(counts).toEqual({ certificates: 1, discovered: 1, problems: [] });
    expect(bindings).toEqual([
      {
        source: SOURCE,
        target: TARGET,
        origin: 'discovered',
        claimed: true,
        status: 'pending',
        versionless: true,
        targetThumbprint: NEW_THUMBPRINT,
      },
    ]);
    expect(ledger.claims.get(targetKey(TARGET))).toEqual(SOURCE);
  });

  test.each<[sentence: string, reference: InstalledCertificate['reference']]>([
    ['is pinned', { kind: 'key-vault', secret: { ...SECRET, version: OLD_VERSION } }],
    [
      'names the certificate',
      { kind: 'key-vault', secret: { ...SECRET, collection: 'certificates' } },
    ],
  ])('sees a reference that %s as one that is not versionless', async (_, reference) => {
    const { bindings } = await surveyService(makeMemoryLedger(), makeInstalled({ reference }));
    expect(bindings).toMatchObject([{ versionless: false }]);
  });

  test.each<[sentence: string, reference: InstalledCertificate['reference']]>([
    ['was uploaded', { kind: 'uploaded' }],
    ['comes from somewhere else', { kind: 'foreign', identifier: 'x' }],
    [
      'comes from a vault that is not under care',
      { kind: 'key-vault', secret: { ...SECRET, source: FOREIGN_VAULT } },
    ],
  ])('leaves alone what %s', async (_, reference) => {
    const ledger = makeMemoryLedger();
    const { counts } = await surveyService(ledger, makeInstalled({ reference }));
    expect(counts).toEqual({ certificates: 1, discovered: 0, problems: [] });
    expect(ledger.writes()).toBe(0);
  });

  test('says so when it finds a certificate whose id no path can hold', async () => {
    const ledger = makeMemoryLedger();
    const run = makeSurveyService({
      certificates: { list: () => each([{ id: 'by hand', installed: makeInstalled() }]) },
      pushed: { list: () => each([]) },
      ledger,
      vaults: new Set(['contoso-kv']),
    });
    await expect(run({ service: 'contoso-gw' })).resolves.toMatchObject({
      discovered: 0,
      problems: [{ code: 'TARGET_UNREADABLE', resource: 'contoso-gw/certificates/by hand' }],
    });
    expect(ledger.writes()).toBe(0);
  });

  test('takes nothing from its owner that points elsewhere, and has the owner look', async () => {
    const ledger = makeMemoryLedger([makeBinding({ source: OTHER_SOURCE })]);
    const { bindings } = await surveyService(ledger, makeInstalled());
    expect(bindings).toEqual([]);
    const [owned] = (await ledger.ofSource(OTHER_SOURCE)).bindings;
    expect(owned).toMatchObject({ status: 'pending', versionless: false });
    expect(owned).not.toHaveProperty('targetThumbprint');
  });

  test.each<[sentence: string, before: Partial<Binding>]>([
    ['was in order', {}],
    ['was not confirmed yet', { status: 'pending' }],
  ])('has a binding looked at whose target %s and is gone', async (_, before) => {
    const gone = { ...TARGET, id: 'Gone' };
    const ledger = makeMemoryLedger([makeBinding({ target: gone, ...before })]);
    const { bindings } = await surveyService(ledger, makeInstalled());
    const found = bindings.find(({ target }) => targetKey(target) === targetKey(gone));
    expect(found).toMatchObject({ target: gone, status: 'pending', versionless: false });
    expect(found).not.toHaveProperty('targetThumbprint');
    await expect(surveyVault(ledger, [LISTED])).resolves.toEqual(['contoso-kv/gateway-client']);
  });

  test('lets a binding that is blocked keep saying why when its target is gone', async () => {
    const gone = makeBinding({
      target: { ...TARGET, id: 'gone' },
      status: 'blocked',
      problem: PROBLEM,
    });
    const { bindings } = await surveyService(makeMemoryLedger([gone]), makeInstalled());
    expect(bindings).toContainEqual(gone);
  });

  test('writes nothing about what is as the ledger knows it', async () => {
    const ledger = makeMemoryLedger([makeBinding({ targetThumbprint: NEW_THUMBPRINT })]);
    await surveyService(ledger, makeInstalled());
    expect(ledger.writes()).toBe(0);
  });

  test.each<[sentence: string, before: Partial<Binding>, after: object]>([
    ['another thumbprint', {}, { targetThumbprint: NEW_THUMBPRINT }],
    [
      'another kind of reference',
      { versionless: false, targetThumbprint: NEW_THUMBPRINT },
      { versionless: true },
    ],
  ])('notes %s than the ledger knows, and keeps the rest', async (_, before, after) => {
    const { bindings } = await surveyService(
      makeMemoryLedger([makeBinding(before)]),
      makeInstalled(),
    );
    expect(bindings).toMatchObject([
      { ...after, status: 'pending', origin: 'tag', verifiedVersion: OLD_VERSION },
    ]);
  });

  test('does not go on believing in a thumbprint that the service no longer reports', async () => {
    const { thumbprint: _, ...unread } = makeInstalled();
    const ledger = makeMemoryLedger([makeBinding({ targetThumbprint: NEW_THUMBPRINT })]);
    const { bindings } = await surveyService(ledger, unread);
    expect(bindings).toMatchObject([{ status: 'pending' }]);
    expect(bindings[0]).not.toHaveProperty('targetThumbprint');
  });
});

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
  const run = makeSurveyVault({
    ledger,
    vaults: { list: () => each(listed), readCurrent },
    now: () => new Date(NOW),
  });
  const asked: string[] = [];
  const counts = await run({ vault: 'contoso-kv' }, async (source) => {
    asked.push(formatSource(source));
  });
  expect(counts).toEqual({ certificates: listed.length, syncs: asked.length, problems: [] });
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
    const run = makeSurveyVault({
      ledger: makeMemoryLedger([makeBinding(), makeBinding({ source: OTHER_SOURCE })]),
      vaults: { list: () => each([LISTED, second]), readCurrent: gone },
      now: () => new Date(NOW),
    });
    const asked: string[] = [];
    const counts = await run({ vault: 'contoso-kv' }, async (source) => {
      asked.push(formatSource(source));
      if (source === SOURCE) throw error;
    });
    expect(asked).toHaveLength(2);
    expect(counts).toMatchObject({ certificates: 2, syncs: 1, problems: [{ code }] });
    expect(JSON.stringify(counts)).not.toContain('secret');
  });
});
