import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import { RequestError } from './http-handler.ts';

/**
 * A request's query by its schema. Of a name that is given twice the last one counts.
 *
 * Thrown when a value cannot be used: RequestError, which names each.
 */
export function readQuery<Query>(
  request: Pick<HttpRequest, 'query'>,
  schema: z.ZodType<Query>,
): Query {
  const read = schema.safeParse(Object.fromEntries(request.query));
  if (read.success) return read.data;
  throw new RequestError(
    read.error.issues.map(({ path, message }) => ({
      field: String(path[0] ?? 'query'),
      message,
    })),
  );
}
