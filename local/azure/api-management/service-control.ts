/** States of a service that no request can bring about, set at the control address. */
import { z } from 'zod';
import { AzureFault, type ControlRoute } from '../service.ts';
import { readDocument } from '../resource-manager/route.ts';
import type { Services } from './service-store.ts';

const bodySchema = z.strictObject({
  provisioningState: z.string().min(1).exactOptional(),
  sku: z.string().min(1).exactOptional(),
});

export function serviceControl(services: Services): ControlRoute[] {
  return [
    {
      method: 'PUT',
      path: '/services/{name}',
      summary:
        'makes a service show a state or a tier until its next change: {"provisioningState"?, "sku"?}',
      handle(request, { name = '' }) {
        const shown = readDocument(request.json(), bodySchema);
        const state = services.find(name);
        if (state === undefined) {
          throw new AzureFault(404, 'NotFound', `There is no service '${name}'.`);
        }
        if (state.pending !== undefined) {
          throw new AzureFault(409, 'Conflict', `The service '${name}' is being changed.`);
        }
        services.save({ ...state.service, shown });
        return { status: 200, body: shown };
      },
    },
  ];
}
