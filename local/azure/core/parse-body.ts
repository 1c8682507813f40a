/** Bodies of control requests, checked against a schema. */
import type { z } from 'zod';
import { AzureFault, type AzureRequest } from '../service.ts';

/** Thrown when the body does not fit: AzureFault 400 that names each field that is wrong. */
export function parseBody<Schema extends z.ZodType>(
  request: AzureRequest,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(request.json());
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new AzureFault(400, 'BadControlRequest', wrong.join('; '));
}
