/** What the survey of a vault makes of sources that it may only fail to see. */
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { makeCleanupWorld, START, WITNESS } from '../../../support/cleanup-world.ts';
import { makeBinding, OTHER_SOURCE, SOURCE } from '../../../support/domain-samples.ts';
import { BOTH, expectNothingRemoved, SILENT } from '../../../support/two-sources.ts';

const REFUSED = new TerminalError({ code: 'CERTKEEPER_PERMISSION_MISSING', message: 'no' });

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
