/** Resource groups. Source: REST reference, Resource Groups 2021-04-01 and later. */
import { z } from 'zod';
import { AzureFault, type Store, type World } from '../service.ts';
import { toPage } from './paging.ts';
import { created, noContent, ok, readBody, type ArmCall, type ArmRoute } from './route.ts';
import { RESOURCES_VERSIONS } from './subscriptions.ts';

interface ResourceGroup {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const COLLECTION = 'arm.resourceGroups';
const FOLDER = '/subscriptions/{subscriptionId}/resourceGroups';
const bodySchema = z.object({
  location: z.string().min(1),
  tags: z.record(z.string(), z.string()).optional(),
});

export function hasResourceGroup(store: Store, subscriptionId: string, name: string): boolean {
  return findResourceGroup(store, subscriptionId, name) !== undefined;
}

/** The group with its name as it was written when it was made: ids are answered in that form. */
export function findResourceGroup(
  store: Store,
  subscriptionId: string,
  name: string,
): ResourceGroup | undefined {
  return store.get(COLLECTION, keyOf(subscriptionId, name));
}

export function resourceGroupRoutes({ store }: World): ArmRoute[] {
  const find = (call: ArmCall): ResourceGroup | undefined =>
    findResourceGroup(store, call.param('subscriptionId'), call.param('resourceGroupName'));
  const get = (call: ArmCall): ResourceGroup => {
    const group = find(call);
    if (group !== undefined) return group;
    throw new AzureFault(
      404,
      'ResourceGroupNotFound',
      `Resource group '${call.param('resourceGroupName')}' could not be found.`,
    );
  };
  const path = `${FOLDER}/{resourceGroupName}`;
  const versions = RESOURCES_VERSIONS;
  return [
    {
      method: 'GET',
      path: FOLDER,
      versions,
      access: 'filtered',
      handle(call) {
        const all = store
          .list<ResourceGroup>(COLLECTION, `${call.param('subscriptionId').toLowerCase()}/`)
          .map(({ document }) => document);
        const seen = call.readable(
          all,
          ({ id }) => id,
          'Microsoft.Resources/subscriptions/resourceGroups',
        );
        return ok(toPage(call.request, seen.map(toWire), 100));
      },
    },
    { method: 'GET', path, versions, handle: (call) => ok(toWire(get(call))) },
    {
      method: 'HEAD',
      path,
      versions,
      handle: (call) => (find(call) === undefined ? { status: 404 } : noContent),
    },
    {
      method: 'PUT',
      path,
      versions,
      handle(call) {
        const name = call.param('resourceGroupName');
        if (!/^[-\w.()]{1,90}$/.test(name) || name.endsWith('.')) {
          throw new AzureFault(
            400,
            'InvalidResourceGroup',
            `The provided resource group name '${name}' has these invalid characters or a wrong length. The name can only be a letter, digit, '-', '.', '(', ')' or '_' and must not end with a period.`,
          );
        }
        const body = readBody(call, bodySchema);
        const existing = find(call);
        const location = toLocation(body.location);
        if (existing !== undefined && existing.location !== location) {
          throw new AzureFault(
            409,
            'InvalidResourceGroupLocation',
            `Invalid resource group location '${location}'. The Resource group already exists in location '${existing.location}'.`,
          );
        }
        const subscriptionId = call.param('subscriptionId').toLowerCase();
        const group: ResourceGroup = {
          id: existing?.id ?? `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
          name: existing?.name ?? name,
          location,
          tags: body.tags,
        };
        store.put(COLLECTION, keyOf(subscriptionId, name), group);
        return existing === undefined ? created(toWire(group)) : ok(toWire(group));
      },
    },
  ];
}

/** A location's name as Resource Manager answers it: `West Europe` is `westeurope`. */
export function toLocation(text: string): string {
  return text.replaceAll(' ', '').toLowerCase();
}

function toWire(group: ResourceGroup): Record<string, unknown> {
  return {
    ...group,
    type: 'Microsoft.Resources/resourceGroups',
    properties: { provisioningState: 'Succeeded' },
  };
}

function keyOf(subscriptionId: string, name: string): string {
  return `${subscriptionId}/${name}`.toLowerCase();
}
