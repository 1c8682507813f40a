import { makeRepairNamedValues } from '../../../functions/activities/repairs/repair-named-values.ts';
import { makeRepairReferences } from '../../../functions/activities/repairs/repair-references.ts';
import { makeUndoRepair } from '../../../functions/activities/repairs/undo-repair.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import {
  makeBinding,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  SOURCE,
} from '../../support/domain-samples.ts';
import {
  allRepairs,
  COURSE,
  makeRepairWorld,
  policyWith,
  referenceIn,
  untilDone,
  type RepairWorld,
} from '../../support/repair-world.ts';

const ORDERS = 'apis/orders/policies/policy';
const BACKEND = 'backends/billing';
const VALUE = 'namedValues/client-thumbprint';
const OLD = policyWith(OLD_THUMBPRINT);
const BY = { kind: 'entra', id: 'an-id', name: 'Ann' } as const;
const BEFORE = { thumbprints: [OLD_THUMBPRINT], ids: [] };

/** A policy, a backend and a named value that were repaired. */
async function repaired(): Promise<RepairWorld> {
  const world = makeRepairWorld({
    policies: { [ORDERS]: OLD },
    backends: { [BACKEND]: BEFORE },
    namedValues: { [VALUE]: OLD_THUMBPRINT },
    references: [referenceIn(ORDERS), referenceIn(BACKEND)],
  });
  await makeRepairReferences(world.ports)(COURSE);
  const { thumbprints: from, ...course } = COURSE;
  await makeRepairNamedValues(world.ports)({ ...course, from, to: NEW_THUMBPRINT });
  world.writes.length = 0;
  return world;
}
async function idOf(world: RepairWorld, document: string): Promise<string> {
  return (await allRepairs(world)).find((one) => one.document === document)?.id ?? '';
}
const state = (world: RepairWorld) => [
  world.policies.get(ORDERS),
  world.backends.get(BACKEND),
  world.namedValues.get(VALUE),
];

describe('Undoing a repair', () => {
  test('puts back what was there, byte for byte, and writes down who asked', async () => {
    const world = await repaired();
    const undo = makeUndoRepair(world.ports);
    for (const document of [ORDERS, BACKEND, VALUE]) {
      const { repair } = await undo({ id: await idOf(world, document), by: BY });
      expect(repair).toMatchObject({ status: 'undone', undoneBy: BY });
    }
    expect(state(world)).toEqual([OLD, BEFORE, OLD_THUMBPRINT]);
    const acts = (await world.history.list(SOURCE)).map(({ what }) => what);
    expect(acts.filter((what) => what === 'undo').length).toBeGreaterThan(0);
  });

  test('says when the thumbprint that is there again is not installed any more', async () => {
    const world = await repaired();
    const undo = makeUndoRepair(world.ports);
    const gone = await undo({ id: await idOf(world, ORDERS), by: BY });
    expect(gone.note).toContain('not installed');
    await world.ledger.saveBinding(makeBinding({ targetThumbprint: OLD_THUMBPRINT }));
    const there = await undo({ id: await idOf(world, BACKEND), by: BY });
    expect(there).not.toHaveProperty('note');
  });

  test.each([ORDERS, BACKEND, VALUE])(
    'leaves %s when somebody changed it since',
    async (document) => {
      const world = await repaired();
      world.policies.set(ORDERS, '<policies/>');
      world.backends.set(BACKEND, { thumbprints: [], ids: ['/certificates/another'] });
      world.namedValues.set(VALUE, 'another');
      for (const path of [ORDERS, BACKEND, VALUE]) world.touch(path);
      const id = await idOf(world, document);
      await expect(makeUndoRepair(world.ports)({ id, by: BY })).rejects.toMatchObject({
        problem: { code: 'TARGET_CHANGED' },
      });
      expect(world.writes).toEqual([]);
    },
  );

  test('knows its own policy by its state, where the service writes it in another way', async () => {
    const world = await repaired();
    // Without a change of the ETag, it is what the service made of what it was given.
    world.policies.set(ORDERS, '<policies>written in another way</policies>');
    await makeUndoRepair(world.ports)({ id: await idOf(world, ORDERS), by: BY });
    expect(world.policies.get(ORDERS)).toBe(OLD);
  });

  test('is done once', async () => {
    const world = await repaired();
    const undo = makeUndoRepair(world.ports);
    const id = await idOf(world, ORDERS);
    await undo({ id, by: BY });
    await expect(undo({ id, by: BY })).rejects.toMatchObject({ problem: { code: 'REPAIR_ENDED' } });
    await expect(undo({ id: 'none', by: BY })).rejects.toMatchObject({
      problem: { code: 'NOT_FOUND' },
    });
  });

  test('leads to the same, wherever it is cut off', async () => {
    for (const document of [ORDERS, BACKEND, VALUE]) {
      for (let at = 1; at <= 2; at += 1) {
        for (const when of ['before', 'after'] as const) {
          const world = await repaired();
          const id = await idOf(world, document);
          world.crash = { at, when };
          const undo = makeUndoRepair(world.ports);
          const run = () => undo({ id, by: BY });
          // When it was written down as undone already, that is what a second call is told.
          const told = await untilDone(world, run).catch((error: unknown) => error);
          if (told instanceof TerminalError) expect(told.problem.code).toBe('REPAIR_ENDED');
          const repair = (await allRepairs(world)).find((one) => one.id === id);
          expect(repair?.status).toBe('undone');
          expect(world.writes.filter((one) => one === `change ${document}`).length).toBeLessThan(3);
        }
      }
    }
  });

  test('does not put back a copy that is not what was kept', async () => {
    const world = await repaired();
    for (const name of world.copied.keys()) world.copied.set(name, '<policies/>');
    const id = await idOf(world, ORDERS);
    await expect(makeUndoRepair(world.ports)({ id, by: BY })).rejects.toMatchObject({
      problem: { code: 'NOT_FOUND' },
    });
    expect(world.writes).toEqual([]);
  });
});

describe('Giving named values the new thumbprint', () => {
  const { thumbprints: from, ...course } = COURSE;
  const input = { ...course, from, to: NEW_THUMBPRINT };

  test('changes those that hold exactly the old one, as it is written, and no others', async () => {
    const world = makeRepairWorld({
      namedValues: {
        [VALUE]: OLD_THUMBPRINT,
        'namedValues/lower': OLD_THUMBPRINT.toLowerCase(),
        'namedValues/part': `a ${OLD_THUMBPRINT}`,
        'namedValues/other': 'C'.repeat(40),
      },
    });
    const result = await makeRepairNamedValues(world.ports)(input);
    expect(result).toEqual({
      kind: 'repaired',
      documents: [VALUE, 'namedValues/lower'],
      problems: [],
    });
    expect(Object.fromEntries(world.namedValues)).toEqual({
      [VALUE]: NEW_THUMBPRINT,
      'namedValues/lower': NEW_THUMBPRINT.toLowerCase(),
      'namedValues/part': `a ${OLD_THUMBPRINT}`,
      'namedValues/other': 'C'.repeat(40),
    });
  });

  test('leads to the same, wherever it is cut off', async () => {
    for (let at = 1; at <= 4; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = makeRepairWorld({ namedValues: { [VALUE]: OLD_THUMBPRINT } });
        world.crash = { at, when };
        const run = makeRepairNamedValues(world.ports);
        const result = await untilDone(world, () => run(input));
        expect(result.documents).toEqual([VALUE]);
        expect(world.namedValues.get(VALUE)).toBe(NEW_THUMBPRINT);
        await expect(allRepairs(world)).resolves.toMatchObject([
          {
            status: 'repaired',
            change: { before: OLD_THUMBPRINT, after: NEW_THUMBPRINT },
          },
        ]);
      }
    }
  });

  test('leaves a value with blanks around the thumbprint, which it does not hold exactly', async () => {
    const world = makeRepairWorld({ namedValues: { [VALUE]: ` ${OLD_THUMBPRINT} ` } });
    await expect(makeRepairNamedValues(world.ports)(input)).resolves.toMatchObject({
      documents: [],
    });
    expect(world.namedValues.get(VALUE)).toBe(` ${OLD_THUMBPRINT} `);
    expect([world.writes, world.lists]).toEqual([[], 0]);
  });

  test('changes those that hold any thumbprint that went', async () => {
    const older = 'D'.repeat(40);
    const world = makeRepairWorld({ namedValues: { [VALUE]: older } });
    await makeRepairNamedValues(world.ports)({ ...input, from: [...from, older] });
    expect(world.namedValues.get(VALUE)).toBe(NEW_THUMBPRINT);
    await expect(allRepairs(world)).resolves.toMatchObject([{ thumbprint: older }]);
  });

  test('leaves those that another certificate keeps resolving, and says so', async () => {
    const world = makeRepairWorld({
      namedValues: { [VALUE]: OLD_THUMBPRINT },
      others: { legacy: OLD_THUMBPRINT },
    });
    await expect(makeRepairNamedValues(world.ports)(input)).resolves.toMatchObject({
      documents: [],
      problems: [{ code: 'REFERENCE_RESOLVES' }],
    });
    expect(world.writes).toEqual([]);
  });

  test('leaves a value that somebody changes meanwhile', async () => {
    const world = makeRepairWorld({ namedValues: { [VALUE]: OLD_THUMBPRINT } });
    world.beforeWrite = (path) => {
      world.namedValues.set(path, 'another');
      world.touch(path);
    };
    const { documents } = await makeRepairNamedValues(world.ports)(input);
    expect(documents).toEqual([]);
    expect(world.namedValues.get(VALUE)).toBe('another');
    await expect(allRepairs(world)).resolves.toMatchObject([{ status: 'given-up' }]);
  });
});
