/** What the survey of a vault makes of sources that it does not list. */
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import {
  makeCleanupWorld,
  START,
  WITNESS,
  type CleanupWorld,
} from '../../../support/cleanup-world.ts';
import {
  makeBinding,
  NEW_THUMBPRINT,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../../support/domain-samples.ts';

const OTHER = { ...TARGET, id: 'partner-mtls' };
const BOTH = [
  makeBinding({ targetThumbprint: NEW_THUMBPRINT }),
  makeBinding({ source: OTHER_SOURCE, target: OTHER, targetThumbprint: NEW_THUMBPRINT }),
];
const REFUSED = new TerminalError({ code: 'CERTKEEPER_PERMISSION_MISSING', message: 'no' });
const SILENT = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });

/** Nothing is an orphan, and nothing is removed however long it stays so. */
async function expectNothingRemoved(world: CleanupWorld): Promise<void> {
  for (let day = 0; day < 200; day += 20) {
    await world.sweep();
    world.pass(20);
  }
  expect(world.removals).toEqual([]);
  expect(world.told('TargetRemoved')).toBe(0);
}

describe('A source that its vault does not list', () => {
  test('is an orphan when the vault says that it is deleted, and told once', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    await expect(world.survey()).resolves.toMatchObject({
      softDeleted: 1,
      purged: 0,
      unknown: 0,
      orphaned: 1,
      orphanedAt: ['contoso-gw'],
      believed: true,
    });
    const orphan = await world.orphan();
    expect(orphan).toMatchObject({ fate: 'soft-deleted', since: START, told: true });
    world.pass(1);
    await world.survey();
    await expect(world.orphan()).resolves.toEqual({ ...orphan, seenAt: world.now() });
    expect(world.events).toMatchObject([
      {
        type: 'Certkeeper.TargetOrphaned',
        subject: 'contoso-kv/gateway-client',
        data: {
          target: 'contoso-gw/certificates/gateway-client',
          fate: 'soft-deleted',
          since: START,
          operation: 'sweep',
        },
      },
    ]);
    await expect(world.acts()).resolves.toEqual(['orphan: orphaned']);
  });

  test('is purged once the vault has forgotten it too', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    await world.survey();
    world.purge(SOURCE);
    world.purge(WITNESS);
    await expect(world.survey()).resolves.toMatchObject({ purged: 1, believed: true });
    await expect(world.orphan()).resolves.toMatchObject({ fate: 'purged', since: START });
  });

  test('is purged when its vault, which is the one it was, never showed it deleted', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.purge(SOURCE);
    await expect(world.survey()).resolves.toMatchObject({ purged: 1, unknown: 0 });
  });

  test('that was verified before the vault was looked at has older versions for a witness', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.purge(SOURCE);
    for (const source of [WITNESS, OTHER_SOURCE]) world.put(source, { createdAt: START });
    world.ports.vaults.versions.mockResolvedValue([
      { version: 'first', enabled: true, createdAt: '2025-02-01T00:00:00.000Z' },
    ] as never);
    await expect(world.survey()).resolves.toMatchObject({ purged: 1, believed: true });
  });

  test('has a sync say so, and no other once that is said', async () => {
    const world = makeCleanupWorld();
    world.softDelete(SOURCE);
    await world.survey();
    expect(world.syncs).toHaveLength(1);
    await world.ledger.saveBinding(
      makeBinding({ status: 'blocked', problem: { code: 'SOURCE_NOT_FOUND', message: 'gone' } }),
    );
    await world.survey();
    expect(world.syncs).toHaveLength(1);
    await world.ledger.saveBinding(makeBinding({ leaving: true, status: 'blocked' }));
    await world.survey();
    expect(world.syncs).toHaveLength(2);
  });

  test.each([
    { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' } as const,
    { kind: 'entra-application', appId: '0a5e0000-0000-4000-8000-000000000001' } as const,
  ])('has no other sync say so where no clean-up removes anything: $kind', async (target) => {
    const world = makeCleanupWorld({ bindings: [makeBinding({ target })] });
    world.softDelete(SOURCE);
    await world.survey();
    expect(world.syncs).toHaveLength(1);
    const problem = { code: 'SOURCE_NOT_FOUND', message: 'gone' } as const;
    await world.ledger.saveBinding(makeBinding({ target, status: 'blocked', problem }));
    await world.survey();
    expect(world.syncs).toHaveLength(1);
  });

  test('is a finding where it left a CA certificate or a key: that no clean-up takes away', async () => {
    const ca = { kind: 'ca-certificate', service: 'contoso-gw', store: 'Root' } as const;
    const world = makeCleanupWorld({ bindings: [makeBinding({ target: ca })] });
    await expect(world.survey()).resolves.toMatchObject({ findings: [] });
    world.softDelete(SOURCE);
    const survey = await world.survey();
    expect(survey).toMatchObject({ softDeleted: 1, orphaned: 0 });
    expect(survey.findings).toMatchObject([
      { code: 'TARGET_ORPHANED', resource: 'contoso-gw/ca/Root' },
    ]);
  });

  test('that has expired is named, where it is bound', async () => {
    const world = makeCleanupWorld();
    world.put(SOURCE, { expiresAt: '2026-01-02T00:00:00.000Z' });
    world.put(WITNESS, { expiresAt: '2026-01-02T00:00:00.000Z' });
    const { expired, findings } = await world.survey();
    expect({ expired, findings }).toMatchObject({
      expired: 1,
      findings: [{ code: 'CERTIFICATE_EXPIRED', resource: 'contoso-kv/gateway-client' }],
    });
    expect(findings[0]?.message).toContain('2026-01-02');
  });

  test('makes no orphan of what was only asked for, nor of what is being detached', async () => {
    for (const more of [{ claimed: false }, { leaving: true as const }]) {
      const world = makeCleanupWorld({ bindings: [makeBinding(more)] });
      world.softDelete(SOURCE);
      await expect(world.survey()).resolves.toMatchObject({ softDeleted: 1, orphaned: 0 });
    }
  });

  test('is left alone for good when its last version asked for that', async () => {
    const world = makeCleanupWorld();
    world.put(SOURCE, { tags: { certkeeper: 'ignore' } });
    world.softDelete(SOURCE);
    await world.sweep();
    world.purge(SOURCE);
    await expectNothingRemoved(world);
    await expect(world.orphan()).resolves.toMatchObject({ kept: { code: 'TAG_FORBIDS' } });
  });

  test('is told by a later sweep when it could not be told now', async () => {
    const world = makeCleanupWorld();
    world.softDelete(SOURCE);
    jest.spyOn(world.ports.publisher, 'publish').mockRejectedValueOnce(SILENT);
    await world.survey();
    await expect(world.orphan()).resolves.toMatchObject({ told: false });
    world.pass(1);
    await world.survey();
    await expect(world.orphan()).resolves.toMatchObject({ told: true, since: START });
    expect(world.told('TargetOrphaned')).toBe(1);
  });
});

describe('It may be our eyes that fail:', () => {
  test('a permission lost over the vault removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.ports.vaults.list.mockImplementation(() => {
      throw REFUSED;
    });
    world.ports.vaults.sight.mockRejectedValue(REFUSED);
    await expect(world.survey()).rejects.toMatchObject({
      problem: { code: 'CERTKEEPER_PERMISSION_MISSING' },
    });
    await expectNothingRemoved(world);
    await expect(world.orphan()).resolves.toBeUndefined();
  });

  test('a permission to read that was lost, where listing is allowed still, removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    world.ports.vaults.sight.mockRejectedValue(REFUSED);
    await expect(world.survey()).resolves.toMatchObject({
      unknown: 1,
      orphaned: 0,
      problems: [{ code: 'CERTKEEPER_PERMISSION_MISSING' }],
    });
    await expectNothingRemoved(world);
  });

  test('a permission lost after the source was found deleted removes nothing', async () => {
    const world = makeCleanupWorld();
    world.softDelete(SOURCE);
    await world.sweep();
    world.ports.vaults.sight.mockRejectedValue(REFUSED);
    await expectNothingRemoved(world);
    await expect(world.orphan()).resolves.toMatchObject({
      kept: { code: 'CERTKEEPER_PERMISSION_MISSING' },
    });
  });

  test('a vault that does not answer removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    await world.sweep();
    world.ports.vaults.list.mockImplementation(() => {
      throw SILENT;
    });
    await expect(world.survey()).rejects.toBeInstanceOf(TransientError);
    await expectNothingRemoved(world);
  });

  test('a vault whose list breaks off in the middle removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    // Nobody asks for what comes after the first page.
    world.ports.vaults.list.mockImplementation(async function* () {
      yield await Promise.resolve({ source: WITNESS, enabled: true, tags: {} });
      throw SILENT;
    });
    world.purge(SOURCE);
    await expect(world.survey()).rejects.toBeInstanceOf(TransientError);
    await expectNothingRemoved(world);
    await expect(world.orphan()).resolves.toBeUndefined();
  });

  test.each(['VAULT_DELETED', 'VAULT_NOT_FOUND'] as const)(
    'a vault that was deleted says so, and removes nothing (%s)',
    async (code) => {
      const world = makeCleanupWorld({ bindings: BOTH });
      world.ports.vaults.list.mockImplementation(() => {
        throw SILENT;
      });
      world.ports.vaults.sight.mockRejectedValue(SILENT);
      world.ports.access.vault.mockRejectedValue(new TerminalError({ code, message: 'gone' }));
      await expect(world.survey()).rejects.toMatchObject({ problem: { code } });
      await expectNothingRemoved(world);
      expect(world.events.map(({ type }) => type)).toEqual(['Certkeeper.OrphansDoubted']);
      expect(world.events).toMatchObject([{ subject: 'contoso-kv', data: { problem: { code } } }]);
    },
  );

  test('a vault deleted and made anew under its name removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.vault.clear();
    await expect(world.survey()).resolves.toMatchObject({
      purged: 0,
      unknown: 2,
      orphaned: 0,
      believed: false,
      problems: [{ code: 'ORPHANS_DOUBTED', resource: 'contoso-kv' }],
    });
    await expect(world.orphan()).resolves.toBeUndefined();
    await expectNothingRemoved(world);
  });

  test('a vault made anew is told loudly, once, until it is believed again', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    const before = new Map(world.vault);
    const loud = () => world.events.filter(({ type }) => type === 'Certkeeper.OrphansDoubted');
    world.vault.clear();
    jest.spyOn(world.ports.publisher, 'publish').mockRejectedValueOnce(SILENT);
    await world.survey();
    expect(loud()).toEqual([]);
    for (let day = 0; day < 3; day += 1) {
      world.pass(1);
      await world.survey({ dryRun: true });
      await world.survey();
    }
    expect(loud()).toMatchObject([
      {
        subject: 'contoso-kv',
        time: START,
        data: {
          vault: 'contoso-kv',
          problem: { code: 'ORPHANS_DOUBTED' },
          sources: ['contoso-kv/gateway-client', 'contoso-kv/partner-mtls'],
          operation: 'sweep',
        },
      },
    ]);
    for (const [key, one] of before) world.vault.set(key, one);
    await world.survey();
    world.vault.clear();
    await world.survey();
    expect(loud()).toHaveLength(2);
  });

  test('a source that was never verified, in a vault made anew, removes nothing', async () => {
    const { verifiedAt: _, ...unverified } = makeBinding();
    const world = makeCleanupWorld({ bindings: [unverified] });
    world.vault.clear();
    world.put(OTHER_SOURCE, { createdAt: START });
    await expect(world.survey()).resolves.toMatchObject({ unknown: 1, purged: 0, orphaned: 0 });
    await expectNothingRemoved(world);
  });

  test('a source that was never verified keeps nothing else from being concluded', async () => {
    const { verifiedAt: _, ...unverified } = makeBinding();
    const [, other] = BOTH;
    const world = makeCleanupWorld({ bindings: [unverified, other ?? unverified] });
    world.purge(SOURCE);
    world.softDelete(OTHER_SOURCE);
    await expect(world.survey()).resolves.toMatchObject({
      ...{ unknown: 1, softDeleted: 1, orphaned: 1, believed: true },
    });
  });

  test('a vault made anew that is being filled again removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.vault.clear();
    world.put(OTHER_SOURCE, { createdAt: START });
    await expect(world.survey()).resolves.toMatchObject({ present: 1, believed: false });
    await expectNothingRemoved(world);
  });

  test('a vault made anew after a deletion was seen in it removes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    await world.sweep();
    world.vault.clear();
    await expectNothingRemoved(world);
  });

  test('a certificate that is being deleted at this moment is believed once it is settled', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    // The vault answers 404 to both for a while.
    world.ports.vaults.sight.mockResolvedValueOnce({ kind: 'traceless' });
    await world.survey();
    await expect(world.orphan()).resolves.toMatchObject({ fate: 'purged' });
    world.pass(1);
    await world.survey();
    await expect(world.orphan()).resolves.toMatchObject({
      fate: 'soft-deleted',
      since: world.now(),
    });
    expect(world.told('TargetOrphaned')).toBe(1);
  });

  test('a source that vanishes while it is being recovered is left in its place', async () => {
    const world = makeCleanupWorld();
    world.softDelete(SOURCE);
    await world.sweep();
    world.pass(8);
    world.ports.vaults.sight.mockResolvedValueOnce({
      kind: 'soft-deleted',
      recoverableUntil: (await world.orphan())?.recoverableUntil ?? '',
      tags: {},
    });
    world.ports.vaults.sight.mockResolvedValueOnce({ kind: 'traceless' });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    expect(world.removals).toEqual([]);
  });
});

describe('A dry run', () => {
  test('says what is gone and what is back, and writes nothing', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    const writes = world.ledger.writes();
    await expect(world.survey({ dryRun: true })).resolves.toMatchObject({
      softDeleted: 1,
      orphaned: 1,
      planned: [
        { source: SOURCE, action: 'orphan', reason: 'SourceDeleted' },
        { source: SOURCE, action: 'sync', reason: 'NotListed' },
      ],
    });
    expect(world.ledger.writes()).toBe(writes);
    expect(world.events).toEqual([]);
    expect(world.syncs).toEqual([]);
    await expect(world.orphan()).resolves.toBeUndefined();
    await expect(world.acts()).resolves.toEqual([]);
  });

  test('says so of what is back', async () => {
    const world = makeCleanupWorld({ bindings: BOTH });
    world.softDelete(SOURCE);
    await world.survey();
    world.recover(SOURCE);
    const { planned } = await world.survey({ dryRun: true });
    expect(planned).toMatchObject([
      { source: SOURCE, action: 'recover' },
      { source: SOURCE, action: 'sync', reason: 'SourceBack' },
    ]);
    await expect(world.orphan()).resolves.toBeDefined();
  });
});

test('A problem of one source holds up no other', async () => {
  const world = makeCleanupWorld({ bindings: BOTH });
  world.softDelete(SOURCE);
  world.softDelete(OTHER_SOURCE);
  world.ports.vaults.sight.mockRejectedValueOnce(new TerminalError(PROBLEM));
  await expect(world.survey()).resolves.toMatchObject({ unknown: 1, softDeleted: 1, orphaned: 1 });
});
