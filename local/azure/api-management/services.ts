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
import { replaceCaCertificates } from './ca-certificates.ts';
import { concurrencyConflict, invalidParameter, serviceLocked } from './faults.ts';
import { builtInHostname, toHostnames } from './hostnames.ts';
import type { NextUpdates } from './next-update.ts';
import { applyIdentity, noIdentity, type RequestedIdentity } from './service-identity.ts';
import { patchService, readyAt, stamp } from './service-patch.ts';
import {
  patchSchema,
  putSchema,
  SERVICE_VERSIONS,
  toKeptProperties,
  toSku,
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
  readonly nextUpdates: NextUpdates;
}

/** How a change ends, where it does not end as it was asked for. */
interface Outcome {
  readonly end?: Service;
  readonly failure?: { readonly code: string; readonly message: string } | undefined;
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
    [quickStatus, slowStatus]: readonly [number, number],
    outcome: Outcome = {},
  ): AzureResponse => {
    const { end = next, failure } = outcome;
    const seconds = settings.operationSeconds();
    if (seconds === 0 && failure === undefined) {
      if (kind === 'delete') {
        services.remove(current);
        return { status: 200 };
      }
      services.save(end);
      return { status: quickStatus, body: toWire({ service: next, pending: undefined }) };
    }
    const operation = longRunning.start(`${current.id}/operationresults`, seconds, failure);
    const pending: Pending = { kind, operation, next, ...(end === next ? {} : { end }) };
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
      { ...current, readyAt: readyAt(parts) },
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
      caCertificates: await replaceCaCertificates(
        current.caCertificates,
        body.properties.certificates ?? [],
        sku.name,
        settings,
      ),
      properties: toKeptProperties(body.properties),
      ...stamp(world),
    };
    if (existing === undefined) return begin(call, 'create', next, next, [201, 201]);
    requireUnchanged(services, current);
    return begin(call, 'update', current, next, [200, 202]);
  };

  const patch = async (call: ArmCall): Promise<AzureResponse> => {
    let current = unlocked(getService(services, call));
    const body = readBody(call, patchSchema);
    requireAssignable(call, current, body.identity);
    const said = parts.nextUpdates.take(current.name) ?? {};
    if (said.before !== undefined) {
      current = await patchService(current, said.before, parts);
      services.save(current);
    }
    const next = await patchService(current, body, parts);
    const { fails: failure } = said;
    const done = failure === undefined || said.applied === true ? next : current;
    const end = said.after === undefined ? done : await patchService(done, said.after, parts);
    requireUnchanged(services, current);
    return begin(call, 'update', current, next, [200, 202], {
      failure,
      // Assumed: a service shows an update's failure as its state until its next change.
      end: failure === undefined ? end : { ...end, shown: { provisioningState: 'Failed' } },
    });
  };

  const remove = (call: ArmCall): AzureResponse => {
    const state = services.findById(idOf(call));
    if (state === undefined) return { status: 204 };
    const current = unlocked(state);
    return begin(call, 'delete', current, current, [200, 202]);
  };

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
      ...stamp(world),
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

/** Reading certificates takes a moment, in which another request may have begun an update. */
function requireUnchanged(services: Services, { name, version }: Service): void {
  const state = services.find(name);
  if (state?.pending !== undefined) throw serviceLocked(name);
  if (state?.service.version !== version) throw concurrencyConflict(name);
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
