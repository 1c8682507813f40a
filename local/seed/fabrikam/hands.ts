/** What people did at Fabrikam, by the same requests that they made. */
import type { AzureWire } from '../azure-wire.ts';
import { API, LOCATION, TENANT_ID } from '../fleet.ts';
import { issue, type Unlike } from './issue.ts';
import {
  fabrikamIdentityId,
  fabrikamServiceId,
  fabrikamVaultId,
  type FabrikamService,
  type FabrikamVault,
} from './names.ts';

type Json = Readonly<Record<string, unknown>>;

/** Object ids of those who read the vaults. */
export interface Readers {
  readonly certkeeper: string;
  readonly services: ReadonlyMap<FabrikamService, string>;
}

/** The people of Fabrikam. */
export type Hands = ReturnType<typeof makeHands>;

/** Whoever set Fabrikam up: what is done, is done some weeks before the present. */
export interface FirstHands extends Hands {
  readonly readers: Readers;
}

/** @param present when all of it is done and looked at */
export function makeHands(azure: AzureWire, present: Date) {
  const vaultCall = (method: string, vault: FabrikamVault, path: string, body?: Json) =>
    azure.ask(method, `${vault}.vault.azure.net/${path}?api-version=${API.keyVaultData}`, {
      ...(body === undefined ? {} : { body }),
    });
  const arm = (method: string, path: string, body?: Json) =>
    azure.ask(method, `management.azure.com${path}?api-version=${API.apiManagement}`, {
      ...(body === undefined ? {} : { body }),
      headers: { 'if-match': '*' },
    });
  const hands = {
    ...{ azure, present, vaultCall },

    /** A new version of a certificate. */
    async add(
      vault: FabrikamVault,
      name: string,
      unlike: Unlike = {},
      more: Json = {},
    ): Promise<void> {
      const { pfx } = await issue(name, present, unlike);
      await vaultCall('POST', vault, `certificates/${name}/import`, { value: pfx, ...more });
    },

    /** Lets a service take a certificate from a vault, under the certificate's own name or another. */
    async attach(
      service: FabrikamService,
      vault: FabrikamVault,
      name: string,
      { id = name, ...keyVault }: Json & { readonly id?: string } = {},
    ): Promise<void> {
      const secretIdentifier = `https://${vault}.vault.azure.net/secrets/${name}`;
      await hands.put(service, `certificates/${id}`, {
        keyVault: { secretIdentifier, ...keyVault },
      });
    },

    /** A backend that is called with a certificate of the service, or of a workspace. */
    async use(
      service: FabrikamService,
      id: string,
      credentials: Json = { certificateIds: [id] },
      workspace?: string,
    ): Promise<void> {
      const within = workspace === undefined ? '' : `workspaces/${workspace}/`;
      await hands.put(service, `${within}backends/${id}`, {
        ...{ url: `https://${id}.fabrikam.com`, protocol: 'http', credentials },
      });
    },

    /** A certificate that is attached and used: all in order. */
    async keep(
      service: FabrikamService,
      vault: FabrikamVault,
      name: string,
      unlike: Unlike = {},
      more: Json = {},
    ): Promise<void> {
      await hands.add(vault, name, unlike, more);
      await hands.attach(service, vault, name);
      await hands.use(service, name);
    },

    /** Puts something that belongs to a service. */
    async put(service: FabrikamService, path: string, properties: Json): Promise<void> {
      await arm('PUT', `${fabrikamServiceId(service)}/${path}`, { properties });
    },

    /** Takes away something that belongs to a service. */
    async remove(service: FabrikamService, path: string): Promise<void> {
      await arm('DELETE', `${fabrikamServiceId(service)}/${path}`);
    },

    /** Changes a service as a whole, which is done when this ends. */
    async patch(service: FabrikamService, change: Json): Promise<void> {
      await azure.patchResource(fabrikamServiceId(service), API.apiManagement, change);
    },

    /** The thumbprint of what a service holds under an id. */
    async thumbprint(service: FabrikamService, id: string): Promise<string> {
      const path = `${fabrikamServiceId(service)}/certificates/${id}`;
      const found = await azure.resource(path, API.apiManagement);
      return String(found?.properties['thumbprint']);
    },

    /** Makes a user-assigned identity. */
    async identity(name: string) {
      const id = fabrikamIdentityId(name);
      const { properties } = await azure.putResource(id, API.identity, { location: LOCATION });
      const { clientId, principalId } = properties;
      return { id, clientId: String(clientId), principalId: String(principalId) };
    },

    /** Makes a vault, or changes it: with access policies for these, or with roles. */
    async vault(vault: FabrikamVault, properties: Json = {}): Promise<void> {
      await azure.putResource(fabrikamVaultId(vault), API.keyVaultResource, {
        location: LOCATION,
        properties: {
          ...{ tenantId: TENANT_ID, sku: { family: 'A', name: 'standard' } },
          ...{ enableRbacAuthorization: true, accessPolicies: [], ...properties },
        },
      });
    },

    /** What Azure lets nobody write directly. */
    async deny(
      scope: string,
      principal: string,
      permission: {
        readonly actions?: readonly string[];
        readonly dataActions?: readonly string[];
      },
    ): Promise<void> {
      await azure.control('POST', 'deny-assignments', {
        ...{ scope, denyAssignmentName: 'kept-by-the-managed-application' },
        ...{ permissions: [permission], principals: [{ id: principal }] },
      });
    },

    /** Takes back what was denied at a scope. */
    async allow(scope: string): Promise<void> {
      // As the control address answers them.
      const { value } = (await azure.control('GET', 'deny-assignments')) as {
        readonly value: readonly {
          readonly name: string;
          readonly properties: { scope: string };
        }[];
      };
      const there = value.filter(({ properties }) => properties.scope === scope);
      for (const { name } of there) await azure.control('DELETE', `deny-assignments/${name}`);
    },
  };
  return hands;
}

/** An access policy that lets somebody read. */
export const reads = (objectId: string, tenantId: string = TENANT_ID): Json => ({
  ...{ tenantId, objectId },
  permissions: { secrets: ['get', 'list'], certificates: ['get', 'list'] },
});

/** Everybody who has to read a vault for all to be in order. */
export const allRead = ({ readers }: FirstHands): readonly Json[] =>
  [readers.certkeeper, ...readers.services.values()].map((id) => reads(id));

/** Of a vault that goes by access policies. */
export const POLICIES = { enableRbacAuthorization: false } as const;
