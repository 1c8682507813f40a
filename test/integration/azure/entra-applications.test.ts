/** Applications over HTTP: real clients, real certificates, real assertions. */
import { ClientCertificateCredential } from '@azure/identity';
import {
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { TENANT } from '../../support/azure/arm-world.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { entraOf, type Entra } from '../../support/azure/entra.ts';
import { makeClientCertificate, toKeyCredential } from '../../support/azure/graph-world.ts';
import { makeLocalAzureHttpClient } from '../../support/local-azure-http-client.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';

describe('applications in Entra', () => {
  let under: AzureUnderTest;
  let entra: Entra;
  let openssl: Openssl;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    entra = entraOf(() => under.azure);
    openssl = openOpenssl();
  });
  afterAll(async () => {
    openssl.close();
    await under.stop();
  });

  /** An RSA key and a certificate for it, as a person makes them. */
  const makeFiles = (name: string): { pem: string; der: Buffer } => {
    openssl.run('genpkey', '-algorithm', 'RSA', '-out', `${name}.key`);
    openssl.run(
      ...['req', '-x509', '-new', '-key', `${name}.key`, '-days', '60', '-subj', `/CN=${name}`],
      ...['-out', `${name}.pem`],
    );
    openssl.run('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.cer`);
    const pem = `${openssl.read(`${name}.key`).toString()}${openssl.read(`${name}.pem`).toString()}`;
    return { pem, der: openssl.read(`${name}.cer`) };
  };

  it('get tokens with a key that openssl made, and enter where they have a role', async () => {
    const { pem, der } = makeFiles('automation');
    const { clientId, principalId } = await entra.makeApplication('automation', [
      toKeyCredential({ der }),
    ]);
    const scope = 'https://management.azure.com/.default';
    const { status, token } = await entra.token({ clientId, pem }, scope);
    expect(status).toBe(200);
    const list = () =>
      under.ask(
        'GET',
        '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-contoso?api-version=2021-04-01',
        undefined,
        {
          authorization: `Bearer ${String(token)}`,
        },
      );
    expect((await list()).status).toBe(403);
    const role = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
    const subscription = '/subscriptions/5eed0000-0000-4000-8000-000000000001';
    const assigned = await under.ask(
      'PUT',
      `${subscription}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`,
      {
        properties: {
          roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
          principalId,
          principalType: 'ServicePrincipal',
        },
      },
    );
    expect(assigned.status).toBe(201);
    expect((await list()).status).toBe(200);
  });

  it('get no token from the platform, which knows managed identities only', async () => {
    const { clientId } = await entra.makeApplication('elsewhere');
    const response = await fetch(
      `${under.azure.url}/msi/token?api-version=2019-08-01&resource=https://vault.azure.net&client_id=${clientId}`,
      { headers: { 'x-identity-header': under.azure.identityHeader } },
    );
    expect(response.status).toBe(400);
  });

  it('get tokens by the identity library, by PEM file or text', async () => {
    const { pem, der } = makeFiles('library');
    const { clientId } = await entra.makeApplication('library', [toKeyCredential({ der })]);
    const options = { httpClient: makeLocalAzureHttpClient(under.azure.url) };
    const credential = new ClientCertificateCredential(
      TENANT,
      clientId,
      { certificate: pem },
      // One request that is refused is the answer; retries would only hide it.
      { ...options, retryOptions: { maxRetries: 0 } },
    );
    const { token } = await credential.getToken('https://vault.azure.net/.default');
    expect(token.split('.')).toHaveLength(3);

    const other = makeFiles('unregistered');
    const refused = new ClientCertificateCredential(
      TENANT,
      clientId,
      { certificate: other.pem },
      { ...options, retryOptions: { maxRetries: 0 } },
    );
    await expect(refused.getToken('https://vault.azure.net/.default')).rejects.toThrow(
      /AADSTS700027/,
    );
  });

  it('are changed by a client of the REST pipeline that owns them, under throttling', async () => {
    const owner = await makeClientCertificate('CN=owner');
    const { clientId, principalId } = await entra.makeApplication('owner', [
      toKeyCredential(owner),
    ]);
    const owned = await entra.makeApplication('owned');
    await entra.addOwner(owned.id, principalId);
    await entra.grant(clientId, 'Application.ReadWrite.OwnedBy');
    const { token } = await entra.token({ clientId, pem: owner.pem });
    await under.ask('POST', '/_local/faults', {
      match: { host: 'graph.microsoft.com', method: 'PATCH' },
      answer: { status: 429, headers: { 'retry-after': '0' } },
      times: 1,
    });
    const pipeline = createPipelineFromOptions({});
    const certificate = await makeClientCertificate('CN=new');
    const send = (id: string) =>
      pipeline.sendRequest(
        makeLocalAzureHttpClient(under.azure.url),
        createPipelineRequest({
          method: 'PATCH',
          url: `https://graph.microsoft.com/v1.0/applications/${id}`,
          headers: createHttpHeaders({
            authorization: `Bearer ${String(token)}`,
            'content-type': 'application/json',
          }),
          body: JSON.stringify({ keyCredentials: [toKeyCredential(certificate)] }),
        }),
      );
    expect((await send(owned.id)).status).toBe(204);
    const foreign = await entra.makeApplication('foreign');
    const refused = await send(foreign.id);
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.bodyAsText ?? '{}')).toMatchObject({
      error: { code: 'Authorization_RequestDenied' },
    });
  });

  it('are there again after a restart, and their tokens too', async () => {
    const certificate = await makeClientCertificate('CN=kept');
    const { id, clientId } = await entra.makeApplication('kept', [toKeyCredential(certificate)]);
    await entra.grant(clientId, 'Application.Read.All');
    const { token } = await entra.token({ clientId, pem: certificate.pem });
    await under.restart();
    const before = await entra.graph('GET', `/applications/${id}`, undefined, token);
    expect(before.status).toBe(200);
    expect(await entra.keyCredentials(id)).toMatchObject([
      { key: certificate.der.toString('base64') },
    ]);
    expect((await entra.token({ clientId, pem: certificate.pem })).status).toBe(200);
  });
});
