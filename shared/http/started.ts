import * as z from 'zod';
import { sourceSchema } from '../contracts/schemas.ts';

const id = z.string().meta({ example: 'sync-42b17761df0f8fd0e086' });
const operation = z.string().meta({
  description: 'The address of the operation, as in Location',
  example: '/api/operations/sync-42b17761df0f8fd0e086',
});

/** The body of a 202 that started, or joined, a sync. */
export const syncStartedSchema = z
  .object({ id, source: sourceSchema, operation })
  .meta({ id: 'SyncStarted' });

/** The body of a 202 that started, or joined, a sweep. */
export const sweepStartedSchema = z.object({ id, operation }).meta({ id: 'SweepStarted' });

/** The body of a 202 that started, or joined, an audit. */
export const auditStartedSchema = z
  .object({
    id: z.string().meta({ example: 'audit' }),
    operation: operation.describe(
      'The address of the operation; when it is done it names the report',
    ),
  })
  .meta({ id: 'AuditStarted' });

/** Headers of a 202. */
export const STARTED_HEADERS = {
  location: 'The address of the operation',
  'retry-after': 'Seconds until it is worth asking for the operation',
} as const;

/** A 202's headers and the address of its operation. */
export function startedAt(operationId: string): {
  readonly operation: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const address = `/api/operations/${operationId}`;
  return { operation: address, headers: { location: address, 'retry-after': '1' } };
}
