/** A service with many orphans, which are dealt with some at a time. */
import { makeCleanupWorld } from '../../../support/cleanup-world.ts';
import { makeBinding, NEW_THUMBPRINT, SOURCE, TARGET } from '../../../support/domain-samples.ts';

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
