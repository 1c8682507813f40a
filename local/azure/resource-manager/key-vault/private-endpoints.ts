/**
 * Private endpoints of vaults. They are resources of the network, which is not simulated, so they
 * are made at the control address, together with who stands in their network.
 * Source: `PrivateEndpointConnectionItem` in the vaults REST reference.
 */
import { z } from 'zod';
import { AzureFault, type ControlRoute } from '../../service.ts';
import { readDocument } from '../route.ts';
import type { PrivateEndpoint, Vault, Vaults } from './vault-store.ts';

const bodySchema = z.strictObject({
  status: z.enum(['Approved', 'Pending', 'Rejected', 'Disconnected']).default('Approved'),
  from: z.array(z.string().min(1)).default([]),
});

export function privateEndpointControl(vaults: Vaults): ControlRoute[] {
  const find = (name: string): Vault => {
    const vault = vaults.find(name);
    if (vault === undefined) throw new AzureFault(404, 'NotFound', `There is no vault '${name}'.`);
    return vault;
  };
  const change = (vault: Vault, name: string, next: readonly PrivateEndpoint[]): void => {
    const others = (vault.privateEndpoints ?? []).filter((one) => one.name !== name);
    vaults.save({ ...vault, privateEndpoints: [...others, ...next] });
  };
  return [
    {
      method: 'PUT',
      path: '/vaults/{vault}/private-endpoints/{name}',
      summary:
        'makes a private endpoint: {"status"?, "from"?: names of the services in its network}',
      handle(request, { vault = '', name = '' }) {
        const body = readDocument(request.body.length === 0 ? {} : request.json(), bodySchema);
        const endpoint: PrivateEndpoint = { name, ...body };
        change(find(vault), name, [endpoint]);
        return { status: 200, body: endpoint };
      },
    },
    {
      method: 'DELETE',
      path: '/vaults/{vault}/private-endpoints/{name}',
      summary: 'removes it',
      handle(_request, { vault = '', name = '' }) {
        change(find(vault), name, []);
        return { status: 204 };
      },
    },
  ];
}

/** The connections as the vault shows them. */
export function privateEndpointsToWire({ id, privateEndpoints = [] }: Vault): readonly object[] {
  const group = id.slice(0, id.toLowerCase().indexOf('/providers/'));
  return privateEndpoints.map(({ name, status }) => ({
    id: `${id}/privateEndpointConnections/${name}`,
    properties: {
      privateEndpoint: { id: `${group}/providers/Microsoft.Network/privateEndpoints/${name}` },
      privateLinkServiceConnectionState: { status, actionsRequired: 'None' },
      provisioningState: 'Succeeded',
    },
  }));
}
