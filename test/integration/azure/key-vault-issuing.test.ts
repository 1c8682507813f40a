/** Certificates that the simulated Key Vault makes, through the real client, verification left on. */
import { createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import type { CertificateClient } from '@azure/keyvault-certificates';
import { makeCertificate } from '../../../local/azure/certificates/certificate.ts';
import { child, readAsn1 } from '../../../local/azure/certificates/der-read.ts';
import { NO_NAMES } from '../../../local/azure/certificates/extensions.ts';
import { makeKeyPair } from '../../../local/azure/certificates/key-pair.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import { until } from '../../support/azure/until.ts';
import { askVault, makeVault } from '../../support/azure/vault.ts';
import { importOne, poll, selfSigned } from '../../support/azure/vault-certificates.ts';

describe('the certificates client against the simulated Key Vault', () => {
  let under: AzureUnderTest;
  let client: CertificateClient;
  let name: string;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await makeVault(under, 'contoso-kv');
  });
  afterAll(() => under.stop());
  beforeEach(() => {
    client = under.clients.certificates('contoso-kv');
    name = `c-${randomUUID().slice(0, 8)}`;
  });

  it('makes a self-signed certificate with the names and the key that the policy asks for', async () => {
    const poller = await client.beginCreateCertificate(name, selfSigned, {
      ...poll,
      tags: { team: 'a' },
    });
    const made = await poller.pollUntilDone();

    const certificate = new X509Certificate(made.cer ?? new Uint8Array());
    expect(certificate.subjectAltName).toBe('DNS:self.contoso.com');
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(made.properties).toMatchObject({
      enabled: true,
      tags: { team: 'a' },
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
      x509ThumbprintString: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    });
    expect(made.policy).toMatchObject({ issuerName: 'Self', subject: selfSigned.subject });
    const operation = await client.getCertificateOperation(name);
    expect(operation.getOperationState().certificateOperation?.status).toBe('completed');
  });

  it('makes RSA keys of 2048 bits when the policy does not say', async () => {
    const poller = await client.beginCreateCertificate(
      name,
      { issuerName: 'Self', subject: 'CN=a' },
      poll,
    );
    const { cer, policy } = await poller.pollUntilDone();

    const { publicKey } = new X509Certificate(cer ?? new Uint8Array());
    expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(policy).toMatchObject({ keyType: 'RSA', keySize: 2048, validityInMonths: 12 });
  });

  it('waits for the merge of a certificate that somebody else signs', async () => {
    await client.beginCreateCertificate(name, { ...selfSigned, issuerName: 'Unknown' }, poll);
    const operation = await askVault(under, 'GET', 'contoso-kv', `/certificates/${name}/pending`);
    expect(operation.at('status')).toBe('inProgress');
    await expect(importOne(client, name)).rejects.toMatchObject({ statusCode: 409 });

    const stranger = await makeTestCertificate();
    await expect(client.mergeCertificate(name, [stranger.der])).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadParameter',
    });
    await client.deleteCertificateOperation(name);
    const gone = await askVault(under, 'GET', 'contoso-kv', `/certificates/${name}/pending`);
    expect([gone.status, gone.at('error', 'code')]).toEqual([404, 'PendingCertificateNotFound']);
  });

  it('merges a certificate for the key of its request', async () => {
    await client.beginCreateCertificate(name, { ...selfSigned, issuerName: 'Unknown' }, poll);
    const pending = await askVault(under, 'GET', 'contoso-kv', `/certificates/${name}/pending`);
    const der = await signRequest(String(pending.at('csr')));

    const merged = await client.mergeCertificate(name, [der]);

    expect(Buffer.from(merged.cer ?? [])).toEqual(der);
    const current = await client.getCertificate(name);
    expect(current.properties.version).toBe(merged.properties.version);
  });

  it('cancels an operation once', async () => {
    await client.beginCreateCertificate(name, { ...selfSigned, issuerName: 'Unknown' }, poll);
    const cancel = () =>
      askVault(under, 'PATCH', 'contoso-kv', `/certificates/${name}/pending`, {
        cancellation_requested: true,
      });

    const asked = await cancel();
    expect([asked.status, asked.at('status'), asked.at('cancellation_requested')]).toEqual([
      200,
      'inProgress',
      true,
    ]);
    const read = await askVault(under, 'GET', 'contoso-kv', `/certificates/${name}/pending`);
    expect(read.at('status')).toBe('cancelled');
    const again = await cancel();
    expect([again.status, again.at('error', 'message')]).toEqual([
      403,
      'Pending status must be in progress to allow update.',
    ]);
  });

  it('lists unfinished certificates when they are asked for', async () => {
    await client.beginCreateCertificate(name, { ...selfSigned, issuerName: 'Unknown' }, poll);
    const names = async (includePending: boolean) => {
      const found = [];
      for await (const item of client.listPropertiesOfCertificates({ includePending })) {
        found.push(item.name);
      }
      return found;
    };

    expect(await names(true)).toContain(name);
    expect(await names(false)).not.toContain(name);
  });

  it('keeps the key for a new version when the policy reuses it', async () => {
    const create = async () => {
      const policy = { ...selfSigned, reuseKey: true };
      const poller = await client.beginCreateCertificate(name, policy, poll);
      const { cer } = await poller.pollUntilDone();
      return new X509Certificate(cer ?? new Uint8Array());
    };

    const [first, second] = [await create(), await create()];

    expect(second.publicKey.equals(first.publicKey)).toBe(true);
    expect(second.fingerprint).not.toBe(first.fingerprint);
  });

  it('keeps everything over a restart, and finishes what was being made', async () => {
    const { made } = await importOne(client, name);
    await under.ask('PUT', '/_local/settings', { 'keyVault.selfIssueSeconds': 60 });
    const unfinished = `u-${name}`;
    await client.beginCreateCertificate(unfinished, selfSigned, poll);

    await under.restart();
    client = under.clients.certificates('contoso-kv');

    const kept = await client.getCertificate(name);
    expect(kept.properties.x509ThumbprintString?.toUpperCase()).toBe(made.thumbprint);
    const statusOf = async () => {
      const path = `/certificates/${unfinished}/pending`;
      return (await askVault(under, 'GET', 'contoso-kv', path)).at('status');
    };
    expect(await statusOf()).toBe('inProgress');
    await under.ask('POST', '/_local/clock', { advance: 61 });
    await until(async () => (await statusOf()) === 'completed');
    expect((await client.getCertificate(unfinished)).properties.enabled).toBe(true);
    await under.ask('PUT', '/_local/settings', { 'keyVault.selfIssueSeconds': 0 });
  });
});

/** Signs the key of a request as an authority would; what the authority writes is its own affair. */
async function signRequest(csr: string): Promise<Buffer> {
  const body = child(readAsn1(Buffer.from(csr, 'base64')), 0);
  const publicKey = createPublicKey({ key: child(body, 2).raw, format: 'der', type: 'spki' });
  const authority = await makeKeyPair({ kty: 'EC', curve: 'P-256' });
  const use = { names: NO_NAMES, usages: ['keyCertSign'], extendedUsages: [] };
  const dates = {
    notBefore: new Date(Date.now() - 1000),
    notAfter: new Date(Date.now() + 86_400_000),
  };
  const root = makeCertificate({ subject: 'CN=Authority', use, ...dates }, authority.privateKey);
  return makeCertificate({ subject: 'CN=signed', use, ...dates }, publicKey, {
    certificate: root,
    privateKey: authority.privateKey,
  });
}
