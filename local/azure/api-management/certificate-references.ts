/**
 * How entities refer to certificates by id, and what the service says of one that is not there.
 * An id is a resource id, or a path from the service on, or the bare name (all three are seen; which of
 * them a real service takes where is not documented).
 */
import { AzureFault } from '../service.ts';
import type { Certificate, CertificateOwner, Certificates } from './certificate-store.ts';
import type { Spot } from './entity-place.ts';
import { ownerKey, type Entities, type Entity, type EntityCollection } from './entity-store.ts';
import { validationFault } from './faults.ts';

/** The name at the end of a reference; lower case. */
export function certificateName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1).toLowerCase();
}

/**
 * Thrown when the certificate is not in the service, or in the workspace: 400 `ValidationError`.
 * Source: Azure/apiops#749, for `credentials` of a backend; assumed alike for gateways.
 */
export function requireCertificate(
  certificates: Certificates,
  owner: CertificateOwner,
  reference: string,
  target: string,
): Certificate {
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  const found = certificates.find(owner, name);
  if (found === undefined)
    throw validationFault(target, `Certificate with id '${name}' not found.`);
  return found;
}

/** The certificate of an owner that has a thumbprint, as people write thumbprints. */
export function certificateByThumbprint(
  certificates: Certificates,
  owner: CertificateOwner,
  thumbprint: string,
): Certificate | undefined {
  const wanted = thumbprint.replaceAll(/[^\da-f]/gi, '').toUpperCase();
  if (wanted === '') return undefined;
  return certificates.list(owner).find((one) => one.certificate?.thumbprint === wanted);
}

/** The words with which a service refuses a thumbprint. Source: azure-docs#71385. */
export function thumbprintRefusal({ name, certificate, keyVault }: Certificate): string {
  return (
    `The Certificate with id '${name}' and thumbprint '${certificate?.thumbprint ?? ''}' is ` +
    `configured with KeyVault secret '${keyVault?.secretIdentifier ?? ''}' and cannot be ` +
    `referenced by thumbprint. Please reference it with certificate-id '${name}' in the policy.`
  );
}

const USERS: readonly EntityCollection[] = [
  'apim.policies',
  'apim.policyFragments',
  'apim.backends',
  'apim.gatewayHostnames',
  'apim.gatewayAuthorities',
];

/** The entities of a service, or of a workspace, that refer to a certificate by its id. */
export function usersOfCertificate(
  entities: Entities,
  owner: CertificateOwner,
  name: string,
): Entity[] {
  const wanted = name.toLowerCase();
  return USERS.flatMap((collection) => entities.owned(collection, ownerKey(owner))).filter(
    ({ uses }) => uses?.certificates.includes(wanted) === true,
  );
}

/**
 * Something that others refer to stays. Source: Azure/apiops-cli#261, for policy fragments; assumed
 * alike for certificates, of which no report was found.
 */
export function usedFault(
  what: string,
  name: string,
  service: Spot['service'],
  users: readonly Entity[],
): AzureFault {
  const paths = users.map(({ id }) => `${id.slice(service.id.length)}\r\n`).join('');
  return new AzureFault(
    400,
    'ValidationError',
    `The ${what} '${name}' is used by the following entities:\r\n${paths}`,
  );
}
