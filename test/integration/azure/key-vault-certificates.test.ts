/** The real certificates client against the simulated Key Vault, verification left on. */
import { randomUUID, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateClient } from '@azure/keyvault-certificates';
import { makeCertificate } from '../../../local/azure/certificates/certificate.ts';
import { NO_NAMES } from '../../../local/azure/certificates/extensions.ts';
import { makeKeyPair } from '../../../local/azure/certificates/key-pair.ts';
import { openPem } from '../../../local/azure/certificates/pem.ts';
import { openPkcs12 } from '../../../local/azure/certificates/pkcs12-open.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import { askVault, makeVault, pkcs12Fixture } from '../../support/azure/vault.ts';
import { importOne, poll, selfSigned } from '../../support/azure/vault-certificates.ts';

describe('the certificates client against the simulated Key Vault', () => {
  let under: AzureUnderTest;
  let client: CertificateClient;
  let name: string;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await makeVault(under, 'contoso-kv');
    await makeVault(under, 'other-kv', { softDeleteRetentionInDays: 7 });
  });
  afterAll(() => under.stop());
  beforeEach(() => {
    client = under.clients.certificates('contoso-kv');
    name = `c-${randomUUID().slice(0, 8)}`;
  });

  it('gives every import a version of its own, and reads the newest without one', async () => {
    const first = await importOne(client, name, { tags: { team: 'a' } });
    const second = await importOne(client, name);

    const current = await client.getCertificate(name);
    expect(current.properties.x509ThumbprintString?.toUpperCase()).toBe(second.made.thumbprint);
    expect(current.properties.tags).toEqual({});
    const old = await client.getCertificateVersion(name, first.imported.properties.version ?? '');
    expect(old.properties.tags).toEqual({ team: 'a' });
    const versions = [];
    for await (const version of client.listPropertiesOfCertificateVersions(name)) {
      versions.push(version.version);
    }
    expect(versions.sort()).toEqual(
      [first.imported.properties.version, second.imported.properties.version].sort(),
    );
  });

  it('lists in pages of what was asked, following its own next links', async () => {
    client = under.clients.certificates('other-kv');
    const { pfx } = await makeTestCertificate();
    for (let number = 0; number < 28; number += 1) {
      await client.importCertificate(`page-${number}`, Buffer.from(pfx, 'base64'), {
        tags: { number: String(number) },
      });
    }

    const pages = [];
    for await (const page of client.listPropertiesOfCertificates().byPage()) pages.push(page);
    expect(pages.map(({ length }) => length)).toEqual([25, 3]);
    const all = pages.flat();
    expect(new Set(all.map((item) => item.name)).size).toBe(28);
    expect(all.every((item) => item.version === undefined || item.version === '')).toBe(true);
    expect(all.every(({ tags }) => tags?.['number'] !== undefined)).toBe(true);

    const small = await askVault(under, 'GET', 'other-kv', '/certificates?maxresults=2');
    expect(small.at('value', 'length')).toBe(2);
    expect(small.at('nextLink')).toMatch(/^https:\/\/other-kv\.vault\.azure\.net\/certificates\?/);
  });

  it('changes tags, attributes and policy without a new version', async () => {
    const { imported } = await importOne(client, name, { tags: { a: '1' } });
    const version = imported.properties.version ?? '';

    const changed = await client.updateCertificateProperties(name, version, {
      enabled: false,
      tags: { b: '2' },
    });
    expect(changed.properties).toMatchObject({ enabled: false, tags: { b: '2' }, version });
    await client.updateCertificatePolicy(name, { ...selfSigned, reuseKey: true });
    expect(await client.getCertificatePolicy(name)).toMatchObject({
      issuerName: 'Self',
      reuseKey: true,
    });
    expect((await client.getCertificate(name)).properties.version).toBe(version);
  });

  it('answers the PFX behind a certificate as a secret with an empty password', async () => {
    const { made, imported } = await importOne(client, name);

    const secret = await askVault(under, 'GET', 'contoso-kv', `/secrets/${name}`);

    expect(secret.body).toMatchObject({
      contentType: 'application/x-pkcs12',
      managed: true,
      id: imported.secretId,
      kid: imported.keyId,
    });
    const { keys, certificates } = await openPkcs12(
      Buffer.from(String(secret.at('value')), 'base64'),
      '',
    );
    expect(certificates).toEqual([made.der]);
    const [key] = keys;
    if (key === undefined) throw new Error('no key');
    expect(new X509Certificate(made.der).checkPrivateKey(key)).toBe(true);
  });

  it('leaves the private key out of the secret when the policy forbids its export', async () => {
    const { pfx, der } = await makeTestCertificate();
    await askVault(under, 'POST', 'contoso-kv', `/certificates/${name}/import`, {
      value: pfx,
      policy: { key_props: { exportable: false } },
    });

    const secret = await askVault(under, 'GET', 'contoso-kv', `/secrets/${name}`);

    const opened = await openPkcs12(Buffer.from(String(secret.at('value')), 'base64'), '');
    expect(opened).toEqual({ keys: [], certificates: [der] });
  });

  it('takes and gives PEM when the content type says so', async () => {
    const { privateKey } = await makeKeyPair({ kty: 'EC', curve: 'P-384' });
    const der = makeCertificate(
      {
        subject: 'CN=pem',
        use: { names: NO_NAMES, usages: [], extendedUsages: [] },
        notBefore: new Date(Date.now() - 1000),
        notAfter: new Date(Date.now() + 86_400_000),
      },
      privateKey,
    );
    const pem = `${String(privateKey.export({ type: 'pkcs8', format: 'pem' }))}${new X509Certificate(der).toString()}`;

    const imported = await client.importCertificate(name, Buffer.from(pem), {
      policy: { contentType: 'application/x-pem-file' },
      // The client drops `policy` on the wire; this is the property it does send.
      ...{ certificatePolicy: { secretProperties: { contentType: 'application/x-pem-file' } } },
    });

    expect(imported.policy?.contentType).toBe('application/x-pem-file');
    const secret = await askVault(under, 'GET', 'contoso-kv', `/secrets/${name}`);
    const { keys, certificates } = openPem(String(secret.at('value')));
    expect(certificates).toEqual([der]);
    expect(keys[0]?.equals(privateKey)).toBe(true);
  });

  it('puts the certificate of the key first, whatever the order in the file', async () => {
    const answer = await askVault(under, 'POST', 'contoso-kv', `/certificates/${name}/import`, {
      value: pkcs12Fixture('ec-chain'),
      pwd: 'secret',
    });

    expect(answer.at('policy', 'x509_props', 'subject')).toBe('CN=leaf.contoso.com');
    const secret = await askVault(under, 'GET', 'contoso-kv', `/secrets/${name}`);
    const { certificates } = await openPkcs12(
      Buffer.from(String(secret.at('value')), 'base64'),
      '',
    );
    expect(certificates).toHaveLength(2);
  });

  it('goes through deletion, recovery, deletion and purge', async () => {
    await importOne(client, name);
    const deleted = await (await client.beginDeleteCertificate(name, poll)).pollUntilDone();
    expect(deleted.scheduledPurgeDate?.getTime()).toBe(
      (deleted.deletedOn?.getTime() ?? 0) + 90 * 86_400_000,
    );
    await expect(client.getCertificate(name)).rejects.toMatchObject({
      statusCode: 404,
      code: 'CertificateNotFound',
    });
    await expect(importOne(client, name)).rejects.toMatchObject({
      statusCode: 409,
      code: 'Conflict',
    });
    const listed = [];
    for await (const item of client.listDeletedCertificates()) listed.push(item.name);
    expect(listed).toContain(name);

    await (await client.beginRecoverDeletedCertificate(name, poll)).pollUntilDone();
    expect((await client.getCertificate(name)).name).toBe(name);

    await (await client.beginDeleteCertificate(name, poll)).pollUntilDone();
    await client.purgeDeletedCertificate(name);
    await expect(client.getDeletedCertificate(name)).rejects.toMatchObject({ statusCode: 404 });
    const { imported } = await importOne(client, name);
    expect(imported.name).toBe(name);
  });

  it('purges by itself when the retention is over', async () => {
    client = under.clients.certificates('other-kv');
    await importOne(client, name);
    await (await client.beginDeleteCertificate(name, poll)).pollUntilDone();

    await under.ask('POST', '/_local/clock', { advance: 7 * 86_400 + 1 });

    await expect(client.getDeletedCertificate(name)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('refuses to purge under purge protection', async () => {
    await makeVault(under, 'locked-kv', { enablePurgeProtection: true });
    client = under.clients.certificates('locked-kv');
    const { imported } = await importOne(client, name);
    expect(imported.properties.recoveryLevel).toBe('Recoverable');
    await (await client.beginDeleteCertificate(name, poll)).pollUntilDone();

    await expect(client.purgeDeletedCertificate(name)).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
    });
  });

  it('leaves no key material in the state folder', async () => {
    const { made } = await importOne(client, name);
    const { keys } = await openPkcs12(Buffer.from(made.pfx, 'base64'), '');
    const [key] = keys;
    if (key === undefined) throw new Error('no key');
    const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
    const secret = String(key.export({ format: 'jwk' })['d']);
    const scalar = Buffer.from(secret, 'base64url');

    const files = readdirSync(under.stateDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

    expect(files.length).toBeGreaterThan(0);
    for (const bytes of files) {
      expect(bytes.includes(scalar)).toBe(false);
      expect(bytes.includes(secret)).toBe(false);
      expect(bytes.includes(scalar.toString('base64'))).toBe(false);
      expect(bytes.includes(pkcs8.toString('base64').slice(60, 120))).toBe(false);
    }
  });

  it.each([
    ['rsa-modern', 'secret'],
    ['rsa-legacy-rc2', 'secret'],
    ['ec-modern', 'secret'],
    ['ec-legacy', ''],
  ])('imports what the openssl command line writes: %s', async (file, password) => {
    const imported = await client.importCertificate(
      name,
      Buffer.from(pkcs12Fixture(file), 'base64'),
      { password },
    );

    const certificate = new X509Certificate(imported.cer ?? new Uint8Array());
    expect(imported.properties.x509ThumbprintString).toBe(
      certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    );
    expect(imported.properties.expiresOn).toEqual(new Date(certificate.validTo));
  });
});
