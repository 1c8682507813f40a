/** What is found of certificates themselves: how they end, what they are, who uses them. */
import { X509Certificate } from 'node:crypto';
import { keepDetails } from '../../../../shared/azure/audit/kept-details.ts';
import { readPublicSide } from '../../../../shared/certificates/read-public-side.ts';
import { makeTestCertificate } from '../../azure/make-pfx.ts';
import { openOpenssl, type Openssl } from '../../openssl/openssl.ts';
import {
  exportPkcs12,
  issue,
  LEAF,
  makeAuthorities,
  makeKey,
  RSA_KEY,
} from '../../openssl/upload-files.ts';
import {
  attachAndUse,
  attachAs,
  importFor,
  importPfx,
  patch,
  put,
  upload,
  useBy,
  type FleetRow,
} from './row.ts';

export const CERTIFICATE_ROWS: readonly FleetRow[] = [
  { where: 'all is in order', build: (w) => attachAndUse(w), finds: () => [] },
  {
    where: 'certificates end one after another, and nothing renews them',
    build: async (w) => {
      await importFor(w, 'very-soon', 5);
      await importFor(w, 'soon', 12);
      await importFor(w, 'later', 25);
      await importFor(w, 'near', 50);
      // Over when the audit comes.
      await importFor(w, 'over', 0.3);
      await attachAndUse(w, ['very-soon', 'soon', 'later', 'near', 'over']);
    },
    finds: ({ source }) => [
      `EXPIRES_VERY_SOON ${source('very-soon')}`,
      `EXPIRES_SOON ${source('soon')}`,
      `EXPIRES_LATER ${source('later')}`,
      `NO_AUTO_RENEWAL ${source('near')}`,
      `EXPIRED ${source('over')}`,
    ],
  },
  {
    where: 'a certificate was uploaded without a vault',
    build: async (w) => {
      await upload(w, 'by-hand');
      await useBy(w, [{ id: 'by-hand' }]);
    },
    finds: ({ client }) => [`UPLOADED_NOT_ROTATING ${client('by-hand')}`],
  },
  {
    where: 'nothing uses a certificate',
    build: (w) => w.attach(),
    finds: ({ client }) => [`USED_BY_NOTHING ${client()}`],
  },
  {
    where: 'nobody has looked at what uses them',
    build: (w) => attachAndUse(w),
    usageUnread: true,
    finds: ({ service }) => [`USAGE_UNKNOWN ${service}`],
  },
  {
    where: 'a policy refers to one by its thumbprint',
    build: async (w) => {
      await w.attach();
      const held = await w.ask('GET', `${w.serviceId}/certificates/c?api-version=2024-05-01`);
      const { properties } = held as { readonly properties: { readonly thumbprint: string } };
      await useBy(w, [{ thumbprint: properties.thumbprint }]);
    },
    finds: ({ client }) => [`REFERENCED_BY_THUMBPRINT ${client()}`],
  },
  {
    where: 'one certificate is there under two ids',
    build: async (w) => {
      await attachAs(w, 'c', 'c');
      await attachAs(w, 'twin', 'c');
      await useBy(w, [{ id: 'c' }, { id: 'twin' }]);
    },
    finds: ({ service }) => [`SEVERAL_IDS ${service}`],
  },
  {
    where: 'one key is that of two subjects, another serves as client and as server',
    build: async (w) => {
      const openssl = openOpenssl();
      try {
        makeKey(openssl, 'first', RSA_KEY);
        openssl.write('second.key', openssl.read('first.key'));
        for (const name of ['first', 'second']) await importPfx(w, name, selfSigned(openssl, name));
      } finally {
        openssl.close();
      }
      await attachAndUse(w, ['c', 'first', 'second']);
      await patch(w, {
        hostnameConfigurations: [
          {
            ...{ type: 'Proxy', hostName: 'api.contoso.com', defaultSslBinding: true },
            keyVaultId: `https://${w.vault}.vault.azure.net/secrets/c`,
          },
        ],
      });
    },
    finds: ({ source }) => [`KEY_REUSED ${source('c')}`, `KEY_REUSED ${source('first')}`],
  },
  {
    where: 'a certificate is signed with SHA-1',
    build: async (w) => {
      const openssl = openOpenssl();
      try {
        makeKey(openssl, 'old', RSA_KEY);
        await importPfx(w, 'old', selfSigned(openssl, 'old', ['-sha1']));
      } finally {
        openssl.close();
      }
      await attachAndUse(w, ['old']);
    },
    finds: ({ source }) => [`WEAK_SIGNATURE ${source('old')}`],
  },
  {
    where: 'a key is too weak',
    build: (w) => attachAndUse(w),
    // A vault takes no such key any more; what was imported long ago is kept as it was read.
    then: async (w, { table, ledger }) => {
      const { der } = await makeTestCertificate('CN=weak', { kty: 'RSA', keySize: 1_024 });
      const { looks, ...side } = readPublicSide(der);
      const [held] = (await ledger.ofSource({ vault: w.vault, name: 'c' })).bindings;
      const thumbprint = held?.targetThumbprint ?? '';
      await keepDetails(
        table,
        w.vault,
        new Map([
          [
            'c',
            {
              ...{ thumbprint, version: await w.currentVersion() },
              createdAt: await w.currentCreation(),
              details: { looks: { ...looks, thumbprint }, ...side, renewal: 'auto' },
            },
          ],
        ]),
      );
    },
    finds: ({ source }) => [`WEAK_KEY ${source()}`],
  },
  {
    where: 'an issuer is known neither to the file nor to the service',
    build: async (w) => {
      const openssl = openOpenssl();
      try {
        makeAuthorities(openssl);
        await importPfx(w, 'issued', exportPkcs12(openssl, 'rsa', '', []).toString('base64'));
      } finally {
        openssl.close();
      }
      await attachAndUse(w, ['issued']);
    },
    // As it is noted where somebody uploads the certificate without its chain.
    then: async (w, { chains, ledger }) => {
      const source = { vault: w.vault, name: 'issued' };
      const [held] = (await ledger.ofSource(source)).bindings;
      await chains.note(source, held?.targetThumbprint ?? '', 'incomplete');
    },
    finds: ({ source, service }) => [
      `CHAIN_BROKEN ${source('issued')}`,
      `ISSUER_NOT_IN_CA_STORE ${service}`,
    ],
  },
  {
    where: 'a service has nearly as many CA certificates as it can hold',
    build: async (w) => {
      await attachAndUse(w);
      await patch(w, { certificates: await authorities(8) });
    },
    finds: ({ service }) => [`NEAR_LIMIT ${service}`],
  },
  {
    where: 'a service holds CA certificates that its tier does not consult',
    build: async (w) => {
      await attachAndUse(w);
      await patch(w, { certificates: await authorities(1) });
      await w.ask('PUT', `/_local/services/${w.service}`, { sku: 'StandardV2' });
    },
    finds: ({ service }) => [`CA_WITHOUT_EFFECT ${service}`],
  },
  {
    where: 'what a self-hosted gateway uses is in order',
    build: async (w) => {
      await attachAndUse(w);
      await put(w, 'gateways/shop', { locationData: { name: 'Shop' } });
      await put(w, 'gateways/shop/hostnameConfigurations/shop', {
        ...{ hostname: 'shop.contoso.com', certificateId: `${w.serviceId}/certificates/c` },
      });
    },
    finds: () => [],
  },
];

/** PKCS#12, base64, of a key that is there. */
function selfSigned(openssl: Openssl, name: string, more: readonly string[] = []): string {
  issue(openssl, name, undefined, LEAF, more);
  openssl.write('chain.pem', openssl.read(`${name}.crt`));
  return exportPkcs12(openssl, name, '', []).toString('base64');
}

async function authorities(count: number): Promise<readonly object[]> {
  const made = Array.from({ length: count }, async (_, at) => {
    const { der } = await makeTestCertificate(`CN=Root ${String(at)}`);
    // What is no certificate would be refused here, and not by the service.
    return {
      storeName: 'Root',
      encodedCertificate: new X509Certificate(der).raw.toString('base64'),
    };
  });
  return await Promise.all(made);
}
