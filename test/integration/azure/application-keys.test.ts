/** Keys of applications through Certkeeper's own calls, against the simulated Graph, in all its ways. */
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import type { ApplicationTarget } from '../../../shared/domain/target.ts';
import { TENANT } from '../../support/azure/arm-world.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { entraOf, type Entra, type TestApplication } from '../../support/azure/entra.ts';
import { makeClientCertificate, toKeyCredential } from '../../support/azure/graph-world.ts';
import { keysOver } from '../../support/azure/key-world.ts';
import type { TestCertificate } from '../../support/azure/make-pfx.ts';
import { askVault, assignRole, makeIdentity, makeVault } from '../../support/azure/vault.ts';
import { OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';

/** The role Key Vault Crypto User. */
const CRYPTO_USER = '12338af0-0e69-4776-bea7-57ae8d297424';

const DEFAULTS = {
  'graph.replicationSeconds': 0,
  'assumptions.graphKeyWithoutValue': 'keep',
  'assumptions.graphResentEntry': 'whole',
  'assumptions.graphKeyEndDate': 'certificate',
  'assumptions.graphKeyIdentifier': 'bytes',
  'assumptions.graphDuplicateCertificate': 'accept',
  'assumptions.graphOwnedByReads': 'all',
} as const;

describe('the keys of an application', () => {
  let under: AzureUnderTest;
  let entra: Entra;
  let own: { clientId: string; principalId: string };
  let certificates: TestCertificate[];
  beforeAll(async () => {
    under = await startAzureUnderTest();
    entra = entraOf(() => under.azure);
    own = await makeIdentity(under, 'certkeeper-id');
    await entra.grant(own.principalId, 'Application.ReadWrite.OwnedBy');
    certificates = await Promise.all(
      ['foreign', 'another', 'first', 'second'].map((name) => makeClientCertificate(`CN=${name}`)),
    );
  });
  afterAll(() => under.stop());
  afterEach(() => under.ask('PUT', '/_local/settings', DEFAULTS));

  /** An application that Certkeeper owns, with two keys of others. */
  async function makeOwned(
    isOwner = true,
  ): Promise<TestApplication & { target: ApplicationTarget }> {
    const [foreign, another] = certificates;
    const application = await entra.makeApplication('deploy', [
      toKeyCredential(foreign ?? { der: Buffer.alloc(0) }, { displayName: 'CN=foreign' }),
      toKeyCredential(another ?? { der: Buffer.alloc(0) }),
    ]);
    if (isOwner) await entra.addOwner(application.id, own.principalId);
    return { ...application, target: { kind: 'entra-application', appId: application.clientId } };
  }
  const keys = (target: ApplicationTarget) =>
    keysOver(
      under,
      { applications: new Set([target.appId]), classicSubscriptions: undefined },
      own.clientId,
    );
  const signsIn = async (application: TestApplication, certificate: TestCertificate | undefined) =>
    (await entra.token({ clientId: application.clientId, pem: certificate?.pem ?? '' })).status ===
    200;

  test.each([
    {},
    { 'assumptions.graphKeyWithoutValue': 'drop' },
    { 'assumptions.graphKeyWithoutValue': 'refuse' },
    { 'assumptions.graphResentEntry': 'given' },
    { 'assumptions.graphKeyEndDate': 'year' },
    { 'assumptions.graphKeyIdentifier': 'hex' },
    { 'assumptions.graphDuplicateCertificate': 'refuse' },
    { 'assumptions.graphOwnedByReads': 'owned' },
    { 'graph.replicationSeconds': 2 },
    {
      'graph.replicationSeconds': 1,
      'assumptions.graphKeyWithoutValue': 'drop',
      'assumptions.graphKeyEndDate': 'year',
      'assumptions.graphKeyIdentifier': 'hex',
      'assumptions.graphDuplicateCertificate': 'refuse',
    },
  ])('survive a rotation, old and new sign in: %j', async (ways) => {
    const application = await makeOwned();
    await under.ask('PUT', '/_local/settings', ways);
    // What was made a moment ago is seen only after a while.
    if ('graph.replicationSeconds' in ways)
      await under.ask('POST', '/_local/clock', { advance: 5 });
    const before = await entra.keyCredentials(application.id);
    const { register, change } = keys(application.target);
    const [foreign, another, first, second] = certificates;
    await register(SOURCE, application.target, first?.der ?? Buffer.alloc(0));
    expect(await signsIn(application, first)).toBe(true);
    await register(SOURCE, application.target, second?.der ?? Buffer.alloc(0));
    for (const one of [foreign, another, first, second]) {
      expect(await signsIn(application, one)).toBe(true);
    }
    const after = await entra.keyCredentials(application.id);
    expect(after).toHaveLength(4);
    for (const entry of before) expect(after).toContainEqual(entry);
    expect(after.at(-1)).toMatchObject({
      displayName: 'certkeeper:contoso-kv/gateway-client',
      usage: 'Verify',
      key: second?.der.toString('base64'),
    });
    await withdrawKeys(change, SOURCE, application.target);
    expect(await entra.keyCredentials(application.id)).toEqual(before);
  });

  test('are added to by two sources at once, and neither loses the other', async () => {
    const application = await makeOwned();
    const [, , first, second] = certificates;
    const { register } = keys(application.target);
    const untilTaken = async (source: typeof SOURCE, der: Buffer) => {
      for (;;) {
        try {
          return await register(source, application.target, der);
        } catch (error) {
          expect(error).toMatchObject({ problem: { code: 'AZURE_UNAVAILABLE' } });
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    await Promise.all([
      untilTaken(SOURCE, first?.der ?? Buffer.alloc(0)),
      untilTaken(OTHER_SOURCE, second?.der ?? Buffer.alloc(0)),
    ]);
    expect(await entra.keyCredentials(application.id)).toHaveLength(4);
    expect(await signsIn(application, first)).toBe(true);
    expect(await signsIn(application, second)).toBe(true);
  });

  test('cannot be changed without being an owner, which is said with the cure', async () => {
    const application = await makeOwned(false);
    const { register } = keys(application.target);
    await expect(
      register(SOURCE, application.target, certificates[2]?.der ?? Buffer.alloc(0)),
    ).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        cure: expect.stringMatching(
          /az ad app owner add .*Application\.ReadWrite\.OwnedBy/s,
        ) as string,
      },
    });
  });

  test('of an application that is not there, or not under care, are not looked for', async () => {
    const appId = '0a5e0000-0000-4000-8000-00000000dead';
    const target = { kind: 'entra-application', appId } as const;
    await expect(keys(target).applications.read(appId)).rejects.toMatchObject({
      problem: { code: 'APPLICATION_NOT_FOUND' },
    });
    const application = await makeOwned();
    await expect(keys(target).applications.read(application.clientId)).rejects.toMatchObject({
      problem: { code: 'APPLICATION_NOT_CONFIGURED' },
    });
  });

  test('are tried by signing in with them', async () => {
    const application = await makeOwned();
    const { signIn } = keys(application.target);
    const pfx = (certificate: TestCertificate | undefined) =>
      Buffer.from(certificate?.pfx ?? '', 'base64');
    const { clientId } = application;
    await expect(signIn.tryKey(clientId, TENANT, pfx(certificates[0]))).resolves.toEqual({
      kind: 'accepted',
    });
    await expect(signIn.tryKey(clientId, TENANT, pfx(certificates[3]))).resolves.toMatchObject({
      kind: 'unknown-key',
      message: expect.stringContaining('AADSTS700027') as string,
    });
    await expect(signIn.tryKey(own.clientId, TENANT, pfx(certificates[3]))).resolves.toMatchObject({
      kind: 'refused',
    });
  });

  test('that stay in their vault are tried by its signature, where Certkeeper may ask for one', async () => {
    const [, , , certificate] = certificates;
    const vault = await makeVault(under, 'keeps-kv');
    const { clientId } = await entra.makeApplication('signs', [
      toKeyCredential(certificate ?? { der: Buffer.alloc(0) }),
    ]);
    const imported = await askVault(under, 'POST', 'keeps-kv', '/certificates/signs/import', {
      value: certificate?.pfx,
      policy: { key_props: { exportable: false } },
    });
    const version = {
      version: String(imported.at('kid')).split('/').at(-1) ?? '',
      der: String(imported.at('cer')),
    };
    const caredFor = { id: vault, subscriptionId: '', resourceGroup: '', name: 'keeps-kv' };
    const care = { applications: new Set([clientId]), classicSubscriptions: undefined };
    const { signIn } = keysOver(under, care, own.clientId, [caredFor]);
    const source = { vault: 'keeps-kv', name: 'signs' };
    await expect(signIn.tryInVault(clientId, TENANT, source, version)).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        cure: expect.stringMatching(/Key Vault Crypto User.*--key-permissions sign/) as string,
      },
    });
    await assignRole(under, vault, own.principalId, CRYPTO_USER);
    await expect(signIn.tryInVault(clientId, TENANT, source, version)).resolves.toEqual({
      kind: 'accepted',
    });
  });
});
