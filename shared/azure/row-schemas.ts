/** What stands in many rows of Certkeeper's own tables. */
import * as z from 'zod';
import { PROBLEM_CODES } from '../domain/errors.ts';

export const sourceSchema = z.object({ vault: z.string(), name: z.string() });

export const problemSchema = z.object({
  code: z.enum(PROBLEM_CODES),
  message: z.string(),
  resource: z.string().exactOptional(),
  cure: z.string().exactOptional(),
});
