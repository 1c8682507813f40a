/**
 * What an audit finds of what only passes or was noted before, and no more. What can be seeded, Fabrikam
 * has: the test of `npm start` looks at what an audit finds there.
 */
import { TROUBLES } from '../../../local/seed/fabrikam/seed-fabrikam.ts';
import { FINDING_CODES } from '../../../shared/domain/audit/finding-codes.ts';
import { makeFleet } from '../../support/audit/fleet/fleet.ts';
import { NOTED_ROWS } from '../../support/audit/fleet/noted-rows.ts';
import { placesOf } from '../../support/audit/fleet/row.ts';
import { told } from '../../support/audit/make-facts.ts';
import { makeAccessWorld, type AccessWorld } from '../../support/azure/access-world.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';

jest.setTimeout(240_000);

describe('What is found where', () => {
  let under: AzureUnderTest;
  let report: AuditReport;
  const worlds: AccessWorld[] = [];
  beforeAll(async () => {
    under = await startAzureUnderTest();
    await under.ask('PUT', '/_local/settings', {
      'apiManagement.operationSeconds': 0,
      'assumptions.unreadableKeyVaultPut': 'refuse',
      'authorization.propagationSeconds': 0,
      'authorization.conditions': 'met',
    });
    for (const row of NOTED_ROWS) {
      const world = await makeAccessWorld(under);
      worlds.push(world);
      await row.build?.(world);
    }
    const fleet = await makeFleet(under, { services: worlds, vaults: worlds });
    const each = async (
      run: (row: (typeof NOTED_ROWS)[number], world: AccessWorld) => Promise<unknown>,
    ) => {
      for (const [index, world] of worlds.entries()) {
        const row = NOTED_ROWS[index];
        if (row !== undefined) await run(row, world);
      }
    };
    await each((_, { service }) => fleet.survey(service));
    await each(async (row, { service }) => {
      if (row.usageUnread !== true) await fleet.refreshUsage(service);
    });
    await each(async (row, world) => row.then?.(world, fleet));
    await each((_, { service }) => fleet.checkAccess(service));
    await each(async (row, world) => row.last?.(world, fleet));
    report = await fleet.audit();
  });
  afterAll(() => under.stop());

  /** What is about something in a world: its names are in no other. */
  const foundIn = ({ vault, service }: AccessWorld) =>
    told(report).filter((one) => {
      const [about = ''] = (one.split(' ')[1] ?? '').split('/');
      return about === vault || about === service || !/^(kv|gw)-/.test(about);
    });

  test.each(NOTED_ROWS.map((row, index) => [row.where, row, index] as const))(
    '%s',
    (_, row, index) => {
      const world = worlds[index];
      if (world === undefined) throw new Error('there is no world');
      const expected = row.finds(placesOf(world));
      const found = foundIn(world).filter(
        (one) => expected.includes(one) || /^\S+ (kv|gw)-/.test(one),
      );
      expect([...found].sort()).toEqual([...expected].sort());
    },
  );

  test('all of that, and nothing besides', () => {
    const expected = NOTED_ROWS.flatMap((row, index) => {
      const world = worlds[index];
      return world === undefined ? [] : row.finds(placesOf(world));
    });
    expect([...told(report)].sort()).toEqual(expected.sort());
  });
});

test('there is no code that is found neither here nor at Fabrikam', () => {
  const places = { vault: '', service: '', source: () => '', client: () => '' };
  const found = [
    ...NOTED_ROWS.flatMap((row) => row.finds(places)),
    ...TROUBLES.flatMap(({ finds }) => finds),
  ].map((one) => one.split(' ')[0]);
  expect(FINDING_CODES.filter((code) => !found.includes(code))).toEqual([]);
});
