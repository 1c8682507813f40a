import * as z from 'zod';
import { requireService } from './require-service.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

export interface TakeServiceRoutePorts {
  readonly services: ReadonlySet<string>;
  readonly take: (
    service: string,
  ) => Promise<{ readonly installation: string; readonly from?: string }>;
}

const takenServiceSchema = z
  .object({
    service: z.string(),
    installation: z.string().describe('The one that keeps it from now on: this one'),
    from: z.string().exactOptional().describe('The one that kept it; absent = none did'),
  })
  .meta({ id: 'TakenService' });

/** `POST /api/services/{service}/take`: this installation keeps the service from now on. */
export function makeTakeServiceRoute(ports: TakeServiceRoutePorts): Route {
  return defineRoute({
    name: 'TakeService',
    method: 'POST',
    path: 'services/{service}/take',
    role: 'Certkeeper.Manage',
    summary: 'Keep a service that another installation keeps',
    description:
      'Writes the mark of this installation over that of the other one, which keeps its hands off ' +
      'as soon as it looks: with its next sweep. Taken again it changes nothing.',
    params: z.object({ service: z.string().describe('The name of a service') }),
    answers: {
      200: { description: 'This installation keeps it', schema: takenServiceSchema },
    },
    problems: [
      'AZURE_REFUSED',
      'CERTKEEPER_PERMISSION_MISSING',
      'SERVICE_NOT_CONFIGURED',
      'SERVICE_NOT_FOUND',
      'TARGET_CHANGED',
    ],
    handle: async ({ params }) => {
      const service = requireService(params.service, ports.services);
      return { status: 200, jsonBody: { service, ...(await ports.take(service)) } };
    },
  });
}
