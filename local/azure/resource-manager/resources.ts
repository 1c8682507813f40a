/**
 * The generic list of resources at a subscription or group, by type.
 * Source: REST reference, Resources - List 2021-04-01 (`$filter`, `$top`).
 */
import type { ResourceLister } from './resource-lister.ts';
import { matchesFilter, parseFilter, unsupportedFilter } from './odata-filter.ts';
import { toPage } from './paging.ts';
import { groupOf, isAtOrAbove } from './resource-id.ts';
import { ok, type ArmCall, type ArmRoute } from './route.ts';
import { RESOURCES_VERSIONS } from './subscriptions.ts';

export function resourceRoutes(listers: readonly ResourceLister[]): ArmRoute[] {
  const list = (scope: (call: ArmCall) => string) => (call: ArmCall) => {
    const text = call.request.query('$filter');
    const filter = text === undefined || text === '' ? undefined : parseFilter(text);
    const found = listers.flatMap((lister) => {
      const { type } = lister;
      const here = lister
        .list()
        .filter(({ id }) => isAtOrAbove(scope(call), id))
        .map(({ id, name, location, tags }) => ({ id, name, type, location, tags }))
        .filter(
          (resource) =>
            filter === undefined ||
            matchesFilter(filter, {
              field(name) {
                switch (name.toLowerCase()) {
                  case 'resourcetype':
                    return type;
                  case 'name':
                    return resource.name;
                  case 'location':
                    return resource.location;
                  case 'resourcegroup':
                    return groupOf(resource.id)?.resourceGroup;
                  default:
                    throw unsupportedFilter(name);
                }
              },
            }),
        );
      return call.readable(here, ({ id }) => id, type);
    });
    return ok(toPage(call.request, found, 1000));
  };
  const subscription = '/subscriptions/{subscriptionId}';
  const group = `${subscription}/resourceGroups/{resourceGroupName}`;
  const versions = RESOURCES_VERSIONS;
  return [
    {
      method: 'GET',
      path: `${subscription}/resources`,
      versions,
      access: 'filtered',
      handle: list((call) => `/subscriptions/${call.param('subscriptionId')}`),
    },
    {
      method: 'GET',
      path: `${group}/resources`,
      versions,
      access: 'filtered',
      handle: list(
        (call) =>
          `/subscriptions/${call.param('subscriptionId')}/resourceGroups/${call.param('resourceGroupName')}`,
      ),
    },
  ];
}
