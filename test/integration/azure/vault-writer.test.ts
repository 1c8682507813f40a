/** Certkeeper's writes to a vault, through the real clients, against the simulated Key Vault. */
import { randomUUID } from 'node:crypto';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import { makeVaultWriter } from '../../../shared/azure/vault-writer.ts';
import type { VaultWriter } from '../../../shared/domain/vault-ports.ts';
import {
  startAzureUnderTest,
  GROUP,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';
import { askVault, makeVault } from '../../support/azure/vault.ts';
import { makeLocalAzureHttpClient } from '../../support/local-azure-http-client.ts';

const VAULT = {
  id: `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`,
  subscriptionId: 's',
  resourceGroup: 'rg-contoso',
  name: 'contoso-kv',
};

describe('what Certkeeper writes to the simulated Key Vault', () => {
  let under: AzureUnderTest;
  let writer: VaultWriter;
  let made: TestCertificate;
  let source: { vault: string; name: string };

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await makeVault(under, 'contoso-kv');
    made = await makeTestCertificate();
  });
  afterAll(() => under.stop());
  beforeEach(() => {
    source = { vault: 'contoso-kv', name: `c-${randomUUID().slice(0, 8)}` };
    // Fresh clients each time: their first requests are the delicate ones.
    writer = makeVaultWriter(
      new AzureClients({
        credential: {
          getToken: async () => ({ token: 'op', expiresOnTimestamp: Date.now() + 3_600_000 }),
        },
        httpClient: makeLocalAzureHttpClient(under.azure.url),
        vaultSuffix: 'vault.azure.net',
        managementUrl: 'https://management.azure.com',
        managementScope: 'https://management.azure.com/.default',
      }),
      [VAULT],
      { milliseconds: 10, pauseMilliseconds: 1 },
    );
  });
  const show = (path: string, method = 'GET', body?: unknown) =>
    askVault(under, method, source.vault, path, body);

  test('an import is an enabled, exportable PKCS#12 with its tags', async () => {
    const imported = await writer.import(source, Buffer.from(made.pfx, 'base64'), { team: 'api' });
    expect(imported.thumbprint).toBe(made.thumbprint);
    const shown = await show(`/certificates/${source.name}`);
    expect(shown.body).toMatchObject({
      id: expect.stringContaining(`/${imported.version}`) as string,
      attributes: { enabled: true },
      tags: { team: 'api' },
      policy: {
        key_props: { exportable: true },
        secret_props: { contentType: 'application/x-pkcs12' },
      },
    });
  });

  test('is a certificate that can be read back with its private key', async () => {
    const { version } = await writer.import(source, Buffer.from(made.pfx, 'base64'), {});
    const read = await writer.readPfx(source);
    expect(read).toMatchObject({ version, thumbprint: made.thumbprint });
    await expect(
      writer.import({ ...source, name: `${source.name}-2` }, read.pfx, {}),
    ).resolves.toMatchObject({ thumbprint: made.thumbprint });
  });

  test('many first imports at once through one fresh client all arrive whole', async () => {
    const names = ['a', 'b', 'c', 'd'].map((end) => `${source.name}-${end}`);
    const imported = await Promise.all(
      names.map((name) => writer.import({ ...source, name }, Buffer.from(made.pfx, 'base64'), {})),
    );
    expect(imported.map(({ thumbprint }) => thumbprint)).toEqual(names.map(() => made.thumbprint));
  });

  test('the name of a deleted certificate is refused, and free again once it is recovered', async () => {
    const pfx = Buffer.from(made.pfx, 'base64');
    await writer.import(source, pfx, {});
    await show(`/certificates/${source.name}`, 'DELETE');
    await expect(writer.import(source, pfx, {})).rejects.toMatchObject({
      problem: {
        code: 'NAME_SOFT_DELETED',
        cure: expect.stringMatching(/recover=true.*purge/s) as string,
      },
    });
    await writer.recoverDeleted(source);
    await expect(writer.import(source, pfx, {})).resolves.toMatchObject({
      thumbprint: made.thumbprint,
    });
    // Recovering what is there already leaves it as it is.
    await writer.recoverDeleted(source);
    const versions = await show(`/certificates/${source.name}/versions`);
    expect(versions.at('value')).toHaveLength(2);
  });

  test('there is nothing to recover where nothing was deleted', async () => {
    await expect(writer.recoverDeleted(source)).rejects.toMatchObject({
      problem: { code: 'SOURCE_NOT_FOUND' },
    });
  });

  test('a certificate that is still being issued takes no other version meanwhile', async () => {
    const asked = await show(`/certificates/${source.name}/create`, 'POST', {
      policy: {
        key_props: { kty: 'EC', crv: 'P-256' },
        x509_props: { subject: 'CN=a' },
        issuer: { name: 'Unknown' },
      },
    });
    expect(asked.status).toBe(202);
    await expect(writer.import(source, Buffer.from(made.pfx, 'base64'), {})).rejects.toMatchObject({
      problem: { code: 'CERTIFICATE_PENDING' },
    });
  });

  test('what the vault cannot read is refused with its words', async () => {
    await expect(writer.import(source, Buffer.from('no PFX'), {})).rejects.toMatchObject({
      problem: {
        code: 'IMPORT_REFUSED',
        message: expect.stringContaining('PKCS#12') as string,
      },
    });
    expect((await show(`/certificates/${source.name}`)).status).toBe(404);
  });
});
