import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import { TerminalError } from '../../shared/domain/errors.ts';
import { toOperationView } from '../../shared/http/operation-view.ts';
import type { Route } from '../../shared/http/http-handler.ts';

/** Only Certkeeper's own operations are shown, whatever else the task hub holds. */
const OPERATION_ID = /^(?:sync-[0-9a-f]{20}|sweep)$/;

/** `GET /api/operations/{id}`: state, step, result by target, problem if any. */
export function makeOperationRoute(
  findStatus: (
    client: DurableClient,
    id: string,
  ) => Promise<DurableOrchestrationStatus | undefined>,
): Route {
  return async (request, client) => {
    const { id = '' } = request.params;
    const status = OPERATION_ID.test(id) ? await findStatus(client, id) : undefined;
    if (status === undefined) {
      throw new TerminalError({
        code: 'NOT_FOUND',
        message: 'There is no operation with this id.',
        cure: 'Use the address that the request which started it answered in Location.',
      });
    }
    const view = toOperationView(status);
    const open = view.state === 'pending' || view.state === 'running';
    return { status: 200, headers: open ? { 'retry-after': '1' } : {}, jsonBody: view };
  };
}
