/** What the simulated Key Vault refuses, and how: codes, texts, challenge, permissions, firewall. */
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import {
  askHost,
  askVault,
  assignRole,
  makeIdentity,
  makeVault,
  pkcs12Fixture,
  type WireAnswer,
} from '../../support/azure/vault.ts';

const READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const CERTIFICATES_OFFICER = 'a4417e6f-fecd-4de8-b567-7b0420556985';

describe('the simulated Key Vault', () => {
  let under: AzureUnderTest;
  let vaultId: string;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    vaultId = await makeVault(under, 'contoso-kv');
    const { pfx } = await makeTestCertificate();
    await askVault(under, 'POST', 'contoso-kv', '/certificates/present/import', { value: pfx });
  });
  afterAll(() => under.stop());

  const errorOf = (answer: WireAnswer) => [
    answer.status,
    answer.at('error', 'code'),
    answer.at('error', 'innererror', 'code'),
  ];
  const importInto = (name: string, body: unknown) =>
    askVault(under, 'POST', 'contoso-kv', `/certificates/${name}/import`, body);

  describe('asks for a token', () => {
    it('with the documented challenge', async () => {
      const answer = await askVault(under, 'GET', 'contoso-kv', '/certificates', undefined, {});

      expect(errorOf(answer)).toEqual([401, 'Unauthorized', undefined]);
      expect(answer.headers.get('www-authenticate')).toBe(
        'Bearer authorization="https://login.microsoftonline.com/5eed0000-0000-4000-8000-00000000000a", resource="https://vault.azure.net"',
      );
    });

    it('that was issued for vaults', async () => {
      const { clientId } = await makeIdentity(under, 'wrong-audience');
      const authorization = await tokenFor(clientId, 'https://management.azure.com');

      const answer = await askVault(under, 'GET', 'contoso-kv', '/certificates', undefined, {
        authorization,
      });

      expect(answer.status).toBe(401);
      expect(answer.at('error', 'message')).toContain('AKV10022');
    });
  });

  describe('refuses a request', () => {
    it.each([
      ['of an unknown api-version', '/certificates?api-version=9.9', 'not recognized'],
      ['without an api-version', '/certificates', 'api-version must be specified'],
      ['with too large a page', '/certificates?maxresults=26&api-version=7.5', 'maxresults'],
      ['with a name that is none', '/certificates/a_b?api-version=7.5', 'invalid name: a_b'],
      ['with too long a name', `/certificates/${'a'.repeat(128)}?api-version=7.5`, 'invalid name'],
    ])('%s', async (_, path, text) => {
      const answer = await askHost(under, 'GET', `contoso-kv.vault.azure.net${path}`);

      expect(errorOf(answer)).toEqual([400, 'BadParameter', undefined]);
      expect(answer.at('error', 'message')).toContain(text);
    });

    it.each(['7.4', '7.5', '7.6', '2025-07-01'])('not of the api-version %s', async (version) => {
      const path = `contoso-kv.vault.azure.net/certificates/present?api-version=${version}`;
      expect((await askHost(under, 'GET', path)).status).toBe(200);
    });

    it('to a vault that is not there', async () => {
      const answer = await askVault(under, 'GET', 'nowhere-kv', '/certificates');

      expect(errorOf(answer)).toEqual([404, 'VaultNotFound', undefined]);
    });

    it.each([
      ['GET', '/certificates/missing', 'CertificateNotFound'],
      ['GET', '/certificates/present/0123456789abcdef0123456789abcdef', 'CertificateNotFound'],
      ['GET', '/certificates/missing/versions', 'CertificateNotFound'],
      ['GET', '/certificates/missing/policy', 'CertificateNotFound'],
      ['PATCH', '/certificates/missing', 'CertificateNotFound'],
      ['DELETE', '/certificates/missing', 'CertificateNotFound'],
      ['GET', '/certificates/present/pending', 'PendingCertificateNotFound'],
      ['GET', '/deletedcertificates/present', 'CertificateNotFound'],
      ['POST', '/deletedcertificates/present/recover', 'CertificateNotFound'],
      ['GET', '/secrets/missing', 'SecretNotFound'],
      ['GET', '/secrets/present/0123456789abcdef0123456789abcdef', 'SecretNotFound'],
    ])('for what is not there: %s %s', async (method, path, code) => {
      const body = method === 'PATCH' ? {} : undefined;
      const answer = await askVault(under, method, 'contoso-kv', path, body);

      expect(errorOf(answer)).toEqual([404, code, undefined]);
    });

    it('that is not simulated, saying so', async () => {
      const answer = await askVault(under, 'PUT', 'contoso-kv', '/secrets/plain', { value: 'x' });

      expect(errorOf(answer)).toEqual([501, 'NotImplemented', undefined]);
    });
  });

  describe('refuses an import', () => {
    it.each([
      ['with a wrong password', { value: pkcs12Fixture('rsa-modern'), pwd: 'wrong' }, 'password'],
      ['without the password', { value: pkcs12Fixture('rsa-legacy-rc2') }, 'password'],
      ['without a key', { value: pkcs12Fixture('certificate-only'), pwd: 'secret' }, 'Private key'],
      ['of a weak key', { value: pkcs12Fixture('rsa-1024'), pwd: 'secret' }, 'not supported'],
      [
        'of another kind of key',
        { value: pkcs12Fixture('ed25519'), pwd: 'secret' },
        'not supported',
      ],
      ['of anything else', { value: 'bm90IGEgY2VydGlmaWNhdGU=' }, 'valid PKCS#12'],
      ['of text as PKCS#12', { value: '-----BEGIN CERTIFICATE-----' }, 'valid PKCS#12'],
      [
        'of a broken PEM',
        {
          value: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
          policy: { secret_props: { contentType: 'application/x-pem-file' } },
        },
        'valid PEM',
      ],
      ['without a value', {}, 'value'],
      ['with too many tags', { value: 'x', tags: manyTags(16) }, 'tags'],
      ['with too long a tag', { value: 'x', tags: { a: 'x'.repeat(257) } }, 'tags'],
      [
        'with another content type',
        {
          value: pkcs12Fixture('ec-modern'),
          pwd: 'secret',
          policy: { secret_props: { contentType: 'text/plain' } },
        },
        'contentType',
      ],
    ])('%s', async (_, body, text) => {
      const answer = await importInto('refused', body);

      expect(errorOf(answer)).toEqual([400, 'BadParameter', undefined]);
      expect(answer.at('error', 'message')).toContain(text);
      const read = await askVault(under, 'GET', 'contoso-kv', '/certificates/refused');
      expect(read.status).toBe(404);
    });

    it('of an expired certificate', async () => {
      const { pfx } = await makeTestCertificate();
      const world = await startAzureUnderTest();
      await makeVault(world, 'later-kv');
      await world.ask('POST', '/_local/clock', { advance: 366 * 86_400 });

      const answer = await askVault(world, 'POST', 'later-kv', '/certificates/old/import', {
        value: pfx,
      });

      expect(errorOf(answer)).toEqual([400, 'BadParameter', undefined]);
      await world.stop();
    });
  });

  it.each([
    ['no policy', {}, 'policy'],
    ['an unknown issuer', { policy: { issuer: { name: 'DigiCert' } } }, 'DigiCert'],
    ['a subject that is none', create({ subject: 'no name' }), 'no name'],
    ['an address that is none', create({ sans: { ipAddresses: ['1.2'] } }), '1.2'],
    ['an unknown key usage', create({ key_usage: ['fly'] }), 'fly'],
    ['a small key', { policy: { key_props: { kty: 'RSA', key_size: 1024 } } }, 'key_size'],
    ['an unknown curve', { policy: { key_props: { kty: 'EC', crv: 'P-1' } } }, 'crv'],
  ])('makes no certificate with %s', async (_, body, text) => {
    const answer = await askVault(
      under,
      'POST',
      'contoso-kv',
      '/certificates/not-made/create',
      body,
    );

    expect(errorOf(answer)).toEqual([400, 'BadParameter', undefined]);
    expect(answer.at('error', 'message')).toContain(text);
  });

  describe('with a disabled current version', () => {
    it('answers the certificate, and never an older secret in its place', async () => {
      const older = await makeTestCertificate();
      const newer = await makeTestCertificate();
      await importInto('switched', { value: older.pfx });
      await importInto('switched', { value: newer.pfx });
      await askVault(under, 'PATCH', 'contoso-kv', '/certificates/switched', {
        attributes: { enabled: false },
      });

      const certificate = await askVault(under, 'GET', 'contoso-kv', '/certificates/switched');
      expect([certificate.status, certificate.at('attributes', 'enabled')]).toEqual([200, false]);
      const secret = await askVault(under, 'GET', 'contoso-kv', '/secrets/switched');
      expect(errorOf(secret)).toEqual([403, 'Forbidden', 'SecretDisabled']);
      expect(secret.at('error', 'message')).toBe(
        'Operation get is not allowed on a disabled secret.',
      );
    });
  });

  describe('lets identities in by role', () => {
    it('each operation by its own permission', async () => {
      const reader = await makeIdentity(under, 'kv-reader');
      const user = await makeIdentity(under, 'kv-user');
      const officer = await makeIdentity(under, 'kv-officer');
      await assignRole(under, vaultId, reader.principalId, READER);
      await assignRole(under, vaultId, user.principalId, CERTIFICATE_USER);
      await assignRole(under, vaultId, officer.principalId, CERTIFICATES_OFFICER);
      const { pfx } = await makeTestCertificate();
      const statuses = async (clientId: string) => {
        const authorization = await tokenFor(clientId, 'https://vault.azure.net');
        const ask = async (method: string, path: string, body?: unknown) =>
          (await askVault(under, method, 'contoso-kv', path, body, { authorization })).status;
        return {
          list: await ask('GET', '/certificates'),
          secret: await ask('GET', '/secrets/present'),
          import: await ask('POST', '/certificates/by-identity/import', { value: pfx }),
          purge: await ask('DELETE', '/deletedcertificates/missing'),
        };
      };

      expect(await statuses(reader.clientId)).toEqual({
        list: 200,
        secret: 403,
        import: 403,
        purge: 403,
      });
      expect(await statuses(user.clientId)).toEqual({
        list: 200,
        secret: 200,
        import: 403,
        purge: 403,
      });
      expect(await statuses(officer.clientId)).toEqual({
        list: 200,
        secret: 403,
        import: 200,
        purge: 404,
      });
    });

    it('and names caller, action and resource when it does not', async () => {
      const { clientId, principalId } = await makeIdentity(under, 'kv-nobody');
      const authorization = await tokenFor(clientId, 'https://vault.azure.net');

      const answer = await askVault(under, 'GET', 'contoso-kv', '/secrets/present', undefined, {
        authorization,
      });

      expect(errorOf(answer)).toEqual([403, 'Forbidden', 'ForbiddenByRbac']);
      for (const part of [
        `appid=${clientId};oid=${principalId}`,
        "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
        `${vaultId.toLowerCase()}/secrets/present`,
        "DecisionReason: 'DeniedWithNoValidRBAC'",
        'Vault: contoso-kv;location=westeurope',
      ]) {
        expect(answer.at('error', 'message')).toContain(part);
      }
    });
  });

  it('lets identities in by access policy, for what the policy says', async () => {
    const { clientId, principalId } = await makeIdentity(under, 'policy-reader');
    await makeVault(under, 'policy-kv', {
      enableRbacAuthorization: false,
      accessPolicies: [
        {
          tenantId: '5eed0000-0000-4000-8000-00000000000a',
          objectId: principalId,
          permissions: { certificates: ['get'] },
        },
      ],
    });
    const { pfx } = await makeTestCertificate();
    await askVault(under, 'POST', 'policy-kv', '/certificates/present/import', { value: pfx });
    const authorization = await tokenFor(clientId, 'https://vault.azure.net');
    const ask = (path: string) =>
      askVault(under, 'GET', 'policy-kv', path, undefined, { authorization });

    expect((await ask('/certificates/present')).status).toBe(200);
    const list = await ask('/certificates');
    expect(errorOf(list)).toEqual([403, 'Forbidden', 'AccessDenied']);
    expect(list.at('error', 'message')).toContain('does not have certificates list permission');
    expect(errorOf(await ask('/secrets/present'))).toEqual([403, 'Forbidden', 'AccessDenied']);
  });

  it('counts this machine as inside the firewall, unless a setting says otherwise', async () => {
    const { clientId, principalId } = await makeIdentity(under, 'outside');
    const id = await makeVault(under, 'walled-kv', {
      networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' },
    });
    await assignRole(under, id, principalId, READER);
    const authorization = await tokenFor(clientId, 'https://vault.azure.net');
    const ask = () =>
      askVault(under, 'GET', 'walled-kv', '/certificates', undefined, { authorization });
    expect((await ask()).status).toBe(200);

    const stopAt = (vaults: boolean | readonly string[]) =>
      under.ask('PUT', '/_local/settings', { 'keyVault.firewallForCallers': vaults });
    await stopAt(['other-kv']);
    expect((await ask()).status).toBe(200);
    await stopAt(['walled-kv']);
    expect((await ask()).status).toBe(403);
    await stopAt(true);

    const refused = await ask();
    expect(errorOf(refused)).toEqual([403, 'Forbidden', 'ForbiddenByFirewall']);
    expect(refused.at('error', 'message')).toMatch(
      /^Client address is not authorized and caller is not a trusted service\.\r\nClient address: 127\.0\.0\.1\r\n[^]*Vault: walled-kv;location=westeurope$/,
    );
    await makeVault(under, 'walled-kv', {
      networkAcls: { defaultAction: 'Deny', bypass: 'None' },
    });
    expect((await ask()).at('error', 'message')).toMatch(
      /^Request was not allowed by NSP rules and .* ignored because bypass is set to None\r\n/,
    );
    await makeVault(under, 'walled-kv', { publicNetworkAccess: 'Disabled' });
    const closed = await ask();
    expect(errorOf(closed)).toEqual([403, 'Forbidden', 'ForbiddenByConnection']);
    expect(closed.at('error', 'message')).toMatch(
      /^Public network access is disabled and request is not from a trusted service nor via an approved private link\./,
    );
    await stopAt(false);
  });

  it('takes a weak key where it is older than the rule', async () => {
    const settings = (smallKeys: string) =>
      under.ask('PUT', '/_local/settings', { 'keyVault.smallKeys': smallKeys });
    await settings('accept');
    const body = { value: pkcs12Fixture('rsa-1024'), pwd: 'secret' };
    const taken = await askVault(under, 'POST', 'contoso-kv', '/certificates/weak/import', body);
    await settings('refuse');
    expect(taken.at('policy', 'key_props')).toMatchObject({ kty: 'RSA', key_size: 1024 });
  });

  it('forgets the certificates of a vault that was purged', async () => {
    const id = await makeVault(under, 'short-kv');
    const { pfx } = await makeTestCertificate();
    await askVault(under, 'POST', 'short-kv', '/certificates/old/import', { value: pfx });
    await under.ask('DELETE', `${id}?api-version=2023-07-01`);
    await under.ask(
      'POST',
      `/subscriptions/5eed0000-0000-4000-8000-000000000001/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/short-kv/purge?api-version=2023-07-01`,
    );
    await makeVault(under, 'short-kv');

    expect((await askVault(under, 'GET', 'short-kv', '/certificates/old')).status).toBe(404);
  });

  async function tokenFor(clientId: string, resource: string): Promise<string> {
    const answer = await askHost(
      under,
      'GET',
      `msi/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}&client_id=${clientId}`,
      undefined,
      { 'x-identity-header': under.azure.identityHeader },
    );
    return `Bearer ${String(answer.at('access_token'))}`;
  }
});

function manyTags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']));
}

function create(x509: Record<string, unknown>): Record<string, unknown> {
  return { policy: { issuer: { name: 'Self' }, x509_props: { subject: 'CN=a', ...x509 } } };
}
