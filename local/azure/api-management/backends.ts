/**
 * `…/backends`: what a service, or a workspace, calls. Only kept and listed: nothing is called.
 * Source: REST reference, Backend and Workspace Backend 2024-05-01.
 */
import { z } from 'zod';
import type { ArmRoute } from '../resource-manager/route.ts';
import {
  certificateByThumbprint,
  certificateName,
  requireCertificate,
  thumbprintRefusal,
} from './certificate-references.ts';
import type { Place, Spot } from './entity-place.ts';
import { entityFolder, type Draft } from './entity-routes.ts';
import { validationFault } from './faults.ts';
import type { PolicyParts } from './policies.ts';
import { readProperties } from './read-properties.ts';

const bodySchema = z.looseObject({
  url: z.string().min(1).max(2000).optional(),
  protocol: z.enum(['http', 'soap']).optional(),
  type: z.enum(['Single', 'Pool']).optional(),
  credentials: z
    .looseObject({
      certificateIds: z.array(z.string()).max(32).nullish(),
      certificate: z.array(z.string()).max(32).nullish(),
    })
    .nullish(),
  properties: z
    .looseObject({
      serviceFabricCluster: z
        .looseObject({
          clientCertificateId: z.string().nullish(),
          // The lower-case t is the specification's.
          clientCertificatethumbprint: z.string().nullish(),
          managementEndpoints: z.array(z.string()),
          serverCertificateThumbprints: z.array(z.string()).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

export function backendRoutes(place: Place, parts: PolicyParts): readonly ArmRoute[] {
  return entityFolder(
    place,
    {
      collection: 'apim.backends',
      segment: 'backends',
      parameter: 'backendId',
      title: 'Backend',
      filterFields: ['title', 'url'],
      patch: true,
      read: (given, { spot }) => readBackend(given, spot, parts),
    },
    parts,
  ).routes;
}

function readBackend(given: unknown, { owner }: Spot, parts: PolicyParts): Draft {
  const { certificates, settings } = parts;
  const properties = readProperties(given, bodySchema);
  for (const name of ['url', 'protocol'] as const) {
    if (properties.type !== 'Pool' && properties[name] === undefined) {
      throw validationFault(name, `'${name}' is required.`);
    }
  }
  const cluster = properties.properties?.serviceFabricCluster;
  const ids = [
    ...(properties.credentials?.certificateIds ?? []).map((id) => [id, 'credentials'] as const),
    ...(cluster?.clientCertificateId
      ? [[cluster.clientCertificateId, 'properties.serviceFabricCluster'] as const]
      : []),
  ];
  for (const [id, target] of ids) requireCertificate(certificates, owner, id, target);
  // Whether a thumbprint has to be that of a certificate is not documented: any is taken (assumed).
  const thumbprints = [
    ...(properties.credentials?.certificate ?? []),
    ...(cluster?.clientCertificatethumbprint ? [cluster.clientCertificatethumbprint] : []),
  ];
  for (const thumbprint of thumbprints) {
    const found = certificateByThumbprint(certificates, owner, thumbprint);
    const refused = settings.thumbprintOfKeyVaultCertificate() === 'refuse';
    if (refused && found?.keyVault !== undefined) {
      throw validationFault('credentials', thumbprintRefusal(found));
    }
  }
  return {
    properties,
    uses: { certificates: ids.map(([id]) => certificateName(id)), fragments: [] },
  };
}
