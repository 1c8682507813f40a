/**
 * Resource ids as Resource Manager reads them: case-insensitive, made of scopes that contain each
 * other. Source: "Understand scope for Azure RBAC" and the resource id syntax in the template
 * function reference (`resourceId`).
 */

/** The form in which two ids are compared: lower case, one leading slash, no trailing slash. */
export function toKey(id: string): string {
  return `/${id
    .split('/')
    .filter((segment) => segment !== '')
    .join('/')
    .toLowerCase()}`;
}

/** True when both name the same resource. */
export function isSameId(left: string, right: string): boolean {
  return toKey(left) === toKey(right);
}

/** True when `scope` is the resource itself or contains it; `/` contains everything. */
export function isAtOrAbove(scope: string, id: string): boolean {
  const outer = toKey(scope);
  const inner = toKey(id);
  return outer === '/' || outer === inner || inner.startsWith(`${outer}/`);
}

/** What a request path addresses. */
export interface AddressedResource {
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** Namespace of the innermost provider, as written, e.g. `Microsoft.KeyVault`. */
  readonly namespace: string | undefined;
  /** Type segments of the innermost provider, e.g. `['vaults', 'accessPolicies']`. */
  readonly types: readonly string[];
  /** What stands before the innermost `/providers/`, starting with `/`. */
  readonly scope: string;
  /** False for a collection (`…/vaults`) or an action (`…/certificates/x/refreshSecret`). */
  readonly named: boolean;
}

/**
 * Reads a path by Resource Manager's grammar:
 * `/subscriptions/{s}/resourceGroups/{rg}/providers/{namespace}/{type}/{name}/…`, where a further
 * `/providers/` starts an extension resource.
 */
export function readPath(segments: readonly string[]): AddressedResource {
  let at = 0;
  const next = (literal: string): string | undefined => {
    if (segments[at]?.toLowerCase() !== literal) return undefined;
    const value = segments[at + 1];
    if (value === undefined) return undefined;
    at += 2;
    return value;
  };
  const subscriptionId = next('subscriptions');
  const resourceGroup = subscriptionId === undefined ? undefined : next('resourcegroups');

  let namespace: string | undefined;
  let types: string[] = [];
  let scopeEnd = at;
  let named = true;
  while (at < segments.length) {
    const start = at;
    const provider = next('providers');
    if (provider === undefined) break;
    namespace = provider;
    types = [];
    named = true;
    scopeEnd = start;
    while (at < segments.length && segments[at]?.toLowerCase() !== 'providers') {
      types.push(segments[at] ?? '');
      named = at + 1 < segments.length;
      at += 2;
    }
  }
  if (namespace === undefined && at < segments.length) {
    types = segments.slice(at).filter((_, index) => index % 2 === 0);
    named = (segments.length - at) % 2 === 0;
  }
  return {
    subscriptionId,
    resourceGroup,
    namespace,
    types,
    scope: `/${segments.slice(0, scopeEnd).join('/')}`,
    named,
  };
}

/** `/subscriptions/{s}/resourceGroups/{rg}` of a resource inside a group. */
export function groupOf(id: string): { subscriptionId: string; resourceGroup: string } | undefined {
  const { subscriptionId, resourceGroup } = readPath(id.split('/').filter((part) => part !== ''));
  if (subscriptionId === undefined || resourceGroup === undefined) return undefined;
  return { subscriptionId, resourceGroup };
}
