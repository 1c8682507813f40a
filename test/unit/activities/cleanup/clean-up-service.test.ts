/** What becomes of the orphans of a service. */
import type { CertificateReference } from '../../../../shared/domain/certificate-use.ts';
import { TerminalError } from '../../../../shared/domain/errors.ts';
import { START } from '../../../support/cleanup-world.ts';
import {
  makeInstalled,
  NEW_THUMBPRINT,
  SOURCE,
  TARGET,
  WORKSPACE_TARGET,
  makePushedBinding,
} from '../../../support/domain-samples.ts';
import { firstCleanup, orphaned } from '../../../support/orphaned-world.ts';

const BACKEND: CertificateReference = {
  document: 'backends/orders',
  kind: 'backend',
  at: 'properties.credentials.certificateIds[0]',
  by: 'id',
  certainty: 'certain',
  repairable: false,
};

describe('A target whose source is deleted', () => {
  test('goes after its grace, with everything kept that it takes to put it back', async () => {
    const world = await orphaned(7);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1, released: 0, kept: 0 });
    expect(world.removals).toEqual(['contoso-gw/certificates/gateway-client']);
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
    await expect(firstCleanup(world)).resolves.toMatchObject({
      source: SOURCE,
      target: TARGET,
      status: 'removed',
      fate: 'soft-deleted',
      since: START,
      removedAt: world.now(),
      operation: 'sweep',
      binding: { origin: 'tag', allowedBy: 'manage' },
      installed: {
        secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
        thumbprint: NEW_THUMBPRINT,
        etag: expect.any(String) as string,
      },
      tags: { owner: 'team-a' },
      recoverableUntil: expect.any(String) as string,
      scannedAt: world.now(),
    });
    const { id } = (await firstCleanup(world)) ?? {};
    expect(world.events.at(-1)).toMatchObject({
      type: 'Certkeeper.TargetRemoved',
      subject: 'contoso-kv/gateway-client',
      data: { cleanup: id, target: 'contoso-gw/certificates/gateway-client' },
    });
    await expect(world.acts()).resolves.toEqual(['clean-up: removed', 'orphan: orphaned']);
    expect(world.ports.takeBack).toHaveBeenCalledTimes(1);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 0 });
  });

  test('is not touched before, and nothing is asked of Azure for it', async () => {
    const world = await orphaned(6.9);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    expect(world.ports.scan).not.toHaveBeenCalled();
    expect(world.ports.observe).not.toHaveBeenCalled();
    await expect(world.orphan()).resolves.toMatchObject({
      removeAfter: '2026-08-08T00:00:00.000Z',
    });
  });

  test('is only reported by default, with the way on', async () => {
    const world = await orphaned(400, { policy: { mode: 'report' } });
    await world.sweep();
    expect(world.ports.scan).not.toHaveBeenCalled();
    const { kept, removeAfter } = (await world.orphan()) ?? {};
    expect(removeAfter).toBeUndefined();
    expect(kept).toMatchObject({
      code: 'TARGET_ORPHANED',
      cure: expect.stringContaining('CERTKEEPER_CLEANUP=remove') as string,
    });
  });

  test.each<[sentence: string, certainty: CertificateReference['certainty'], code: string]>([
    ['is in use', 'certain', 'TARGET_IN_USE'],
    ['may be in use', 'possible', 'TARGET_MAY_BE_IN_USE'],
  ])(
    'stays while it %s, says by what, and goes when that has ended',
    async (_, certainty, code) => {
      const world = await orphaned(30);
      world.use(TARGET, { ...BACKEND, certainty });
      await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
      await expect(world.orphan()).resolves.toMatchObject({
        kept: { code, message: expect.stringContaining('backends/orders') as string },
      });
      world.use(TARGET);
      await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    },
  );

  test('stays when nobody can tell what uses it', async () => {
    const world = await orphaned(30);
    world.ports.scan.mockRejectedValueOnce(
      new TerminalError({ code: 'CERTKEEPER_PERMISSION_MISSING', message: 'not the policies' }),
    );
    await world.sweep();
    expect(world.removals).toEqual([]);
    await expect(world.orphan()).resolves.toMatchObject({
      kept: { code: 'USAGE_UNKNOWN', message: expect.stringContaining('policies') as string },
    });
  });

  test('stays when API Management itself refuses, in its own words', async () => {
    const world = await orphaned(30);
    world.ports.remove.mockRejectedValueOnce(
      new TerminalError({ code: 'AZURE_REFUSED', message: 'Certificate is used by gateway G.' }),
    );
    await world.sweep();
    await expect(world.orphan()).resolves.toMatchObject({
      kept: { code: 'TARGET_IN_USE', message: expect.stringContaining('gateway G') as string },
    });
    await expect(firstCleanup(world)).resolves.toMatchObject({ status: 'given-up' });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    await expect(firstCleanup(world)).resolves.toMatchObject({ status: 'removed' });
  });

  test('stays when its source came back between the scan and the removal', async () => {
    const world = await orphaned(30);
    world.ports.scan.mockImplementationOnce(async () => {
      world.recover(SOURCE);
      return { asOf: world.now(), of: () => [], ofSource: () => [] };
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    expect(world.removals).toEqual([]);
    await world.survey();
    await expect(world.orphan()).resolves.toBeUndefined();
  });

  test('is looked at anew when it changed since, and stays when it changes whenever it is', async () => {
    const world = await orphaned(30);
    const change = () => {
      world.install(TARGET, { thumbprint: 'C'.repeat(40) });
    };
    const observe = world.ports.observe.getMockImplementation() ?? (() => undefined as never);
    world.ports.observe.mockImplementationOnce(async (target) => {
      const seen = await observe(target);
      change();
      return seen;
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    expect(world.ports.remove).toHaveBeenCalledTimes(2);

    const restless = await orphaned(30);
    restless.ports.observe.mockImplementation(async () => {
      restless.install(TARGET);
      // Older than what is there by now.
      return { kind: 'present', installed: makeInstalled({ etag: '"0"' }) };
    });
    await expect(restless.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    await expect(restless.orphan()).resolves.toMatchObject({ kept: { code: 'TARGET_CHANGED' } });
  });

  test('is given up, and nothing is removed, when it was pointed elsewhere or taken away', async () => {
    const away = await orphaned(30);
    away.installed.clear();
    await expect(away.sweep()).resolves.toMatchObject({ removed: 0, released: 1 });
    await expect(away.ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
    await expect(firstCleanup(away)).resolves.toBeUndefined();

    const elsewhere = await orphaned(30);
    elsewhere.install(TARGET, { reference: { kind: 'uploaded' } });
    await expect(elsewhere.sweep()).resolves.toMatchObject({ removed: 0, released: 1 });
    expect(elsewhere.installed.size).toBe(1);
    await expect(elsewhere.acts()).resolves.toContain('clean-up: released');
  });

  test('in a workspace goes too, when it is what was pushed there', async () => {
    const world = await orphaned(30, { bindings: [makePushedBinding()] });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    const { installed, target } = (await firstCleanup(world)) ?? {};
    expect(target).toEqual(WORKSPACE_TARGET);
    expect(installed).not.toHaveProperty('secretIdentifier');
    expect(world.ports.takeBack).not.toHaveBeenCalled();
  });

  test('is kept for a vault that this sweep has not looked through', async () => {
    const world = await orphaned(30);
    await expect(world.cleanUp({ vaults: [] })).resolves.toMatchObject({ removed: 0, kept: 1 });
    expect(world.ports.scan).not.toHaveBeenCalled();
  });
});

test('What was removed long ago is forgotten', async () => {
  const world = await orphaned(8);
  await world.sweep();
  world.pass(399);
  await world.cleanUp({ forget: true });
  await expect(firstCleanup(world)).resolves.toBeDefined();
  world.pass(2);
  // Once in a sweep is enough, and a dry run forgets nothing.
  await world.cleanUp();
  await world.cleanUp({ dryRun: true, forget: true });
  await expect(firstCleanup(world)).resolves.toBeDefined();
  await world.cleanUp({ forget: true });
  await expect(firstCleanup(world)).resolves.toBeUndefined();
});

describe('A dry run', () => {
  test('says what would become of each, by the same plan, and changes nothing', async () => {
    const world = await orphaned(30);
    const writes = world.ledger.writes();
    const events = world.events.length;
    await expect(world.cleanUp({ dryRun: true })).resolves.toMatchObject({
      removed: 1,
      planned: [
        {
          source: SOURCE,
          target: 'contoso-gw/certificates/gateway-client',
          action: 'remove',
          reason: 'SourceGone',
        },
      ],
    });
    world.use(TARGET, BACKEND);
    const { planned } = await world.cleanUp({ dryRun: true });
    expect(planned).toMatchObject([{ action: 'keep', reason: 'InUse' }]);
    expect(world.removals).toEqual([]);
    expect(world.ledger.writes()).toBe(writes);
    expect(world.events).toHaveLength(events);
    await expect(firstCleanup(world)).resolves.toBeUndefined();
  });
});
