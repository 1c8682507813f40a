/**
 * What stands between a certificate and a workspace, where it fires and where it just does not.
 * Certkeeper itself reads the key there, so its own permission counts, and no identity's.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_CODES } from '../../../../shared/domain/errors.ts';
import { makeAccessWorld, type AccessWorld } from '../../../support/azure/access-world.ts';
import {
  GROUP,
  startAzureUnderTest,
  type AzureUnderTest,
} from '../../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../../support/azure/make-pfx.ts';

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const KEY_VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const ARM = '?api-version=2024-05-01';

const workspaceOf = ({ serviceId }: AccessWorld) => `${serviceId}/workspaces/team`;
const makeWorkspace = (world: AccessWorld) =>
  world.ask('PUT', `${workspaceOf(world)}${ARM}`, { properties: { displayName: 'Team' } });
const push = (world: AccessWorld, data: string) =>
  world.ask('PUT', `${workspaceOf(world)}/certificates/c${ARM}`, {
    properties: { data, password: '' },
  });

describe('In a workspace', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
  });
  afterAll(() => under.stop());

  it('nothing is in the way of a service that has no identity at all', async () => {
    const world = await makeAccessWorld(under, { identity: { type: 'None' } });
    await makeWorkspace(world);
    expect(await world.workspaceFindings()).toEqual([]);
  });

  it('that is not there, nothing can be put: WORKSPACE_NOT_FOUND', async () => {
    const world = await makeAccessWorld(under);
    expect(await world.workspaceFindings()).toEqual(['blocks WORKSPACE_NOT_FOUND']);
    await makeWorkspace(world);
    expect(await world.workspaceFindings()).toEqual([]);
  });

  it("a place may hold somebody else's certificate: REFERENCE_ELSEWHERE", async () => {
    const world = await makeAccessWorld(under);
    await makeWorkspace(world);
    await push(world, (await makeTestCertificate()).pfx);
    expect(await world.workspaceFindings()).toEqual(['blocks REFERENCE_ELSEWHERE']);

    const own = await makeTestCertificate();
    await world.askVault('POST', '/certificates/c/import', { value: own.pfx });
    await world.ask(
      'PUT',
      `${workspaceOf(world)}/certificates/c${ARM}`,
      {
        properties: { data: own.pfx, password: '' },
      },
      { 'if-match': '*' },
    );
    expect(await world.workspaceFindings()).toEqual([]);
  });

  it('Certkeeper needs the key itself: its own missing right blocks', async () => {
    const world = await makeAccessWorld(under);
    await makeWorkspace(world);
    const certkeeper = await world.userIdentity();
    const { principalId } = certkeeper;
    await world.assign(READER, GROUP, { principalId });
    await world.assign(KEY_VAULT_READER, world.vaultId, { principalId });
    expect(await world.workspaceFindings(certkeeper)).toEqual([
      'blocks CERTKEEPER_PERMISSION_MISSING',
    ]);
    await world.assign(SECRETS_USER, world.vaultId, { principalId });
    expect(await world.workspaceFindings(certkeeper)).toEqual([]);
  });

  it('a key that stays in the vault blocks, and what a policy says of the next version does not', async () => {
    const world = await makeAccessWorld(under);
    await makeWorkspace(world);
    const policy = { key_props: { exportable: false, kty: 'EC' } };
    await world.advance(3_600);
    await world.askVault('PATCH', '/certificates/c/policy', policy);
    expect(await world.workspaceFindings()).toEqual([]);
    await world.importVersion({ policy });
    expect(await world.workspaceFindings()).toContain('blocks CERTIFICATE_NOT_EXPORTABLE');
  });

  it('there is a test for every code of its own', () => {
    const text = (file: string) => readFileSync(join(__dirname, '../../../..', file), 'utf8');
    const source = text('shared/domain/pushed-access.ts');
    const here = text('test/integration/azure/access-checks/workspaces.test.ts');
    // That PEM is no hindrance here is what the unit tests of the checks show.
    const given = PROBLEM_CODES.filter(
      (code) => source.includes(`'${code}'`) && code !== 'CERTIFICATE_WRONG_TYPE',
    );
    expect(given).toContain('REFERENCE_ELSEWHERE');
    expect(given.filter((code) => !here.includes(` ${code}'`))).toEqual([]);
  });
});
