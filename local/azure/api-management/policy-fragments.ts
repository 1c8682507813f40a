/**
 * `…/policyFragments`: parts of policies that policies include.
 * Source: REST reference, Policy Fragment and Workspace Policy Fragment 2024-05-01.
 */
import { z } from 'zod';
import type { AzureResponse } from '../service.ts';
import type { ArmCall, ArmRoute } from '../resource-manager/route.ts';
import { usedFault } from './certificate-references.ts';
import { toCountedPage } from './entity-page.ts';
import type { Place, Spot } from './entity-place.ts';
import { entityFolder } from './entity-routes.ts';
import { ownerKey, type Entity } from './entity-store.ts';
import { readPolicyText, showPolicy, type PolicyParts } from './policies.ts';
import { readProperties } from './read-properties.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';
import { SERVICE_TYPE } from './service-store.ts';

const bodySchema = z.looseObject({ description: z.string().max(1000).nullish() });

export function policyFragmentRoutes(place: Place, parts: PolicyParts): readonly ArmRoute[] {
  const { entities } = parts;
  const users = ({ owner }: Spot, name: string): Entity[] =>
    (['apim.policies', 'apim.policyFragments'] as const)
      .flatMap((collection) => entities.owned(collection, ownerKey(owner)))
      .filter(({ uses }) => uses?.fragments.includes(name.toLowerCase()) === true);

  const folder = entityFolder(
    place,
    {
      collection: 'apim.policyFragments',
      segment: 'policyFragments',
      parameter: 'id',
      title: 'Policy fragment',
      filterFields: ['description', 'value'],
      later: ['PUT'],
      read(properties, { spot }) {
        const { description } = readProperties(properties, bodySchema);
        const draft = readPolicyText(properties, ['fragment'], spot, parts);
        return {
          ...draft,
          properties: {
            ...draft.properties,
            ...(description === undefined || description === null ? {} : { description }),
          },
        };
      },
      show: showPolicy,
      removing({ name }, { spot }) {
        const using = users(spot, name);
        if (using.length > 0) throw usedFault('Policy Fragment', name, spot.service, using);
      },
    },
    parts,
  );

  const listReferences = (call: ArmCall): AzureResponse => {
    const { entity, change } = folder.get(call);
    return toCountedPage(call.request, users(change.spot, entity.name), ({ id, name }) => ({
      id,
      type: typeOf(id),
      name,
    }));
  };
  return [
    ...folder.routes,
    {
      method: 'POST',
      path: `${folder.inside.path}/listReferences`,
      versions: SERVICE_VERSIONS,
      handle: listReferences,
    },
  ];
}

/** For example `Microsoft.ApiManagement/service/apis/policies`. */
function typeOf(id: string): string {
  const below = id.split('/').slice(9);
  return [SERVICE_TYPE, ...below.filter((_, index) => index % 2 === 0)].join('/');
}
