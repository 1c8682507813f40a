/**
 * Subscriptions: listed and read in Resource Manager, made at the control address, because Azure
 * makes them through billing. Source: REST reference, Subscriptions 2022-12-01.
 */
import { z } from 'zod';
import { type ControlRoute, type Store, type World } from '../service.ts';
import { ok, readDocument, type ArmRoute } from './route.ts';
import { toPage } from './paging.ts';

/** What Resource Manager's own types answer to: it accepts every published version. */
export const RESOURCES_VERSIONS = [
  '2015-11-01',
  '2016-06-01',
  '2018-05-01',
  '2019-06-01',
  '2019-10-01',
  '2020-01-01',
  '2020-06-01',
  '2021-01-01',
  '2021-04-01',
  '2022-09-01',
  '2022-12-01',
  '2023-07-01',
  '2024-03-01',
  '2024-07-01',
  '2024-11-01',
  '2025-03-01',
  '2025-04-01',
];

interface Subscription {
  readonly subscriptionId: string;
  readonly displayName: string;
  /** Ids of the management groups above it, in lower case, the nearest first. */
  readonly managementGroups?: readonly string[];
}

const COLLECTION = 'arm.subscriptions';
const bodySchema = z.strictObject({
  displayName: z.string().min(1).max(64).optional(),
  managementGroups: z.array(z.string().regex(/^[\w().-]{1,90}$/)).optional(),
});

/** Whether there are any: whatever is made is in one, so that they come first. */
export function hasSubscriptions(store: Store): boolean {
  return store.list(COLLECTION).length > 0;
}

export function hasSubscription(store: Store, subscriptionId: string): boolean {
  return store.get(COLLECTION, subscriptionId.toLowerCase()) !== undefined;
}

/** The management groups above a subscription, in lower case. */
export function managementGroupsOf(store: Store, subscriptionId: string): readonly string[] {
  return store.get<Subscription>(COLLECTION, subscriptionId.toLowerCase())?.managementGroups ?? [];
}

export function subscriptionRoutes({ store, tenantId }: World): ArmRoute[] {
  const toWire = ({ subscriptionId, displayName }: Subscription) => ({
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName,
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
    authorizationSource: 'RoleBased',
    managedByTenants: [],
  });
  return [
    {
      method: 'GET',
      path: '/subscriptions',
      versions: RESOURCES_VERSIONS,
      access: 'filtered',
      handle(call) {
        const all = store.list<Subscription>(COLLECTION).map(({ document }) => toWire(document));
        const seen = call.readable(all, ({ id }) => id, 'Microsoft.Resources/subscriptions');
        return ok(toPage(call.request, seen, 100));
      },
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}',
      versions: RESOURCES_VERSIONS,
      handle(call) {
        const found = store.get<Subscription>(
          COLLECTION,
          call.param('subscriptionId').toLowerCase(),
        );
        // The router has made sure that the subscription exists.
        return ok(found === undefined ? undefined : toWire(found));
      },
    },
  ];
}

export function subscriptionControl({ store }: World): ControlRoute[] {
  return [
    {
      method: 'PUT',
      path: '/subscriptions/{subscriptionId}',
      summary:
        'makes a subscription, or changes it: {"displayName"?, "managementGroups"?: ids of those above it}',
      handle(request, { subscriptionId = '' }) {
        const id = readDocument(subscriptionId.toLowerCase(), z.guid());
        const body = readDocument(request.body.length === 0 ? {} : request.json(), bodySchema);
        const existing = store.get<Subscription>(COLLECTION, id);
        const above = body.managementGroups?.map((group) => group.toLowerCase());
        const subscription: Subscription = {
          subscriptionId: id,
          displayName: body.displayName ?? existing?.displayName ?? 'Simulated subscription',
          managementGroups: above ?? existing?.managementGroups ?? [],
        };
        store.put(COLLECTION, id, subscription);
        return { status: existing === undefined ? 201 : 200, body: subscription };
      },
    },
  ];
}
