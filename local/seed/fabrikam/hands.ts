/** What people did at Fabrikam, by the same requests that they made. */
import type { AzureWire } from '../azure-wire.ts';
import { API, LOCATION, TENANT_ID } from '../fleet.ts';
import { issue, type Unlike } from './issue.ts';
import {
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

/** Whoever sets Fabrikam up: what is done, is done some weeks before the present. */
export type Hands = ReturnType<typeof makeHands>;

/** @param present when all of it is done and looked at */
export function makeHands(azure: AzureWire, readers: Readers, present: Date) {
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
    ...{ azure, readers, present, vaultCall },

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

    /** A backend that is called with a certificate of the service. */
    async use(
      service: FabrikamService,
      id: string,
      credentials: Json = { certificateIds: [id] },
    ): Promise<void> {
      await hands.put(service, `backends/${id}`, {
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

    async patch(service: FabrikamService, change: Json): Promise<void> {
      await arm('PATCH', fabrikamServiceId(service), change);
    },

    /** The thumbprint of what a service holds under an id. */
    async thumbprint(service: FabrikamService, id: string): Promise<string> {
      const path = `${fabrikamServiceId(service)}/certificates/${id}`;
      const found = await azure.resource(path, API.apiManagement);
      return String(found?.properties['thumbprint']);
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
  };
  return hands;
}

/** An access policy that lets somebody read. */
export const reads = (objectId: string, tenantId: string = TENANT_ID): Json => ({
  ...{ tenantId, objectId },
  permissions: { secrets: ['get', 'list'], certificates: ['get', 'list'] },
});

/** Everybody who has to read a vault for all to be in order. */
export const allRead = ({ readers }: Hands): readonly Json[] =>
  [readers.certkeeper, ...readers.services.values()].map((id) => reads(id));

/** Of a vault that goes by access policies. */
export const POLICIES = { enableRbacAuthorization: false } as const;
