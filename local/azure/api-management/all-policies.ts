/**
 * `…/allPolicies`: which policies there are. Source: REST reference, All Policies 2024-05-01, and its
 * example. Names of the items are not documented; here they are made of the policy's id.
 */
import { createHash } from 'node:crypto';
import { toPage } from '../resource-manager/paging.ts';
import { ok, type ArmRoute } from '../resource-manager/route.ts';
import type { Place } from './entity-place.ts';
import type { EntityParts } from './entity-routes.ts';
import type { Entity } from './entity-store.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';

export function allPoliciesRoutes(
  place: Place,
  { world, entities, settings }: EntityParts,
): ArmRoute[] {
  return [
    {
      method: 'GET',
      path: `${place.path}/allPolicies`,
      versions: SERVICE_VERSIONS,
      handle(call) {
        const { id, key } = place.at(call);
        const workspaces = settings.allPoliciesIncludesWorkspaces() === 'yes';
        const resolvers = settings.allPoliciesIncludesResolvers() === 'yes';
        const all = workspaces
          ? world.store.list<Entity>('apim.policies', key).map(({ document }) => document)
          : entities.owned('apim.policies', key);
        const shown = all.filter(
          (one) => resolvers || !/\/resolvers\/[^/]+\/policies\//i.test(one.id),
        );
        return ok(
          toPage(
            call.request,
            shown.map((one) => {
              const name = createHash('sha1').update(one.id).digest('hex').slice(0, 24);
              return {
                id: `${id}/allpolicies/${name}`,
                type: `${place.type}/allpolicies`,
                name,
                properties: { referencePolicyId: one.id, complianceState: 'Compliant' },
              };
            }),
            100,
          ),
        );
      },
    },
  ];
}
