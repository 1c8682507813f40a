/** A fleet in which everything goes wrong that an audit can find: what it finds, and no more. */
import { FINDING_CODES } from '../../../shared/domain/audit/finding-codes.ts';
import { ACCESS_ROWS, POLICY_CHANGED } from '../../support/audit/fleet/access-rows.ts';
import { CERTIFICATE_ROWS } from '../../support/audit/fleet/certificate-rows.ts';
import { makeFleet } from '../../support/audit/fleet/fleet.ts';
import { PLACE_ROWS, POLLED } from '../../support/audit/fleet/place-rows.ts';
import { placesOf } from '../../support/audit/fleet/row.ts';
import { told } from '../../support/audit/make-facts.ts';
import { makeAccessWorld, type AccessWorld } from '../../support/azure/access-world.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';

jest.setTimeout(240_000);

/** Time passes in the second of them, and for the first as well. */
const ROWS = [POLICY_CHANGED, POLLED, ...CERTIFICATE_ROWS, ...PLACE_ROWS, ...ACCESS_ROWS];

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
    for (const row of ROWS) {
      const world = await makeAccessWorld(under, row.begin);
      worlds.push(world);
      await row.build?.(world);
    }
    const fleet = await makeFleet(under, {
      services: worlds,
      vaults: worlds.filter((_, index) => ROWS[index]?.vaultNotUnderCare !== true),
    });
    const each = async (
      run: (row: (typeof ROWS)[number], world: AccessWorld) => Promise<unknown>,
    ) => {
      for (const [index, world] of worlds.entries()) {
        const row = ROWS[index];
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

  test.each(ROWS.map((row, index) => [row.where, row, index] as const))('%s', (_, row, index) => {
    const world = worlds[index];
    if (world === undefined) throw new Error('there is no world');
    const expected = row.finds(placesOf(world));
    const found = foundIn(world).filter(
      (one) => expected.includes(one) || /^\S+ (kv|gw)-/.test(one),
    );
    expect([...found].sort()).toEqual([...expected].sort());
  });

  test('every code that there is, and nothing besides', () => {
    const found = new Set(report.findings.map(({ code }) => code));
    expect(FINDING_CODES.filter((code) => !found.has(code))).toEqual([]);
    const expected = ROWS.flatMap((row, index) => {
      const world = worlds[index];
      return world === undefined ? [] : row.finds(placesOf(world));
    });
    expect([...told(report)].sort()).toEqual(expected.sort());
  });
});
