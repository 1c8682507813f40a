/** Properties in a request, read by a schema. */
import type { z } from 'zod';
import { validationFault } from './faults.ts';

/** Thrown when they do not fit: 400 `ValidationError` that names the first wrong one. */
export function readProperties<T>(properties: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw validationFault(issue?.path.join('.') ?? 'properties', issue?.message ?? 'unreadable');
}
