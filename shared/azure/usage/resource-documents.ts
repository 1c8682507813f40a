/** Resources that say in fields of their own which certificates they use, as documents. */
import type {
  ApiManagementServiceResource,
  BackendContract,
  GatewayCertificateAuthorityContract,
  GatewayHostnameConfigurationContract,
  NamedValueContract,
} from '@azure/arm-apimanagement';
import {
  toPlainThumbprint,
  type KnownNamedValue,
  type Mention,
  type Naming,
  type UseDocument,
} from '../../domain/certificate-use.ts';
import { readWrittenId } from '../../domain/use-scope.ts';
import { scanNamedValue } from '../../policies/scan-named-value.ts';
import { sealThumbprint } from './seal.ts';

/** Fields of a backend (REST reference "Backend"). */
export function toBackendDocument(
  backend: BackendContract,
  prefix: string,
  readAt: string,
): UseDocument {
  const { certificateIds = [], certificate = [] } = backend.credentials ?? {};
  const cluster = backend.properties?.serviceFabricCluster;
  // Beside ids, thumbprints are ignored (same page): to write an id in their place would change
  // which certificate is presented.
  const alone = certificateIds.length === 0;
  const clusterId = given(cluster?.clientCertificateId);
  const mentions: Mention[] = [
    ...certificateIds.map((id, at) => byId(`credentials.certificateIds[${at}]`, id)),
    ...certificate.map((thumbprint, at) =>
      byThumbprint(`credentials.certificate[${at}]`, thumbprint, alone),
    ),
    ...(clusterId === undefined
      ? []
      : [byId('properties.serviceFabricCluster.clientCertificateId', clusterId)]),
    ...[given(cluster?.clientCertificatethumbprint)]
      .filter((thumbprint) => thumbprint !== undefined)
      .map((thumbprint) =>
        byThumbprint(
          'properties.serviceFabricCluster.clientCertificatethumbprint',
          thumbprint,
          clusterId === undefined,
        ),
      ),
    // What the cluster itself presents. There is no field for an id.
    ...(cluster?.serverCertificateThumbprints ?? []).map((thumbprint, at) =>
      byThumbprint(
        `properties.serviceFabricCluster.serverCertificateThumbprints[${at}]`,
        thumbprint,
        false,
      ),
    ),
  ];
  return {
    path: `${prefix}backends/${backend.name ?? ''}`,
    kind: 'backend',
    readAt,
    mentions: mentions.filter(({ naming }) => !('text' in naming) || naming.text !== ''),
  };
}

/**
 * A named value, without its value unless that names a certificate and nothing else.
 * @param certificateIds of the certificates that can be meant, lower case
 */
export function toNamedValueDocument(
  namedValue: NamedValueContract,
  certificateIds: ReadonlySet<string>,
  prefix: string,
  readAt: string,
): UseDocument {
  const identifier = given(namedValue.keyVault?.secretIdentifier);
  const hidden = namedValue.secret === true || namedValue.keyVault != null;
  const value = hidden ? undefined : (namedValue.value ?? undefined);
  return {
    path: `${prefix}namedValues/${namedValue.name ?? ''}`,
    kind: 'named-value',
    readAt,
    mentions: [
      ...(identifier === undefined
        ? []
        : [mention('keyVault.secretIdentifier', { kind: 'key-vault', identifier })]),
      ...(value === undefined ? [] : scanNamedValue(value)),
    ],
    namedValue: {
      displayName: namedValue.displayName ?? namedValue.name ?? '',
      value: toKnown(value, certificateIds),
    },
  };
}

/** What is known of a value; undefined = it was not shown. */
function toKnown(
  value: string | undefined,
  certificateIds: ReadonlySet<string>,
): KnownNamedValue['value'] {
  if (value === undefined) return { kind: 'hidden' };
  const text = value.trim();
  const plain = toPlainThumbprint(text);
  const decorated =
    plain !== undefined && value.toUpperCase() !== plain ? { decorated: true as const } : {};
  const { id, scope } = readWrittenId(text);
  if (scope !== undefined) return { kind: 'known', text };
  if (certificateIds.has(id.toLowerCase())) return { kind: 'known', text: id, ...decorated };
  if (plain !== undefined) return { kind: 'known', text: sealThumbprint(plain), ...decorated };
  // Where a value has parts that are put in or worked out later, nobody knows what comes of it.
  return /^@[({]|\{\{/.test(text) ? { kind: 'hidden' } : { kind: 'other' };
}

/** Custom domains that read Key Vault by themselves. They are no resources, so the path is made up. */
export function toCustomDomains(
  service: ApiManagementServiceResource,
  readAt: string,
): UseDocument[] {
  const mentions = new Map<string, Mention[]>();
  for (const { hostName, keyVaultId, type } of service.hostnameConfigurations ?? []) {
    const identifier = given(keyVaultId);
    if (identifier === undefined) continue;
    const path = `hostnames/${hostName}`;
    const own = mentions.get(path) ?? [];
    own.push(mention(`${type} keyVaultId`, { kind: 'key-vault', identifier }));
    mentions.set(path, own);
  }
  return [...mentions].map(([path, own]) => ({
    path,
    kind: 'custom-domain',
    readAt,
    mentions: own,
  }));
}

/** @param gateway id of the self-hosted gateway */
export function toGatewayHostname(
  { name = '', certificateId }: GatewayHostnameConfigurationContract,
  gateway: string,
  readAt: string,
): UseDocument {
  const id = given(certificateId);
  return {
    path: `gateways/${gateway}/hostnameConfigurations/${name}`,
    kind: 'gateway-hostname',
    readAt,
    mentions: id === undefined ? [] : [byId('certificateId', id)],
  };
}

/** A certificate authority of a gateway has the id of the certificate for its own. */
export function toGatewayAuthority(
  { name = '' }: GatewayCertificateAuthorityContract,
  gateway: string,
  readAt: string,
): UseDocument {
  return {
    path: `gateways/${gateway}/certificateAuthorities/${name}`,
    kind: 'gateway-ca',
    readAt,
    mentions: [byId('its name', name)],
  };
}

function mention(at: string, naming: Naming, repairable = false): Mention {
  return { at, naming, repairable };
}

function byId(at: string, text: string): Mention {
  return mention(at, { kind: 'id', text });
}

function byThumbprint(at: string, text: string, repairable: boolean): Mention {
  return mention(at, { kind: 'thumbprint', text }, repairable);
}

/** Resource Manager writes what is not there as nothing, `null` or an empty text. */
function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}
