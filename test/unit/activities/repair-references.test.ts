import { makeRepairReferences } from '../../../functions/activities/repairs/repair-references.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { NEW_THUMBPRINT, OLD_THUMBPRINT, SOURCE } from '../../support/domain-samples.ts';
import {
  allRepairs,
  COURSE,
  makeRepairWorld,
  policyWith,
  referenceIn,
  untilDone,
} from '../../support/repair-world.ts';
import { NEW, OLD, ORDERS } from '../../support/repair-samples.ts';

const PARTNERS = 'products/partners/policies/policy';
const BACKEND = 'backends/billing';

/** Two policies and a backend that refer by the thumbprint that goes. */
const referred = () =>
  makeRepairWorld({
    policies: { [ORDERS]: OLD, [PARTNERS]: OLD },
    backends: { [BACKEND]: { thumbprints: [OLD_THUMBPRINT.toLowerCase()], ids: [] } },
    references: [referenceIn(ORDERS), referenceIn(PARTNERS), referenceIn(BACKEND)],
  });

describe('Repairing references', () => {
  test('makes policies and backends refer by the id, and keeps what was there', async () => {
    const world = referred();
    const result = await makeRepairReferences(world.ports)(COURSE);
    expect(result).toEqual({
      kind: 'repaired',
      documents: [ORDERS, BACKEND, PARTNERS],
      problems: [],
    });
    expect(world.policies.get(ORDERS)).toBe(NEW);
    expect(world.backends.get(BACKEND)).toEqual({
      thumbprints: [],
      ids: ['/certificates/gateway-client'],
    });
    const repairs = await allRepairs(world);
    expect(repairs).toHaveLength(3);
    const policy = repairs.find(({ document }) => document === ORDERS);
    expect(policy).toMatchObject({ status: 'repaired', thumbprint: OLD_THUMBPRINT, etag: '"2"' });
    const copy = policy?.change.kind === 'policy' ? policy.change.copy : '';
    expect(world.copied.get(copy)).toBe(OLD);
    await expect(world.history.list(SOURCE)).resolves.toMatchObject([
      { what: 'repair', by: { kind: 'platform' } },
    ]);
  });

  test('writes down what it is about to do before it does it', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [referenceIn(ORDERS)],
    });
    await makeRepairReferences(world.ports)(COURSE);
    expect(world.writes.map((write) => write.replace(/^copy .*/, 'copy'))).toEqual([
      'copy',
      `row intended ${ORDERS}`,
      `change ${ORDERS}`,
      `row repaired ${ORDERS}`,
      'history repair',
    ]);
  });

  test('leads to the same, wherever it is cut off', async () => {
    const undisturbed = referred();
    await makeRepairReferences(undisturbed.ports)(COURSE);
    const all = undisturbed.writes.length;
    expect(all).toBe(12);
    for (let at = 1; at <= all; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = referred();
        world.crash = { at, when };
        const run = makeRepairReferences(world.ports);
        const result = await untilDone(world, () => run(COURSE));
        expect(result.documents).toEqual([ORDERS, BACKEND, PARTNERS]);
        expect(world.policies).toEqual(undisturbed.policies);
        expect(world.backends).toEqual(undisturbed.backends);
        // Each document is changed once, and what is written down of it can be undone.
        expect(world.writes.filter((one) => one === `change ${ORDERS}`).length).toBeLessThan(3);
        const repairs = await allRepairs(world);
        expect(repairs.map(({ status }) => status)).toEqual(['repaired', 'repaired', 'repaired']);
        for (const { change } of repairs) {
          if (change.kind === 'policy') expect(world.copied.get(change.copy)).toBe(OLD);
        }
        expect(await world.history.list(SOURCE)).toHaveLength(1);
      }
    }
  });

  test('leaves what does not refer so any more, however old the index is', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: NEW },
      references: [referenceIn(ORDERS), referenceIn('apis/gone/policies/policy')],
    });
    await expect(makeRepairReferences(world.ports)(COURSE)).resolves.toEqual({
      kind: 'repaired',
      documents: [],
      problems: [],
    });
    expect(world.writes).toEqual([]);
  });

  test('reads a document anew that somebody else changed meanwhile, and keeps that change', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [referenceIn(ORDERS)],
    });
    let times = 0;
    world.beforeWrite = (path) => {
      times += 1;
      if (times > 2) return;
      world.policies.set(path, `${OLD}<!-- ${String(times)} -->`);
      world.touch(path);
    };
    const result = await makeRepairReferences(world.ports)(COURSE);
    expect(result.documents).toEqual([ORDERS]);
    expect(world.policies.get(ORDERS)).toBe(`${NEW}<!-- 2 -->`);
    const [repair] = await allRepairs(world);
    const copy = repair?.change.kind === 'policy' ? repair.change.copy : '';
    expect(world.copied.get(copy)).toBe(`${OLD}<!-- 2 -->`);
  });

  test('gives a document up that somebody else changes all the time', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [referenceIn(ORDERS)],
    });
    world.beforeWrite = (path) => world.touch(path);
    const result = await makeRepairReferences(world.ports)(COURSE);
    expect(result).toMatchObject({
      documents: [],
      problems: [{ code: 'REFERENCE_UNREPAIRABLE' }],
    });
    expect(world.policies.get(ORDERS)).toBe(OLD);
    await expect(allRepairs(world)).resolves.toMatchObject([{ status: 'given-up' }]);
  });

  test('tells what the service refuses in its words, and repairs the others', async () => {
    const world = referred();
    world.beforeWrite = (path) => {
      if (path !== ORDERS) return;
      throw new TerminalError({
        code: 'AZURE_REFUSED',
        message: "Azure refused it (400). It says: Error in element 'set-header'.",
      });
    };
    const result = await makeRepairReferences(world.ports)(COURSE);
    expect(result).toMatchObject({
      documents: [BACKEND, PARTNERS],
      problems: [
        {
          code: 'REFERENCE_UNREPAIRABLE',
          message: expect.stringContaining("Error in element 'set-header'") as string,
        },
      ],
    });
    expect(world.policies.get(ORDERS)).toBe(OLD);
  });

  test('repairs the others before it is put off, and finds that done when it goes on', async () => {
    const world = referred();
    let busy = true;
    world.beforeWrite = (path) => {
      if (path === ORDERS && busy) {
        throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'Busy.' });
      }
    };
    const run = makeRepairReferences(world.ports);
    await expect(run(COURSE)).rejects.toThrow('Busy.');
    expect(world.backends.get(BACKEND)?.ids).toHaveLength(1);
    busy = false;
    const result = await run(COURSE);
    expect(result.documents).toEqual([ORDERS, BACKEND, PARTNERS]);
    expect(world.writes.filter((one) => one === `change ${BACKEND}`)).toHaveLength(1);
  });

  test('names what cannot be rewritten', async () => {
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD },
      references: [
        referenceIn(ORDERS, { repairable: false, at: 'validate-client-certificate' }),
        referenceIn('namedValues/x', { kind: 'named-value', repairable: false }),
        // These follow a named value.
        referenceIn(PARTNERS, { via: 'x', repairable: false }),
      ],
    });
    const { problems, documents } = await makeRepairReferences(world.ports)(COURSE);
    expect(documents).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual([
      'REFERENCE_UNREPAIRABLE',
      'REFERENCE_UNREPAIRABLE',
    ]);
    expect(world.writes).toEqual([]);
  });

  test('makes ids of all thumbprints of a backend, or of none', async () => {
    const other = 'C'.repeat(40);
    const certificates = { thumbprints: [OLD_THUMBPRINT, other], ids: [] };
    const facts = { backends: { [BACKEND]: certificates }, references: [referenceIn(BACKEND)] };
    const known = makeRepairWorld({ ...facts, others: { partner: other } });
    await makeRepairReferences(known.ports)(COURSE);
    expect(known.backends.get(BACKEND)?.ids).toEqual([
      '/certificates/gateway-client',
      '/certificates/partner',
    ]);
    const unknown = makeRepairWorld({ ...facts, others: { new: NEW_THUMBPRINT } });
    const { problems } = await makeRepairReferences(unknown.ports)(COURSE);
    expect(problems).toMatchObject([{ code: 'REFERENCE_UNREPAIRABLE' }]);
    expect(unknown.backends.get(BACKEND)).toEqual(certificates);
  });

  test('leaves to a workspace what belongs to it', async () => {
    const world = makeRepairWorld({
      policies: { [`workspaces/team-a/${ORDERS}`]: OLD },
      references: [referenceIn(`workspaces/team-a/${ORDERS}`)],
    });
    await expect(makeRepairReferences(world.ports)(COURSE)).resolves.toMatchObject({
      documents: [],
      problems: [],
    });
  });

  test('takes many documents some at a time, and looks up what refers once for all of them', async () => {
    const paths = Array.from({ length: 45 }, (_, at) => `apis/a${String(at)}/policies/policy`);
    const world = makeRepairWorld({
      policies: Object.fromEntries(paths.map((path) => [path, OLD])),
      references: paths.slice(0, 10).map((path) => referenceIn(path)),
      leftOut: 35,
      live: paths.map((path) => referenceIn(path)),
    });
    const run = makeRepairReferences(world.ports);
    const first = await run(COURSE);
    expect(first.left).toHaveLength(25);
    const done = [...first.documents];
    for (let left = first.left ?? []; left.length > 0; left = left.slice(20)) {
      const result = await run({ ...COURSE, documents: left.slice(0, 20) });
      expect(result).not.toHaveProperty('left');
      done.push(...result.documents);
    }
    expect(done.sort()).toEqual([...paths].sort());
    expect([world.scans, world.lists]).toEqual([1, 1]);
  });

  test('leaves what goes beyond one repair to the next sync, and says so', async () => {
    const references = Array.from({ length: 405 }, (_, at) =>
      referenceIn(`apis/a${String(at)}/policies/policy`),
    );
    const world = makeRepairWorld({ references });
    const { left, problems } = await makeRepairReferences(world.ports)(COURSE);
    expect(left).toHaveLength(380);
    expect(problems[0]?.message).toContain('5 more documents');
  });

  test('rewrites what refers by any thumbprint that went, each as itself', async () => {
    const older = 'D'.repeat(40);
    const world = makeRepairWorld({
      policies: { [ORDERS]: OLD, [PARTNERS]: policyWith(older) },
      references: [referenceIn(ORDERS), referenceIn(PARTNERS)],
    });
    const result = await makeRepairReferences(world.ports)({
      ...COURSE,
      thumbprints: [OLD_THUMBPRINT, older],
    });
    expect(result.documents).toEqual([ORDERS, PARTNERS]);
    expect([world.policies.get(ORDERS), world.policies.get(PARTNERS)]).toEqual([NEW, NEW]);
    const repairs = await allRepairs(world);
    expect(repairs.map(({ thumbprint }) => thumbprint).sort()).toEqual(
      [OLD_THUMBPRINT, older].sort(),
    );
  });
});
