import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import { readSource, sourceParams } from './source-of-request.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import type { Source } from '../../shared/domain/source.ts';
import { toRequestedBy } from '../../shared/http/caller.ts';
import { plannedSchema, type Planned } from '../../shared/http/plan-view.ts';
import { flagSchema } from '../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS, syncStartedSchema } from '../../shared/http/started.ts';

export interface SyncRoutePorts {
  readonly vaults: ReadonlySet<string>;
  readonly plan: (source: Source) => Promise<Omit<Planned, 'dryRun'>>;
  readonly requestSync: (
    client: DurableClient,
    source: Source,
    by: RequestedBy,
  ) => Promise<{ id: string; started: boolean }>;
}

/**
 * `POST /api/certificates/{vault}/{name}/sync`: syncs the source now, reading every target anew;
 * 202 with the operation's address. `?dryRun=true` answers the plan and changes nothing.
 */
export function makeSyncRoute({ vaults, plan, requestSync }: SyncRoutePorts): Route {
  return defineRoute({
    name: 'SyncCertificateNow',
    method: 'POST',
    path: 'certificates/{vault}/{name}/sync',
    role: 'Certkeeper.Upload',
    summary: 'Sync a certificate now',
    description:
      'Reads the certificate and every target of it anew and brings them up to date. A certificate ' +
      'always has the same operation: when a sync of it is running already, that one looks again.',
    params: sourceParams,
    query: z.object({
      dryRun: flagSchema.describe('Say what a sync would do, and change nothing'),
    }),
    answers: {
      200: { description: 'With dryRun: what a sync would do now', schema: plannedSchema },
      202: {
        description: 'The sync runs',
        schema: syncStartedSchema,
        headers: STARTED_HEADERS,
      },
    },
    problems: ['VAULT_NOT_CONFIGURED', 'SYNC_FAILED', 'CERTKEEPER_PERMISSION_MISSING'],
    handle: async ({ params, query, caller, client }) => {
      const source = readSource(params, vaults);
      if (query.dryRun) return { status: 200, jsonBody: { dryRun: true, ...(await plan(source)) } };
      const { id } = await requestSync(client, source, toRequestedBy(caller));
      const { operation, headers } = startedAt(id);
      return { status: 202, headers, jsonBody: { id, source, operation } };
    },
  });
}
