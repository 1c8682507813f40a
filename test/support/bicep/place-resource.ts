import { ResourceHandle, ScopeHandle } from './handles.ts';
import { isLate, type Value, type ValueRecord } from './late.ts';
import { toId } from './scope-functions.ts';
import type { ResourceStatement } from './syntax.ts';

export interface Placed {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly apiVersion: string;
  readonly scope: ScopeHandle;
}

/**
 * Where a resource goes, by its name, its parent and its scope.
 * Thrown when one of them is not known at the start, or is not allowed there: Error.
 */
export function placeResource(
  { name: symbol, type: ownType, apiVersion: ownVersion, isExisting }: ResourceStatement,
  body: ValueRecord,
  deploymentScope: ScopeHandle,
  nestedIn?: ResourceHandle,
): Placed {
  const { name, scope = deploymentScope } = body;
  if (typeof name !== 'string' || isLate(name)) {
    throw new Error(`the name of ${symbol} must be known at the start`);
  }
  const parent = nestedIn ?? body['parent'];
  const type = nestedIn === undefined ? ownType : `${nestedIn.type}/${ownType}`;
  const apiVersion = ownVersion ?? nestedIn?.apiVersion;
  if (apiVersion === undefined) throw new Error(`${symbol} has no API version`);

  if (parent !== undefined) {
    if (!(parent instanceof ResourceHandle))
      throw new Error(`the parent of ${symbol} is no resource`);
    const last = type.slice(type.lastIndexOf('/') + 1);
    if (type.slice(0, -last.length - 1).toLowerCase() !== parent.type.toLowerCase()) {
      throw new Error(`${symbol} is a ${type}, which no ${parent.type} holds`);
    }
    return { id: `${parent.id}/${last}/${name}`, name, type, apiVersion, scope: parent.scope };
  }

  const names = name.split('/');
  if (scope instanceof ResourceHandle) {
    return { id: toId(scope.id, type, names), name, type, apiVersion, scope: scope.scope };
  }
  if (!(scope instanceof ScopeHandle)) throw new Error(`the scope of ${symbol} is none`);
  if (!isExisting && scope.id !== deploymentScope.id) {
    throw new Error(`${symbol} goes elsewhere: only a module may do that`);
  }
  return { id: toId(scope.id, type, names), name, type, apiVersion, scope };
}

/**
 * Where a module goes; a resource group that the file itself makes is a scope, too.
 * Thrown when it is none: Error.
 */
export function moduleScope(scope: Value): ScopeHandle {
  if (scope instanceof ScopeHandle) return scope;
  if (scope instanceof ResourceHandle && scope.type === 'Microsoft.Resources/resourceGroups') {
    const { tenantId, subscriptionId } = scope.scope;
    const { location } = scope.body;
    return new ScopeHandle({
      ...{ tenantId, subscriptionId, resourceGroup: scope.name },
      location: typeof location === 'string' ? location : undefined,
    });
  }
  throw new Error('a module goes to a scope');
}
