/**
 * Management groups as scopes: which of them a subscription is in. Their own resource type is not
 * simulated; a subscription's place is set at the control address.
 * Source: "Understand scope for Azure RBAC"; "What are Azure management groups?".
 */
import type { Store } from '../service.ts';
import { isAtOrAbove, readPath, toKey } from './resource-id.ts';
import { managementGroupsOf } from './subscriptions.ts';

const MANAGEMENT_GROUP = /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)$/;

/** Whether `scope` is the resource itself or contains it. */
export type Contains = (scope: string, id: string) => boolean;

/** Like `isAtOrAbove`, with the management groups above a subscription. */
export function makeContains(store: Store): Contains {
  return (scope, id) => {
    if (isAtOrAbove(scope, id)) return true;
    const group = MANAGEMENT_GROUP.exec(toKey(scope))?.[1];
    if (group === undefined) return false;
    const { subscriptionId } = readPath(id.split('/').filter((part) => part !== ''));
    return (
      subscriptionId !== undefined && managementGroupsOf(store, subscriptionId).includes(group)
    );
  };
}
