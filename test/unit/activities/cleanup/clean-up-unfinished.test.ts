/** Clean-ups that something comes between: another run, a refusal, Azure that is busy. */
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { SOURCE, TARGET } from '../../../support/domain-samples.ts';
import { firstCleanup, orphaned } from '../../../support/orphaned-world.ts';

const AZURE_BUSY = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });

describe('What cannot be done now', () => {
  test('is ended by the next sweep, where it is not known whether the removal came through', async () => {
    const world = await orphaned(30);
    const remove = world.ports.remove.getMockImplementation() ?? (() => undefined as never);
    world.ports.remove.mockImplementationOnce(async (target, etag) => {
      await remove(target, etag);
      throw AZURE_BUSY;
    });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 1 });
    await expect(firstCleanup(world)).resolves.toMatchObject({ status: 'intended' });
    await expect(world.sweep()).resolves.toMatchObject({ removed: 1, released: 0 });
    await expect(firstCleanup(world)).resolves.toMatchObject({ status: 'removed' });
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
    await expect(firstCleanup(world)).resolves.toMatchObject({
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
    await expect(firstCleanup(world)).resolves.toMatchObject({ status: 'undone' });
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
