import { makeRepairReferences } from '../../../functions/activities/repairs/repair-references.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeBinding, OLD_THUMBPRINT } from '../../support/domain-samples.ts';
import {
  allRepairs,
  COURSE,
  makeRepairWorld,
  referenceIn,
  untilDone,
} from '../../support/repair-world.ts';
import { NEW, OLD, ORDERS } from '../../support/repair-samples.ts';

describe('What refers by a thumbprint that another certificate keeps', () => {
  test('is left as it is, which is said', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [referenceIn(ORDERS)],
      others: { legacy: OLD_THUMBPRINT },
    });
    await expect(makeRepairReferences(world.ports)(COURSE)).resolves.toEqual({
      kind: 'repaired',
      documents: [],
      problems: [
        expect.objectContaining({
          code: 'REFERENCE_RESOLVES',
          message: expect.stringContaining('legacy') as string,
        }),
      ],
    });
    expect(world.policies.get(ORDERS)).toBe(OLD);
    expect(world.writes).toEqual([]);
  });

  test('is rewritten when that is a target of the same source, which rotates as well', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [referenceIn(ORDERS)],
      others: { second: OLD_THUMBPRINT },
    });
    const second = { ...COURSE.target, id: 'second' };
    await world.ledger.saveBinding(makeBinding({ target: second, claimed: true }));
    const { documents } = await makeRepairReferences(world.ports)(COURSE);
    expect(documents).toEqual([ORDERS]);
    expect(world.policies.get(ORDERS)).toBe(NEW);
  });

  test('is not looked for where nothing is to be repaired', async () => {
    const world = makeRepairWorld();
    await makeRepairReferences(world.ports)(COURSE);
    expect(world.lists).toBe(0);
  });
});

describe('A document whose repair the service refuses', () => {
  const at = (day: number) => new Date(Date.UTC(2026, 7, day));
  /** Tries once a day at most, as sweeps do, and answers what was refused. */
  async function sweep(
    world: ReturnType<typeof makeRepairWorld>,
    day: number,
    hours = 0,
  ): Promise<readonly string[]> {
    world.now = new Date(at(day).getTime() + hours * 3_600_000);
    const course = { ...COURSE, at: world.now.toISOString() };
    const { problems } = await untilDone(world, () => makeRepairReferences(world.ports)(course));
    return problems.map(({ message }) => message);
  }
  const refusing = (code: 'AZURE_REFUSED' | 'CERTKEEPER_PERMISSION_MISSING' = 'AZURE_REFUSED') => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [referenceIn(ORDERS)],
    });
    world.beforeWrite = () => {
      throw new TerminalError({ code, message: 'It refuses.' });
    };
    return world;
  };
  const tries = ({ writes }: { writes: readonly string[] }) =>
    writes.filter((one) => one === `change ${ORDERS}`).length;

  test('is not tried again while it is what it was, and told of all the same', async () => {
    const world = refusing();
    const first = await sweep(world, 1);
    await expect(sweep(world, 1, 1)).resolves.toEqual(first);
    await expect(sweep(world, 1, 2)).resolves.toEqual(first);
    expect(tries(world)).toBe(1);
    await expect(allRepairs(world)).resolves.toHaveLength(1);
    expect(world.copied.size).toBe(1);
  });

  test.each(['AZURE_REFUSED', 'CERTKEEPER_PERMISSION_MISSING'] as const)(
    'is tried again on another day, in the same row and with the same copy: %s',
    async (code) => {
      const world = refusing(code);
      for (const day of [1, 3, 5]) await sweep(world, day);
      expect(tries(world)).toBe(3);
      await expect(allRepairs(world)).resolves.toMatchObject([{ status: 'given-up' }]);
      expect(world.copied.size).toBe(1);
      world.beforeWrite = () => undefined;
      await expect(sweep(world, 7)).resolves.toEqual([]);
      await expect(allRepairs(world)).resolves.toMatchObject([{ status: 'repaired' }]);
    },
  );

  test('is tried again as soon as it has changed', async () => {
    const world = refusing();
    await sweep(world, 1);
    world.policies.set(ORDERS, `${OLD}<!-- changed -->`);
    world.touch(ORDERS);
    await sweep(world, 1, 1);
    expect(tries(world)).toBe(2);
  });

  test('leads to the same when the next try is cut off anywhere', async () => {
    for (let cut = 1; cut <= 5; cut += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = refusing();
        await sweep(world, 1);
        world.beforeWrite = () => undefined;
        world.writes.length = 0;
        world.crash = { at: cut, when };
        await expect(sweep(world, 3)).resolves.toEqual([]);
        expect(world.policies.get(ORDERS)).toBe(NEW);
        await expect(allRepairs(world)).resolves.toMatchObject([{ status: 'repaired' }]);
      }
    }
  });

  test('keeps what was repaired and put back since as it is written down', async () => {
    const world = refusing();
    await sweep(world, 1);
    world.beforeWrite = () => undefined;
    await sweep(world, 3);
    world.policies.set(ORDERS, OLD);
    world.touch(ORDERS);
    await sweep(world, 5);
    const repairs = await allRepairs(world);
    expect(repairs.map(({ status }) => status)).toEqual(['repaired', 'repaired']);
  });
});
