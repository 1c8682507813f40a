/** So many orphans at once that it may be our eyes that fail. */
import { TransientError } from '../../../../shared/domain/errors.ts';
import { makeCleanupWorld, SERVICE } from '../../../support/cleanup-world.ts';
import { makeBinding, NEW_THUMBPRINT, SOURCE, TARGET } from '../../../support/domain-samples.ts';

const AZURE_BUSY = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });

describe('Too many at once', () => {
  const eight = Array.from({ length: 8 }, (_, index) =>
    makeBinding({
      source: { ...SOURCE, name: `c-${String(index)}` },
      target: { ...TARGET, id: `c-${String(index)}` },
      targetThumbprint: NEW_THUMBPRINT,
    }),
  );
  const sources = eight.map(({ source }) => source);
  const mass = async (count: number) => {
    const world = makeCleanupWorld({ bindings: eight });
    for (const source of sources.slice(0, count)) world.softDelete(source);
    return world;
  };
  const doubts = async (world: ReturnType<typeof makeCleanupWorld>) => {
    const rows = await Promise.all(sources.map((source) => world.ledger.ofSource(source)));
    return rows.flatMap(({ orphans = [] }) => orphans).filter(({ doubted }) => doubted).length;
  };

  test('are doubted: kept for good, and said loudly once', async () => {
    const world = await mass(3);
    await expect(world.sweep()).resolves.toMatchObject({
      kept: 3,
      problems: [
        {
          code: 'ORPHANS_DOUBTED',
          resource: SERVICE,
          cure: expect.stringContaining(`/api/services/${SERVICE}/orphans/confirm`) as string,
        },
      ],
    });
    expect(world.events.filter(({ type }) => type === 'Certkeeper.OrphansDoubted')).toMatchObject([
      { subject: SERVICE, data: { orphans: [{}, {}, {}] } },
    ]);
    for (let day = 0; day < 60; day += 10) {
      world.pass(10);
      await expect(world.sweep()).resolves.toMatchObject({
        removed: 0,
        kept: 3,
        problems: [{ code: 'ORPHANS_DOUBTED' }],
      });
    }
    expect(world.events.filter(({ type }) => type === 'Certkeeper.OrphansDoubted')).toHaveLength(1);
    expect(world.removals).toEqual([]);
  });

  test('are believed up to their share', async () => {
    const world = await mass(2);
    await world.sweep();
    await expect(doubts(world)).resolves.toBe(0);
    world.pass(8);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 2 });
  });

  test('are doubted also when what is removed makes them too many', async () => {
    const world = await mass(2);
    await world.sweep();
    world.pass(8);
    await world.sweep();
    for (const source of sources.slice(2, 4)) world.softDelete(source);
    await world.sweep();
    await expect(doubts(world)).resolves.toBe(2);
  });

  test('are doubted however late a clean-up first judges them', async () => {
    for (const days of [1.5, 8]) {
      const world = await mass(3);
      await world.survey();
      world.pass(days);
      await expect(world.sweep()).resolves.toMatchObject({ removed: 0, kept: 3 });
      await expect(doubts(world)).resolves.toBe(3);
    }
  });

  test('are doubted together with what came since, when nobody has judged either', async () => {
    const world = await mass(2);
    await world.survey();
    world.pass(8);
    world.softDelete(sources[2] ?? SOURCE);
    await world.sweep();
    await expect(doubts(world)).resolves.toBe(3);
    expect(world.removals).toEqual([]);
  });

  test('go by the policy once somebody has confirmed them; what comes later is judged anew', async () => {
    const world = await mass(3);
    await world.sweep();
    world.pass(1 / 24);
    await world.cleanups.confirm(SERVICE, { at: world.now(), by: { kind: 'platform' } });
    await expect(world.sweep()).resolves.toMatchObject({ problems: [] });
    await expect(doubts(world)).resolves.toBe(0);
    world.pass(8);
    await expect(world.sweep()).resolves.toMatchObject({ removed: 3 });
    for (const source of sources.slice(3, 6)) world.softDelete(source);
    await world.sweep();
    await expect(doubts(world)).resolves.toBe(3);
  });

  test('are no doubt any more when their sources are back', async () => {
    const world = await mass(3);
    await world.sweep();
    for (const source of sources.slice(0, 3)) world.recover(source);
    await expect(world.sweep()).resolves.toMatchObject({ kept: 0, problems: [] });
    await expect(doubts(world)).resolves.toBe(0);
  });

  test('are kept though they could not be told, and told later', async () => {
    const world = await mass(3);
    await world.survey();
    const publish = jest.spyOn(world.ports.publisher, 'publish').mockRejectedValueOnce(AZURE_BUSY);
    await world.cleanUp();
    expect(publish).toHaveBeenCalledTimes(1);
    await expect(doubts(world)).resolves.toBe(3);
    world.pass(2);
    await world.sweep();
    expect(world.told('OrphansDoubted')).toBe(1);
    await expect(doubts(world)).resolves.toBe(3);
  });
});
