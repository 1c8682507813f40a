import type { NamedValueContract } from '@azure/arm-apimanagement';
import {
  toBackendDocument,
  toCustomDomains,
  toNamedValueDocument,
} from '../../../shared/azure/usage/resource-documents.ts';
import { sealDocument, sealThumbprint } from '../../../shared/azure/usage/seal.ts';
import type { Mention, UseDocument } from '../../../shared/domain/certificate-use.ts';
import { THUMBPRINT } from '../../support/usage-sample.ts';

const ARM =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw';
const HEX_ID = 'b0b6f56b258b7a0d4f2b05470939478651151985';
const AT = '2026-11-27T00:00:00.000Z';

describe('a backend', () => {
  test('whose thumbprint stands alone can be repaired', () => {
    const { mentions } = toBackendDocument(
      { name: 'b', credentials: { certificate: [THUMBPRINT] } },
      '',
      AT,
    );
    expect(mentions).toEqual([
      {
        at: 'credentials.certificate[0]',
        naming: { kind: 'thumbprint', text: THUMBPRINT },
        repairable: true,
      },
    ]);
  });

  test('that has ids, too, cannot: its thumbprints are ignored, and an id in their place would not be', () => {
    const { mentions } = toBackendDocument(
      { name: 'b', credentials: { certificate: [THUMBPRINT], certificateIds: ['other'] } },
      '',
      AT,
    );
    expect(mentions.map(({ repairable }) => repairable)).toEqual([false, false]);
  });

  test('of a cluster names what it presents to it, and what it expects of it', () => {
    const { path, mentions } = toBackendDocument(
      {
        name: 'b',
        properties: {
          serviceFabricCluster: {
            managementEndpoints: [],
            clientCertificatethumbprint: THUMBPRINT,
            serverCertificateThumbprints: [THUMBPRINT, ''],
          },
        },
      },
      'workspaces/team/',
      AT,
    );
    expect(path).toBe('workspaces/team/backends/b');
    expect(mentions.map(({ at, repairable }) => [at, repairable])).toEqual([
      ['properties.serviceFabricCluster.clientCertificatethumbprint', true],
      ['properties.serviceFabricCluster.serverCertificateThumbprints[0]', false],
    ]);
  });
});

describe('of a named value', () => {
  const valueOf = (namedValue: NamedValueContract) =>
    toNamedValueDocument(
      { name: 'n', displayName: 'N', ...namedValue },
      new Set(['client', HEX_ID]),
      '',
      AT,
    ).namedValue?.value;

  test('a thumbprint is kept as a digest, since it may be a key to something', () => {
    const text = sealThumbprint(THUMBPRINT);
    expect(text).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(valueOf({ value: THUMBPRINT.toLowerCase() })).toEqual({ kind: 'known', text });
  });

  test('a thumbprint with something around it is told from one alone', () => {
    const value = { kind: 'known', text: sealThumbprint(THUMBPRINT), decorated: true };
    expect(valueOf({ value: ` ${THUMBPRINT} ` })).toEqual(value);
    expect(valueOf({ value: THUMBPRINT.replaceAll(/(..)(?=.)/g, '$1:') })).toEqual(value);
  });

  test.each([
    ['Resource Manager', `${ARM}/certificates/Other`, `${ARM}/certificates/Other`],
    [
      'Resource Manager, of a workspace',
      `${ARM}/workspaces/team/certificates/x`,
      `${ARM}/workspaces/team/certificates/x`,
    ],
    ['the end of such a one', '/certificates/client', 'client'],
    ['one that looks like a thumbprint', HEX_ID.toUpperCase(), HEX_ID.toUpperCase()],
  ])('the id of a certificate is kept, as %s writes it', (_, value, text) => {
    expect(valueOf({ value })).toEqual({ kind: 'known', text });
  });

  test('an address that only ends like an id is not', () => {
    expect(valueOf({ value: 'https://user:password@host/certificates/other' })).toEqual({
      kind: 'other',
    });
  });

  test('the id of a certificate is kept, whatever its case', () => {
    expect(valueOf({ value: 'Client' })).toEqual({ kind: 'known', text: 'Client' });
  });

  test('anything else is not', () => {
    expect(valueOf({ value: 'https://orders.contoso.com' })).toEqual({ kind: 'other' });
  });

  test('what is worked out later counts as not looked at', () => {
    expect(valueOf({ value: '@("cli" + "ent")' })).toEqual({ kind: 'hidden' });
    expect(valueOf({ value: '@{ return "client"; }' })).toEqual({ kind: 'hidden' });
    expect(valueOf({ value: '{{other}}' })).toEqual({ kind: 'hidden' });
  });

  test('a secret is not looked at, even if it is shown', () => {
    expect(valueOf({ secret: true, value: 'client' })).toEqual({ kind: 'hidden' });
  });

  test('what is read from Key Vault is not looked at, and its address is a mention', () => {
    const secretIdentifier = 'https://contoso-kv.vault.azure.net/secrets/c';
    const document = toNamedValueDocument(
      { name: 'n', displayName: 'N', keyVault: { secretIdentifier } },
      new Set(),
      '',
      AT,
    );
    expect(document.namedValue?.value).toEqual({ kind: 'hidden' });
    expect(document.mentions.map(({ naming }) => naming)).toEqual([
      { kind: 'key-vault', identifier: secretIdentifier },
    ]);
  });
});

test('custom domains without Key Vault are left out, and one name is one document', () => {
  const keyVaultId = 'https://contoso-kv.vault.azure.net/secrets/c';
  const documents = toCustomDomains(
    {
      location: 'westeurope',
      sku: { name: 'Premium', capacity: 1 },
      publisherEmail: 'a@contoso.com',
      publisherName: 'Contoso',
      hostnameConfigurations: [
        { type: 'Proxy', hostName: 'gw.azure-api.net' },
        { type: 'Proxy', hostName: 'api.contoso.com', keyVaultId },
        { type: 'Management', hostName: 'api.contoso.com', keyVaultId },
      ],
    },
    AT,
  );
  expect(documents).toHaveLength(1);
  expect(documents[0]).toMatchObject({
    path: 'hostnames/api.contoso.com',
    kind: 'custom-domain',
    mentions: [{ at: 'Proxy keyVaultId' }, { at: 'Management keyVaultId' }],
  });
});

describe('what is kept of a document', () => {
  const of = (...texts: readonly string[]): UseDocument => ({
    path: 'policies/policy',
    kind: 'policy',
    readAt: AT,
    mentions: texts.map((text): Mention => ({
      at: 'here',
      naming: { kind: 'thumbprint', text },
      repairable: true,
    })),
  });

  test.each<[sentence: string, text: string, kept: readonly Mention['naming'][]]>([
    ['a digest of a thumbprint', THUMBPRINT, [digest()]],
    ['the same digest however it is written', `\u200e${THUMBPRINT.toLowerCase()} `, [digest()]],
    ['nothing of what is no thumbprint', 'hunter2', []],
    ['a named value', '{{thumb}}', [{ kind: 'thumbprint', text: '{{thumb}}' }]],
    ['no digits beside one', `${THUMBPRINT}{{thumb}}`, [{ kind: 'expression' }]],
  ])('is %s', (_, text, kept) => {
    const sealed = sealDocument(of(text));
    expect(sealed.mentions.map(({ naming }) => naming)).toEqual(kept);
    expect(sealDocument(sealed)).toBe(sealed);
  });

  function digest(): Mention['naming'] {
    return { kind: 'thumbprint', text: sealThumbprint(THUMBPRINT) };
  }
});
