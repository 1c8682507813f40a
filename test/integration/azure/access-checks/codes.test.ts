/**
 * Every finding where it fires and where it just does not, and beside each what the simulated
 * service itself comes to when it reads the vault; cures that are commands are run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_CODES } from '../../../../shared/domain/errors.ts';
import { makeAccessWorld } from '../../../support/azure/access-world.ts';
import { az } from '../../../support/azure/az.ts';
import {
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../../support/azure/azure-clients.ts';
import { CERTIFICATE_ROWS } from './certificate-rows.ts';
import { NETWORK_ROWS } from './network-rows.ts';
import { ROLE_ROWS } from './role-rows.ts';
import { POLICY_ROWS } from './policy-rows.ts';
import { SERVICE_ROWS } from './service-rows.ts';

describe('The checks say what the service meets', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
  });
  afterAll(() => under.stop());
  beforeEach(async () => {
    await under.ask('PUT', '/_local/settings', {
      'apiManagement.operationSeconds': 0,
      'assumptions.unreadableKeyVaultPut': 'refuse',
      'assumptions.changeDuringUpdate': 'accept',
      'authorization.propagationSeconds': 0,
      'authorization.conditions': 'met',
    });
    await under.ask('PUT', `/_local/subscriptions/${SUBSCRIPTION}`, { managementGroups: [] });
    const denials = await under.ask('GET', '/_local/deny-assignments');
    for (const { name } of Reflect.get(Object(denials.body), 'value') as { name: string }[]) {
      await under.ask('DELETE', `/_local/deny-assignments/${name}`);
    }
  });

  const ROWS = [
    ...SERVICE_ROWS,
    ...ROLE_ROWS,
    ...POLICY_ROWS,
    ...NETWORK_ROWS,
    ...CERTIFICATE_ROWS,
  ];
  const named = ROWS.map((row) => [`${row.code} when ${row.when}`, row] as const);

  it.each(named)('%s', async (_, row) => {
    const { code, severity, begin, fires, others = [] } = row;
    const world = await makeAccessWorld(under, begin);
    await fires(world);
    const expected = [`${severity} ${code}`, ...others];
    expect([...(await world.findings())].sort()).toEqual(expected.sort());
    const told = (await world.checks()).find((one) => 'code' in one && one.code === code);
    expect(await world.reads()).toBe(row.reads ?? severity !== 'blocks');
    if (row.cured === undefined) return;

    const cure = told !== undefined && 'cure' in told ? told.cure : undefined;
    const command = /az .*$/.exec(cure?.replace(/ \((or|then) .*$/, '') ?? '')?.[0];
    await az(under, String(command));
    world.checkAfter(3_600);
    expect(await world.findings()).not.toContain(`${severity} ${code}`);
    expect(await world.reads()).toBe(true);
  });

  it.each(ROWS.map((row) => [`${row.code} where ${row.but}`, row] as const))(
    'no %s',
    async (_, row) => {
      const world = await makeAccessWorld(under, row.begin);
      await row.not(world);
      expect(await world.findings()).toEqual([]);
      expect(await world.reads()).toBe(true);
    },
  );

  it('and a recovered vault has lost its roles: the cure says so', async () => {
    const world = await makeAccessWorld(under);
    await world.ask('DELETE', `${world.vaultId}?api-version=2023-07-01`);
    const [deleted] = (await world.checks()).filter((one) => one.severity === 'blocks');
    const cure = deleted !== undefined && 'cure' in deleted ? (deleted.cure ?? '') : '';
    expect(cure).toContain('give the roles');
    await az(under, cure.replace(/ \(then .*$/, ''));
    expect(await world.findings()).toEqual(['blocks PERMISSION_MISSING']);
    expect(await world.reads()).toBe(false);
  });

  it('and there is a row for every code that a check can give', () => {
    const root = join(__dirname, '../../../..');
    const domain = join(root, 'shared/domain');
    const sources = [
      ...readdirSync(domain)
        .filter((file) => /^check-.*\.ts$/.test(file) || file === 'service.ts')
        .map((file) => join(domain, file)),
      join(root, 'functions/activities/observe-access.ts'),
    ].map((file) => readFileSync(file, 'utf8'));
    const given = PROBLEM_CODES.filter((code) =>
      sources.some((text) => text.includes(`'${code}'`)),
    );
    expect(given.length).toBeGreaterThan(25);
    // What only workspaces have is in workspaces.test.ts.
    const rows = new Set<string>([...ROWS.map(({ code }) => code), 'WORKSPACE_NOT_FOUND']);
    expect(given.filter((code) => !rows.has(code))).toEqual([]);
  });
});
