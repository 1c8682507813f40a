/** A power cut before or after any write: the next sweep ends what was begun, once. */
import { makeCleanupWorld, PowerCut, type CleanupWorld } from '../../../support/cleanup-world.ts';
import { makeBinding, NEW_THUMBPRINT, SOURCE, TARGET } from '../../../support/domain-samples.ts';

const BOUND = makeBinding({ targetThumbprint: NEW_THUMBPRINT });

/** Runs something with the power cut at each of its writes in turn, then again without. */
async function atEveryWrite(
  prepare: () => Promise<CleanupWorld>,
  run: (world: CleanupWorld) => Promise<unknown>,
  check: (world: CleanupWorld) => Promise<void>,
): Promise<number> {
  for (let write = 1; ; write += 1) {
    const cuts: unknown[] = [];
    for (const when of ['before', 'after'] as const) {
      const world = await prepare();
      world.cut({ write, when });
      await run(world).catch((error: unknown) => {
        if (!(error instanceof PowerCut)) throw error;
        cuts.push(error);
      });
      world.cut(undefined);
      await run(world);
      await run(world);
      await check(world);
    }
    if (cuts.length === 0) return write - 1;
  }
}
const statuses = async (world: CleanupWorld) => {
  const found: string[] = [];
  for await (const { cleanup } of world.cleanups.list()) found.push(cleanup.status);
  return found;
};

test('A source that is found gone is written down and told, whenever the power is cut', async () => {
  const writes = await atEveryWrite(
    async () => {
      const world = makeCleanupWorld({ bindings: [BOUND] });
      world.softDelete(SOURCE);
      return world;
    },
    (world) => world.survey(),
    async (world) => {
      await expect(world.orphan()).resolves.toMatchObject({ told: true, since: world.now() });
      expect(world.told('TargetOrphaned')).toBe(1);
      await expect(world.acts()).resolves.toEqual(['orphan: orphaned']);
    },
  );
  expect(writes).toBe(4);
});

test('A removal is done, told and written down once, whenever the power is cut', async () => {
  const writes = await atEveryWrite(
    async () => {
      const world = makeCleanupWorld({ bindings: [BOUND] });
      world.softDelete(SOURCE);
      await world.sweep();
      world.pass(8);
      await world.survey();
      return world;
    },
    (world) => world.cleanUp(),
    async (world) => {
      expect(world.removals).toHaveLength(1);
      await expect(statuses(world)).resolves.toEqual(['removed']);
      expect(world.told('TargetRemoved')).toBe(1);
      await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
      expect(world.ledger.claims.size).toBe(0);
      await expect(world.acts()).resolves.toEqual(['clean-up: removed', 'orphan: orphaned']);
      expect(world.ports.takeBack).toHaveBeenCalled();
    },
  );
  expect(writes).toBe(7);
});

test('Too many orphans are doubted, however long the power is cut before they are judged', async () => {
  const many = Array.from({ length: 4 }, (_, index) =>
    makeBinding({
      source: { ...SOURCE, name: `c-${String(index)}` },
      target: { ...TARGET, id: `c-${String(index)}` },
      targetThumbprint: NEW_THUMBPRINT,
    }),
  );
  for (let write = 1; write <= 9; write += 1) {
    for (const when of ['before', 'after'] as const) {
      const world = makeCleanupWorld({ bindings: many });
      for (const { source } of many) world.softDelete(source);
      await world.survey();
      world.cut({ write, when });
      const cut = await world.cleanUp().then(
        () => false,
        (error: unknown) => error instanceof PowerCut,
      );
      // Four doubts, four words that they were judged, an event.
      expect(cut).toBe(true);
      world.cut(undefined);
      world.pass(10);
      await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 4 });
      expect(world.removals).toEqual([]);
      expect(world.told('OrphansDoubted')).toBeGreaterThanOrEqual(1);
      for (const { source, target } of many) {
        await expect(world.orphan(source, target)).resolves.toMatchObject({ doubted: {} });
      }
    }
  }
});

test('What is back is no orphan any more, whenever the power is cut', async () => {
  const writes = await atEveryWrite(
    async () => {
      const world = makeCleanupWorld({ bindings: [BOUND] });
      world.softDelete(SOURCE);
      await world.sweep();
      world.recover(SOURCE);
      return world;
    },
    (world) => world.survey(),
    async (world) => {
      await expect(world.orphan()).resolves.toBeUndefined();
      expect(world.told('TargetRecovered')).toBe(1);
      expect(world.syncs).toContain('contoso-kv/gateway-client');
    },
  );
  expect(writes).toBeGreaterThanOrEqual(4);
});

test('A removal is undone once, whenever the power is cut', async () => {
  const writes = await atEveryWrite(
    async () => {
      const world = makeCleanupWorld({ bindings: [BOUND] });
      world.softDelete(SOURCE);
      await world.sweep();
      world.pass(8);
      await world.sweep();
      world.recover(SOURCE);
      return world;
    },
    (world) => world.survey(),
    async (world) => {
      await expect(world.ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ claimed: false });
      await expect(statuses(world)).resolves.toEqual(['undone']);
      expect(world.told('TargetRecovered')).toBe(1);
      expect(world.syncs).toContain('contoso-kv/gateway-client');
      const acts = await world.acts();
      expect(acts.filter((act) => act === 'undo: rebound')).toHaveLength(1);
    },
  );
  expect(writes).toBeGreaterThanOrEqual(4);
});

test('What is cut off by a power cut and comes back ends attached, whenever that was', async () => {
  for (let write = 1; write <= 7; write += 1) {
    for (const when of ['before', 'after'] as const) {
      const world = makeCleanupWorld({
        bindings: [{ ...BOUND, origin: 'discovered' }],
        policy: { discovered: true },
      });
      world.softDelete(SOURCE);
      await world.sweep();
      world.pass(8);
      await world.survey();
      world.cut({ write, when });
      await expect(world.cleanUp()).rejects.toBeInstanceOf(PowerCut);
      world.cut(undefined);
      world.recover(SOURCE);
      await world.survey();
      const binding = await world.ledger.binding(SOURCE, TARGET);
      const there = world.installed.size > 0;
      // In place and owned, or asked for: a claimed binding without its target would be given up.
      expect(binding?.claimed).toBe(there);
      await expect(world.orphan()).resolves.toBeUndefined();
      expect((await world.cleanups.open('contoso-kv')).removals).toEqual([]);
    }
  }
});

test('Two that clean up at once remove and tell it once', async () => {
  const world = makeCleanupWorld({ bindings: [BOUND] });
  world.softDelete(SOURCE);
  await world.sweep();
  world.pass(8);
  await world.survey();
  await Promise.all([world.cleanUp(), world.cleanUp()]);
  await world.cleanUp();
  expect(world.removals).toHaveLength(1);
  await expect(statuses(world)).resolves.toEqual(['removed']);
  expect(world.told('TargetRemoved')).toBe(1);
  await expect(world.acts()).resolves.toEqual(['clean-up: removed', 'orphan: orphaned']);
});
