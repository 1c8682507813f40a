import type { DurableClient } from 'durable-functions';
import { readSource } from './source-of-request.ts';
import type { Source } from '../../shared/domain/source.ts';
import { RequestError, type Route } from '../../shared/http/http-handler.ts';

export interface SyncRoutePorts {
  readonly vaults: ReadonlySet<string>;
  readonly plan: (source: Source) => Promise<object>;
  readonly requestSync: (
    client: DurableClient,
    source: Source,
  ) => Promise<{ id: string; started: boolean }>;
}

/**
 * `POST /api/certificates/{vault}/{name}/sync`: syncs the source now, reading every target anew;
 * 202 with the operation's address. `?dryRun=true` answers the plan and changes nothing.
 */
export function makeSyncRoute({ vaults, plan, requestSync }: SyncRoutePorts): Route {
  return async (request, client) => {
    const source = readSource(request.params, vaults);
    if (readFlag(request.query.get('dryRun'), 'dryRun')) {
      return { status: 200, jsonBody: { dryRun: true, ...(await plan(source)) } };
    }
    const { id } = await requestSync(client, source);
    const location = `/api/operations/${id}`;
    return {
      status: 202,
      headers: { location, 'retry-after': '1' },
      jsonBody: { id, source, operation: location },
    };
  };
}

function readFlag(value: string | null, field: string): boolean {
  if (value === null || value === 'false') return false;
  if (value === 'true' || value === '') return true;
  throw new RequestError([{ field, message: 'must be true or false' }]);
}
