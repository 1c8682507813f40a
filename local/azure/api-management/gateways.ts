/**
 * `…/gateways`: self-hosted gateways, with the host names they serve and the certificate authorities
 * they trust. Source: REST reference, Gateway, Gateway Hostname Configuration and Gateway Certificate
 * Authority 2024-05-01. Keys, tokens and the gateways' APIs are not simulated.
 */
import { z } from 'zod';
import type { ArmRoute } from '../resource-manager/route.ts';
import { certificateName, requireCertificate } from './certificate-references.ts';
import type { Place } from './entity-place.ts';
import { entityFolder } from './entity-routes.ts';
import type { PolicyParts } from './policies.ts';
import { readProperties } from './read-properties.ts';

const gatewaySchema = z.looseObject({
  locationData: z.looseObject({ name: z.string().min(1).max(256) }).nullish(),
  description: z.string().max(1000).nullish(),
});
const hostnameSchema = z.looseObject({
  hostname: z.string().min(1),
  certificateId: z.string().nullish(),
});
const authoritySchema = z.looseObject({ isTrusted: z.boolean().optional() });

export function gatewayRoutes(service: Place, parts: PolicyParts): readonly ArmRoute[] {
  const { certificates } = parts;
  const gateways = entityFolder(
    service,
    {
      collection: 'apim.gateways',
      segment: 'gateways',
      parameter: 'gatewayId',
      title: 'Gateway',
      filterFields: ['description'],
      patch: true,
      read: (given) => ({ properties: readProperties(given, gatewaySchema) }),
    },
    parts,
  );
  const hostnames = entityFolder(
    gateways.inside,
    {
      collection: 'apim.gatewayHostnames',
      segment: 'hostnameConfigurations',
      parameter: 'hcId',
      title: 'Hostname configuration',
      filterFields: ['hostname'],
      read(given, { spot }) {
        const properties = readProperties(given, hostnameSchema);
        const { certificateId } = properties;
        if (certificateId) {
          requireCertificate(certificates, spot.owner, certificateId, 'certificateId');
        }
        return {
          properties,
          uses: {
            certificates: certificateId ? [certificateName(certificateId)] : [],
            fragments: [],
          },
        };
      },
    },
    parts,
  );
  const authorities = entityFolder(
    gateways.inside,
    {
      collection: 'apim.gatewayAuthorities',
      segment: 'certificateAuthorities',
      parameter: 'certificateId',
      title: 'Certificate authority',
      filterFields: ['isTrusted'],
      read(given, { spot, name }) {
        requireCertificate(certificates, spot.owner, name, 'certificateId');
        return {
          properties: readProperties(given, authoritySchema),
          uses: { certificates: [certificateName(name)], fragments: [] },
        };
      },
    },
    parts,
  );
  return [...gateways.routes, ...hostnames.routes, ...authorities.routes];
}
