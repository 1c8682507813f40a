import { makeSurveyService } from '../../../functions/activities/survey-service.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../../shared/domain/target-state.ts';
import {
  makeBinding,
  makeInstalled,
  NEW_THUMBPRINT,
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
    expect(counts).toEqual({
      ...{ certificates: 1, discovered: 1, unmanaged: 0 },
      ...{ problems: [], problemsLeftOut: 0 },
    });
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
    expect(counts).toMatchObject({ certificates: 1, discovered: 0, unmanaged: 1, problems: [] });
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
      unmanaged: 1,
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

  describe('as a dry run', () => {
    const dryRun = async (ledger: MemoryLedger) => {
      const run = makeSurveyService({
        certificates: { list: () => each([{ id: TARGET.id, installed: makeInstalled() }]) },
        pushed: { list: () => each([]) },
        ledger,
        vaults: new Set(['contoso-kv']),
      });
      return await run({ service: 'contoso-gw', dryRun: true });
    };

    test.each<[sentence: string, bindings: Binding[], act: object]>([
      ['says what it would discover', [], { action: 'discover' }],
      ['says what it would have synced', [makeBinding()], { action: 'sync' }],
    ])('%s, and writes nothing', async (_, bindings, act) => {
      const ledger = makeMemoryLedger(bindings);
      await expect(dryRun(ledger)).resolves.toMatchObject({
        planned: [{ source: SOURCE, target: 'contoso-gw/certificates/gateway-client', ...act }],
        plannedLeftOut: 0,
      });
      expect(ledger.writes()).toBe(0);
      expect(ledger.claims.size).toBe(bindings.length);
    });

    test('has nothing to say about what is as the ledger knows it', async () => {
      const known = makeMemoryLedger([makeBinding({ targetThumbprint: NEW_THUMBPRINT })]);
      await expect(dryRun(known)).resolves.toMatchObject({ planned: [] });
    });
  });
});
