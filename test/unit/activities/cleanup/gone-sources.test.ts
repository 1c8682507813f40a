/** What the survey of a vault makes of sources that it does not list. */
import { TerminalError } from '../../../../shared/domain/errors.ts';
import { makeCleanupWorld, START, WITNESS } from '../../../support/cleanup-world.ts';
import { makeBinding, OTHER_SOURCE, PROBLEM, SOURCE } from '../../../support/domain-samples.ts';
import { BOTH, expectNothingRemoved, SILENT } from '../../../support/two-sources.ts';

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
