import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from './functions.ts';
import { ScopeHandle } from './handles.ts';
import { settle, type Value } from './late.ts';

/** The end points of the public cloud that templates ask `environment()` for. */
const PUBLIC_CLOUD = {
  name: 'AzureCloud',
  authentication: {
    loginEndpoint: 'https://login.microsoftonline.com/',
    audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
    tenant: 'common',
  },
  resourceManager: 'https://management.azure.com/',
  graph: 'https://graph.windows.net/',
  suffixes: { storage: 'core.windows.net', keyvaultDns: '.vault.azure.net' },
};

const NAMES = new Set([
  ...['resourceGroup', 'subscription', 'tenant', 'environment', 'resourceId'],
  ...['subscriptionResourceId', 'tenantResourceId', 'extensionResourceId'],
  ...['loadTextContent', 'loadJsonContent', 'readEnvironmentVariable'],
]);

/** Answers the functions that depend on where a file is deployed; undefined when it is another. */
export function scopeFunction(
  name: string,
  args: readonly Value[],
  at: {
    readonly scope: ScopeHandle;
    readonly file: string;
    readonly environment: Readonly<Record<string, string>>;
  },
): Value | undefined {
  if (!NAMES.has(name)) return undefined;
  const { scope } = at;
  const { tenantId } = scope;
  const texts = args.map((arg) => (arg instanceof ScopeHandle ? '' : text(settle(arg))));
  switch (name) {
    case 'resourceGroup': {
      if (args.length === 0) return requireKind(scope, 'resourceGroup');
      const [resourceGroup = '', subscriptionId = scope.subscriptionId] = texts.toReversed();
      return new ScopeHandle({ tenantId, subscriptionId, resourceGroup });
    }
    case 'subscription':
      if (scope.kind === 'tenant' && args.length === 0) throw new Error('no subscription here');
      return new ScopeHandle({ tenantId, subscriptionId: texts[0] ?? scope.subscriptionId });
    case 'tenant':
      return new ScopeHandle({ tenantId });
    case 'environment':
      return PUBLIC_CLOUD;
    case 'resourceId':
      return resourceId(texts, requireKind(scope, 'resourceGroup'));
    case 'subscriptionResourceId': {
      const [first = ''] = texts;
      const isOwn = first.includes('/');
      const subscriptionId = isOwn ? scope.subscriptionId : first;
      const [type = '', ...names] = isOwn ? texts : texts.slice(1);
      return toId(`/subscriptions/${subscriptionId}`, type, names);
    }
    case 'tenantResourceId': {
      const [type = '', ...names] = texts;
      return toId('', type, names);
    }
    case 'extensionResourceId': {
      const [of = '', type = '', ...names] = texts;
      return toId(of, type, names);
    }
    case 'loadTextContent':
      return readFileSync(join(dirname(at.file), texts[0] ?? ''), 'utf8');
    case 'loadJsonContent':
      // JSON is a part of what a value may be.
      return JSON.parse(readFileSync(join(dirname(at.file), texts[0] ?? ''), 'utf8')) as Value;
    case 'readEnvironmentVariable': {
      const [variable = '', standard] = texts;
      const value = at.environment[variable] ?? standard;
      if (value === undefined) throw new Error(`the environment has no ${variable}`);
      return value;
    }
    default:
      return undefined;
  }
}

/** `{scope}/providers/{namespace}/{type}/{name}/{type}/{name}…`. */
export function toId(scopeId: string, type: string, names: readonly string[]): string {
  const [namespace = '', ...kinds] = type.split('/');
  if (kinds.length !== names.length) {
    throw new Error(`${type} wants ${String(kinds.length)} names, not ${String(names.length)}`);
  }
  // A resource group has an id of its own form.
  if (type.toLowerCase() === 'microsoft.resources/resourcegroups') {
    return `${scopeId}/resourceGroups/${names.join('')}`;
  }
  const path = kinds.flatMap((kind, at) => [kind, names[at] ?? '']).join('/');
  return `${scopeId}/providers/${namespace}/${path}`;
}

function resourceId(texts: readonly string[], scope: ScopeHandle): string {
  const at = texts.findIndex((part) => part.includes('/'));
  const [type = '', ...names] = texts.slice(at);
  const [group = scope.resourceGroup, subscription = scope.subscriptionId] = texts
    .slice(0, at)
    .toReversed();
  return toId(`/subscriptions/${subscription}/resourceGroups/${group}`, type, names);
}

function requireKind(scope: ScopeHandle, kind: ScopeHandle['kind']): ScopeHandle {
  if (scope.kind !== kind) throw new Error(`a file for a ${scope.kind} has no ${kind} of its own`);
  return scope;
}
