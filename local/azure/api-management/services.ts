/**
 * `Microsoft.ApiManagement/service`: create, change, read, delete; changes are long-running.
 * Source: REST reference, Api Management Service 2024-05-01 and its examples. The soft delete of
 * services is not modelled: a deleted name is free at once.
 */
import { GROUP, listRoutes } from '../resource-manager/list-routes.ts';
import { AzureFault, type AzureResponse, type VaultReader, type World } from '../service.ts';
import type { LongRunning } from '../resource-manager/long-running.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import { resourceNotFound } from '../resource-manager/not-found.ts';
import type { Principals } from '../resource-manager/principals.ts';
import { findResourceGroup } from '../resource-manager/resource-groups.ts';
import { isAtOrAbove } from '../resource-manager/resource-id.ts';
import { noContent, ok, readBody, type ArmCall, type ArmRoute } from '../resource-manager/route.ts';
import { nextVersion } from './entity-tag.ts';
import { invalidParameter, serviceLocked } from './faults.ts';
import { builtInHostname, refreshHostnames, toHostnames } from './hostnames.ts';
import { applyIdentity, noIdentity, type RequestedIdentity } from './service-identity.ts';
import {
  patchSchema,
  putSchema,
  SERVICE_VERSIONS,
  toCaCertificates,
  toKeptProperties,
  toSku,
  type RequestedProperties,
} from './service-properties.ts';
import {
  SERVICE_TYPE,
  type Pending,
  type Service,
  type Services,
  type ServiceState,
} from './service-store.ts';
import { serviceToWire } from './service-wire.ts';

const PROVIDER = `/providers/${SERVICE_TYPE}`;
/** Where one service is. */
export const SERVICE_PATH = `${GROUP}${PROVIDER}/{serviceName}`;
const NAME = /^[a-zA-Z](?:[a-zA-Z0-9-]{0,48}[a-zA-Z0-9])?$/;

export interface ServiceParts {
  readonly world: World;
  readonly services: Services;
  readonly principals: Principals;
  readonly longRunning: LongRunning;
  readonly settings: ArmSettings;
  readonly vaultReader: VaultReader;
}

/** The service that a call addresses. Thrown when there is none: 404 `ResourceNotFound`. */
export function getService(services: Services, call: ArmCall): ServiceState {
  const state = services.findById(idOf(call));
  if (state !== undefined) return state;
  throw resourceNotFound(SERVICE_TYPE, call.param('serviceName'), call.param('resourceGroupName'));
}

export function serviceRoutes(parts: ServiceParts): ArmRoute[] {
  const { world, services, principals, longRunning, settings } = parts;
  const { clock, store, tenantId } = world;
  const toWire = (state: ServiceState): Record<string, unknown> => serviceToWire(state, tenantId);

  /** Starts a change, or makes it at once when operations take no time. */
  const begin = (
    call: ArmCall,
    kind: Pending['kind'],
    current: Service,
    next: Service,
    quickStatus: number,
    slowStatus: number,
  ): AzureResponse => {
    const seconds = settings.operationSeconds();
    if (seconds === 0) {
      if (kind === 'delete') {
        services.remove(current);
        return { status: 200 };
      }
      services.save(next);
      return { status: quickStatus, body: toWire({ service: next, pending: undefined }) };
    }
    const operation = longRunning.start(`${current.id}/operationresults`, seconds);
    const pending: Pending = { kind, operation, next };
    services.begin(current, pending);
    return {
      status: slowStatus,
      headers: longRunning.headers(operation, call.apiVersion),
      ...(kind === 'delete' ? {} : { body: toWire({ service: current, pending }) }),
    };
  };

  const put = async (call: ArmCall): Promise<AzureResponse> => {
    const name = call.param('serviceName');
    if (!NAME.test(name)) {
      throw invalidParameter(
        `the service name '${name}' has 1 to 50 letters, digits and hyphens, begins with a letter and ends with a letter or digit.`,
      );
    }
    const body = readBody(call, putSchema);
    const { publisherEmail, publisherName } = body.properties;
    if (publisherEmail === undefined || publisherName === undefined) {
      throw invalidParameter('publisherEmail and publisherName are required.');
    }
    const existing = services.findById(idOf(call));
    if (existing === undefined && services.find(name) !== undefined) {
      throw new AzureFault(409, 'ServiceAlreadyExists', `Api service already exists: ${name}`);
    }
    const current = existing === undefined ? blank(call, body.location) : unlocked(existing);
    const sku = toSku(body.sku);
    requireAssignable(call, current, body.identity);
    const identity = applyIdentity(
      current.identity,
      body.identity ?? { type: 'None' },
      false,
      { ...current, readyAt: readyAt() },
      store,
      principals,
    );
    const next: Service = {
      ...current,
      tags: body.tags,
      sku,
      zones: body.zones,
      identity,
      hostnames: await toHostnames(
        { name, identity },
        body.properties.hostnameConfigurations ?? [],
        parts,
      ),
      caCertificates: await toCaCertificates(body.properties.certificates ?? [], sku.name),
      properties: toKeptProperties(body.properties),
      ...stamp(),
    };
    return existing === undefined
      ? begin(call, 'create', next, next, 201, 201)
      : begin(call, 'update', current, next, 200, 202);
  };

  const patch = async (call: ArmCall): Promise<AzureResponse> => {
    const current = unlocked(getService(services, call));
    const body = readBody(call, patchSchema);
    const given: RequestedProperties = body.properties ?? {};
    const sku = body.sku === undefined ? current.sku : toSku({ ...current.sku, ...body.sku });
    requireAssignable(call, current, body.identity);
    const identity = body.identity
      ? applyIdentity(
          current.identity,
          body.identity,
          true,
          { ...current, readyAt: readyAt() },
          store,
          principals,
        )
      : current.identity;
    const reading = { name: current.name, identity };
    const next: Service = {
      ...current,
      tags: body.tags ?? current.tags,
      sku,
      zones: body.zones ?? current.zones,
      identity,
      // A service update reads Key Vault references again; there is no refresh call for hostnames.
      hostnames: given.hostnameConfigurations
        ? await toHostnames(reading, given.hostnameConfigurations, parts)
        : await refreshHostnames(reading, current.hostnames, parts),
      caCertificates: given.certificates
        ? await toCaCertificates(given.certificates, sku.name)
        : current.caCertificates,
      properties: { ...current.properties, ...toKeptProperties(given) },
      ...stamp(),
    };
    return begin(call, 'update', current, next, 200, 202);
  };

  const remove = (call: ArmCall): AzureResponse => {
    const state = services.findById(idOf(call));
    if (state === undefined) return { status: 204 };
    const current = unlocked(state);
    return begin(call, 'delete', current, current, 200, 202);
  };

  const stamp = (): Pick<Service, 'version' | 'modifiedAt' | 'shown'> => ({
    version: nextVersion(store),
    modifiedAt: clock.now().toISOString(),
    shown: undefined,
  });
  const readyAt = (): string =>
    new Date(clock.now().getTime() + settings.operationSeconds() * 1000).toISOString();

  const blank = (call: ArmCall, location: string): Service => {
    const name = call.param('serviceName');
    const group = findResourceGroup(
      store,
      call.param('subscriptionId'),
      call.param('resourceGroupName'),
    );
    return {
      id: `${group?.id ?? ''}${PROVIDER}/${name}`,
      name,
      location: toDisplayLocation(location),
      tags: {},
      sku: { name: 'Developer', capacity: 1 },
      identity: noIdentity,
      hostnames: [builtInHostname(name)],
      caCertificates: [],
      properties: {},
      createdAt: clock.now().toISOString(),
      ...stamp(),
    };
  };

  const operationResult = (call: ArmCall): AzureResponse =>
    longRunning.answer(call, call.param('operationId'), () => {
      const state = services.findById(idOf(call));
      return state === undefined ? noContent : ok(toWire(state));
    });

  const versions = SERVICE_VERSIONS;
  const path = SERVICE_PATH;
  return [
    ...listRoutes(SERVICE_TYPE, versions, {
      below: (scope) => services.list().filter(({ service }) => isAtOrAbove(scope, service.id)),
      idOf: ({ service }) => service.id,
      toWire,
    }),
    { method: 'GET', path, versions, handle: (call) => ok(toWire(getService(services, call))) },
    { method: 'PUT', path, versions, handle: put },
    { method: 'PATCH', path, versions, handle: patch },
    { method: 'DELETE', path, versions, handle: remove },
    {
      method: 'GET',
      path: `${path}/operationresults/{operationId}`,
      versions,
      handle: operationResult,
    },
  ];
}

function idOf(call: ArmCall): string {
  return `/subscriptions/${call.param('subscriptionId')}/resourceGroups/${call.param('resourceGroupName')}${PROVIDER}/${call.param('serviceName')}`;
}

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';

/**
 * Whoever gives a service a user-assigned identity must be allowed to assign that identity.
 * Source of the code and the words: aad-pod-identity#613 and later quotes of "action(s)".
 */
function requireAssignable(
  call: ArmCall,
  service: Pick<Service, 'id'>,
  requested: RequestedIdentity | null | undefined,
): void {
  const named = Object.entries(requested?.userAssignedIdentities ?? {}).flatMap(([id, value]) =>
    value === null ? [] : [id],
  );
  const refused = named.filter((id) => !call.may(ASSIGN, id));
  if (refused.length === 0) return;
  const { principal } = call.request;
  const caller = principal?.kind === 'identity' ? principal : undefined;
  throw new AzureFault(
    403,
    'LinkedAuthorizationFailed',
    `The client '${caller?.clientId ?? ''}' with object id '${caller?.objectId ?? ''}' has permission to perform action '${SERVICE_TYPE}/write' on scope '${service.id}'; however, it does not have permission to perform action(s) '${ASSIGN}' on the linked scope(s) '${refused.join(',')}' (respectively) or the linked scope(s) are invalid.`,
  );
}

function unlocked({ service, pending }: ServiceState): Service {
  if (pending !== undefined) throw serviceLocked(service.name);
  return service;
}

/** API Management answers locations as people write them, e.g. `West Europe`. */
function toDisplayLocation(location: string): string {
  return DISPLAY_LOCATIONS[location.replaceAll(' ', '').toLowerCase()] ?? location;
}

const DISPLAY_LOCATIONS: Readonly<Record<string, string>> = {
  westeurope: 'West Europe',
  northeurope: 'North Europe',
  germanywestcentral: 'Germany West Central',
  swedencentral: 'Sweden Central',
  uksouth: 'UK South',
  eastus: 'East US',
  eastus2: 'East US 2',
  westus: 'West US',
  westus2: 'West US 2',
  centralus: 'Central US',
};
