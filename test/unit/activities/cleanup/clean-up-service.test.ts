/** What becomes of the orphans of a service. */
import type { CertificateReference } from '../../../../shared/domain/certificate-use.ts';
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { makeCleanupWorld, START } from '../../../support/cleanup-world.ts';
import {
  makeBinding,
  makeInstalled,
  NEW_THUMBPRINT,
  SOURCE,
  TARGET,
  WORKSPACE_TARGET,
  makePushedBinding,
} from '../../../support/domain-samples.ts';

const BOUND = makeBinding({ targetThumbprint: NEW_THUMBPRINT, allowedBy: 'manage' });
const BACKEND: CertificateReference = {
  document: 'backends/orders',
  kind: 'backend',
  at: 'properties.credentials.certificateIds[0]',
  by: 'id',
  certainty: 'certain',
  repairable: false,
};
const AZURE_BUSY = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });

/** A source that was deleted, and seen so by a sweep so many days ago. */
async function orphaned(days: number, options: Parameters<typeof makeCleanupWorld>[0] = {}) {
  const world = makeCleanupWorld({ bindings: [BOUND], ...options });
  world.put(SOURCE, { tags: { owner: 'team-a' } });
  world.softDelete(SOURCE);
  await world.sweep();
  world.pass(days);
  return world;
}
const first = async (world: Awaited<ReturnType<typeof orphaned>>) => {
  for await (const { cleanup } of world.cleanups.list()) return cleanup;
  return undefined;
};

describe('A target whose source is deleted', () => {
  test('goes after its grace, with everything kept that it takes to put it back', async () => {
    const world = await orphaned(7);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1, released: 0, kept: 0 });
    expect(world.removals).toEqual(['contoso-gw/certificates/gateway-client']);
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
    await expect(first(world)).resolves.toMatchObject({
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
    const { id } = (await first(world)) ?? {};
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
    await expect(first(world)).resolves.toMatchObject({ status: 'given-up' });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    await expect(first(world)).resolves.toMatchObject({ status: 'removed' });
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
    await expect(first(away)).resolves.toBeUndefined();

    const elsewhere = await orphaned(30);
    elsewhere.install(TARGET, { reference: { kind: 'uploaded' } });
    await expect(elsewhere.sweep()).resolves.toMatchObject({ removed: 0, released: 1 });
    expect(elsewhere.installed.size).toBe(1);
    await expect(elsewhere.acts()).resolves.toContain('clean-up: released');
  });

  test('in a workspace goes too, when it is what was pushed there', async () => {
    const world = await orphaned(30, { bindings: [makePushedBinding()] });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    const { installed, target } = (await first(world)) ?? {};
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

describe('What cannot be done now', () => {
  test('is ended by the next sweep, where it is not known whether the removal came through', async () => {
    const world = await orphaned(30);
    const remove = world.ports.remove.getMockImplementation() ?? (() => undefined as never);
    world.ports.remove.mockImplementationOnce(async (target, etag) => {
      await remove(target, etag);
      throw AZURE_BUSY;
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    await expect(first(world)).resolves.toMatchObject({ status: 'intended' });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1, released: 0 });
    await expect(first(world)).resolves.toMatchObject({ status: 'removed' });
    expect(world.told('TargetRemoved')).toBe(1);
  });

  test('is told with its own time, when another run wrote the same intention down meanwhile', async () => {
    const world = await orphaned(7);
    world.ports.remove.mockImplementationOnce(async () => {
      for await (const stored of world.cleanups.list()) {
        await world.cleanups.replace(stored, { ...stored.cleanup, operation: 'another' });
      }
      world.installed.clear();
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    await expect(first(world)).resolves.toMatchObject({
      status: 'removed',
      removedAt: world.now(),
    });
    expect(world.events.filter(({ type }) => type === 'Certkeeper.TargetRemoved')).toMatchObject([
      { time: world.now(), data: { removedAt: world.now() } },
    ]);
  });

  test('keeps the binding that another run has put back meanwhile, since its source is back', async () => {
    const world = await orphaned(7);
    world.ports.remove.mockImplementationOnce(async () => {
      world.installed.clear();
      world.recover(SOURCE);
      await world.survey();
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ claimed: false });
    await expect(first(world)).resolves.toMatchObject({ status: 'undone' });
  });

  test('is said of a removal whose row cannot be read, which holds up no other', async () => {
    const world = await orphaned(30);
    jest
      .spyOn(world.ports.cleanups, 'find')
      .mockRejectedValueOnce(new TerminalError({ code: 'RECORD_UNREADABLE', message: 'no' }));
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    await expect(world.orphan()).resolves.toMatchObject({ kept: { code: 'RECORD_UNREADABLE' } });
    expect(world.removals).toEqual([]);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
  });

  test('is told later, and the binding is given up then', async () => {
    const world = await orphaned(30);
    jest.spyOn(world.ports.publisher, 'publish').mockRejectedValueOnce(AZURE_BUSY);
    await expect(world.sweep()).resolves.toMatchObject({
      removed: 0,
      kept: 1,
      problems: [{ code: 'AZURE_UNAVAILABLE' }],
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1, problems: [] });
    expect(world.told('TargetRemoved')).toBe(1);
    expect(world.removals).toHaveLength(1);
  });

  test('is not told at all where the topic refuses for good, and holds up nothing', async () => {
    const world = await orphaned(30);
    jest
      .spyOn(world.ports.publisher, 'publish')
      .mockRejectedValue(new TerminalError({ code: 'AZURE_REFUSED', message: 'no such topic' }));
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1 });
    await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
  });

  test.each<[sentence: string, code: 'GRANT_IN_USE' | 'AZURE_REFUSED', problems: object[]]>([
    ['is left when something else needs it', 'GRANT_IN_USE', []],
    ['is said when it fails', 'AZURE_REFUSED', [{ code: 'AZURE_REFUSED' }]],
  ])('as to what the service was given %s', async (_, code, problems) => {
    const world = await orphaned(30);
    world.ports.takeBack.mockRejectedValueOnce(new TerminalError({ code, message: 'no' }));
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1, problems });
  });
});

describe('Of many orphans', () => {
  const many = Array.from({ length: 100 }, (_, index) => {
    const name = `orphan-${String(index).padStart(3, '0')}`;
    return makeBinding({
      source: { ...SOURCE, name },
      target: { ...TARGET, id: name },
      targetThumbprint: NEW_THUMBPRINT,
    });
  });

  test('some are dealt with by each call, which says where to go on', async () => {
    const world = makeCleanupWorld({ bindings: many, policy: { maxShare: 1 } });
    for (const { source } of many) world.softDelete(source);
    await world.sweep();
    world.pass(8);
    await world.survey();
    let removed = 0;
    let calls = 0;
    const reads: number[] = [];
    const read = jest.spyOn(world.ports.ledger, 'ofSource');
    const judge = jest.spyOn(world.ports.cleanups, 'confirmed');
    for (let after: string | undefined = ''; after !== undefined; calls += 1) {
      read.mockClear();
      const answer = await world.cleanUp({ after });
      removed += answer.removed;
      after = answer.after;
      reads.push(read.mock.calls.length);
    }
    expect({ removed, calls }).toEqual({ removed: 100, calls: 3 });
    // The first call judges all of them; the ones after it read only what is left.
    expect(reads).toEqual([100, 60, 20]);
    expect(judge).toHaveBeenCalledTimes(1);
    expect(new Set(world.removals).size).toBe(100);
    expect(world.ports.scan).toHaveBeenCalledTimes(3);
  });

  test('what is doubted stays where it is, in each of the calls', async () => {
    const world = makeCleanupWorld({ bindings: many, policy: { maxShare: 0.1, mode: 'remove' } });
    for (const { source } of many) world.softDelete(source);
    await world.survey();
    world.pass(8);
    await world.survey();
    for (let after: string | undefined = ''; after !== undefined;) {
      ({ after } = await world.cleanUp({ after }));
    }
    expect(world.removals).toEqual([]);
  });

  test('what nobody has judged is left to the next sweep by a call that goes on', async () => {
    const world = makeCleanupWorld({ bindings: many.slice(0, 3), policy: { maxShare: 1 } });
    for (const { source } of many.slice(0, 3)) world.softDelete(source);
    await world.survey();
    world.pass(8);
    await world.survey();
    await expect(world.cleanUp({ after: 'a' })).resolves.toMatchObject({ removed: 0, kept: 0 });
    await expect(world.cleanUp()).resolves.toMatchObject({ removed: 3 });
  });

  test('a scan that has grown old is not gone by: the next call takes another', async () => {
    const world = makeCleanupWorld({ bindings: many.slice(0, 3), policy: { maxShare: 1 } });
    for (const { source } of many.slice(0, 3)) world.softDelete(source);
    await world.sweep();
    world.pass(8);
    world.ports.takeBack.mockImplementation(async () => {
      world.pass(1 / 24);
      return { takenBack: [], left: [] };
    });
    await world.survey();
    const scans: number[] = [];
    for (let after: string | undefined = ''; after !== undefined;) {
      world.ports.scan.mockClear();
      ({ after } = await world.cleanUp({ after }));
      scans.push(world.ports.scan.mock.calls.length);
    }
    expect(scans).toEqual([1, 1, 1]);
    expect(world.removals).toHaveLength(3);
  });

  test('one scan serves all that are due, however long it takes', async () => {
    const world = makeCleanupWorld({ bindings: many.slice(0, 30), policy: { maxShare: 1 } });
    for (const { source } of many.slice(0, 30)) world.softDelete(source);
    await world.sweep();
    world.pass(8);
    const scan = world.ports.scan.getMockImplementation() ?? (() => undefined as never);
    world.ports.scan.mockImplementation(async () => {
      world.pass(1 / 48);
      return await scan();
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 30 });
    expect(world.ports.scan).toHaveBeenCalledTimes(1);
  });
});

test('What was removed long ago is forgotten', async () => {
  const world = await orphaned(8);
  await world.sweep();
  world.pass(399);
  await world.cleanUp({ forget: true });
  await expect(first(world)).resolves.toBeDefined();
  world.pass(2);
  // Once in a sweep is enough, and a dry run forgets nothing.
  await world.cleanUp();
  await world.cleanUp({ dryRun: true, forget: true });
  await expect(first(world)).resolves.toBeDefined();
  await world.cleanUp({ forget: true });
  await expect(first(world)).resolves.toBeUndefined();
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
    await expect(first(world)).resolves.toBeUndefined();
  });
});
