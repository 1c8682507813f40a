/** What a PATCH makes of a service. Source: REST reference, Api Management Service - Update. */
import type { Store, World } from '../service.ts';
import { nextVersion } from './entity-tag.ts';
import { replaceCaCertificates } from './ca-certificates.ts';
import { refreshHostnames, toHostnames } from './hostnames.ts';
import { applyIdentity } from './service-identity.ts';
import {
  toKeptProperties,
  toSku,
  type RequestedProperties,
  type ServicePatch,
} from './service-properties.ts';
import type { Service } from './service-store.ts';
import type { ServiceParts } from './services.ts';

/**
 * The service as the PATCH leaves it; what it does not name stays, arrays are replaced as a whole.
 * Thrown when something cannot be: AzureFault 400.
 */
export async function patchService(
  current: Service,
  body: ServicePatch,
  parts: ServiceParts,
): Promise<Service> {
  const { world, principals, settings } = parts;
  const given: RequestedProperties = body.properties ?? {};
  const sku = body.sku === undefined ? current.sku : toSku({ ...current.sku, ...body.sku });
  const identity = body.identity
    ? applyIdentity(
        current.identity,
        body.identity,
        true,
        { ...current, readyAt: readyAt(parts) },
        world.store,
        principals,
      )
    : current.identity;
  const reading = { name: current.name, identity };
  return {
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
      ? await replaceCaCertificates(current.caCertificates, given.certificates, sku.name, settings)
      : current.caCertificates,
    properties: { ...current.properties, ...toKeptProperties(given) },
    ...stamp(world),
  };
}

/** When an identity is there that an update makes: at its end. */
export function readyAt({ world, settings }: Pick<ServiceParts, 'world' | 'settings'>): string {
  return new Date(world.clock.now().getTime() + settings.operationSeconds() * 1000).toISOString();
}

/** What every change of a service renews. */
export function stamp({
  store,
  clock,
}: Pick<World, 'clock'> & { readonly store: Store }): Pick<
  Service,
  'version' | 'modifiedAt' | 'shown'
> {
  return {
    version: nextVersion(store),
    modifiedAt: clock.now().toISOString(),
    shown: undefined,
  };
}
