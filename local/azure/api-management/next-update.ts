/**
 * What shall happen to a service's next update, said beforehand at the control address: it fails,
 * or somebody else's update comes just before or just after it.
 */
import { z } from 'zod';
import { parseBody } from '../core/parse-body.ts';
import { AzureFault, type ControlRoute, type World } from '../service.ts';
import { patchSchema } from './service-properties.ts';
import type { Services } from './service-store.ts';

const nextUpdateSchema = z.strictObject({
  before: patchSchema.exactOptional(),
  after: patchSchema.exactOptional(),
  fails: z
    .strictObject({
      // Assumed: no source lists the codes with which updates of a service fail.
      code: z.string().min(1).default('InternalServerError'),
      message: z.string().min(1).default('The update of the service could not be completed.'),
    })
    .exactOptional(),
  applied: z.boolean().exactOptional(),
});
export type NextUpdate = z.infer<typeof nextUpdateSchema>;

export interface NextUpdates {
  /** What was said about this service's next update; said once, it happens once. */
  take(serviceName: string): NextUpdate | undefined;
  put(serviceName: string, next: NextUpdate): void;
}

const COLLECTION = 'apim.nextUpdates';

export function makeNextUpdates({ store, seal, unseal }: World): NextUpdates {
  return {
    take(serviceName) {
      const key = serviceName.toLowerCase();
      const stored = store.get<{ sealed: string }>(COLLECTION, key);
      if (stored === undefined) return undefined;
      store.delete(COLLECTION, key);
      return nextUpdateSchema.parse(JSON.parse(unseal(stored.sealed).toString('utf8')));
    },
    put(serviceName, next) {
      // It may hold PFX files and their passwords.
      const sealed = seal(Buffer.from(JSON.stringify(next)));
      store.put(COLLECTION, serviceName.toLowerCase(), { sealed });
    },
  };
}

export function nextUpdateControl(services: Services, nextUpdates: NextUpdates): ControlRoute[] {
  const nameOf = (name: string): string => {
    const state = services.find(name);
    if (state !== undefined) return state.service.name;
    throw new AzureFault(404, 'NotFound', `There is no service '${name}'.`);
  };
  return [
    {
      method: 'PUT',
      path: '/services/{name}/next-update',
      summary:
        'says what happens at a service\'s next PATCH: {"fails"?: {"code"?, "message"?}, "applied"?: true when it fails and is done all the same, "before"?, "after"?: a PATCH body of somebody else}',
      handle(request, { name = '' }) {
        nextUpdates.put(nameOf(name), parseBody(request, nextUpdateSchema));
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/services/{name}/next-update',
      summary: 'takes that back',
      handle(_request, { name = '' }) {
        nextUpdates.take(nameOf(name));
        return { status: 204 };
      },
    },
  ];
}
