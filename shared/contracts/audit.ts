/** The `Audit` orchestration and its activities. What is read is kept beside the engine: see audit-parts. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, type Contract } from './contract.ts';
import { problemSchema, requestedBySchema } from './schemas.ts';
import { HEALTHS } from '../domain/audit/audit-report.ts';

/** Durable name of the orchestration, and the id of its single instance. */
export const AUDIT = 'Audit';
export const AUDIT_INSTANCE = 'audit';

const name = z.string().min(1).max(256);
const count = z.int().min(0);

/** Started by the timer it has no input, which it reads as an empty text. */
export const auditInputSchema = z
  .union([z.object({ by: requestedBySchema }), z.literal(''), z.null(), z.undefined()])
  .transform((input) => (typeof input === 'object' ? (input ?? undefined) : undefined));
export type AuditInput = z.input<typeof auditInputSchema>;

const headlineSchema = z.object({
  health: z.enum(HEALTHS),
  sentence: z.string(),
  certificates: count,
  findings: z.object({ critical: count, high: count, medium: count, low: count }),
  acknowledged: count,
});

/** `audit`: the id of its report; absent = none could be made, and `problems` says why. */
export const auditResultSchema = z.object({
  audit: name.exactOptional(),
  headline: headlineSchema.exactOptional(),
  vaults: count,
  services: count,
  /** Vaults and services that could not be read; the report has them as findings. */
  unreadable: count,
  problems: z.array(problemSchema).readonly(),
});
export type AuditResult = z.infer<typeof auditResultSchema>;

const part = z.object({ audit: name, name });

/**
 * Reads a vault and writes what it found down as a part of the audit. One that was read for it already
 * is not read again.
 */
export const readVault = contract({
  name: 'ReadVault',
  /** `after`: where the last call left off. */
  input: part.extend({ after: name.exactOptional() }),
  /** Where to go on; absent = it is done. */
  output: z.object({ after: name.exactOptional() }),
  retry: AZURE_RETRY,
});

/** The same for a service. */
export const readService = contract({
  name: 'ReadService',
  input: part,
  output: z.null(),
  retry: AZURE_RETRY,
});

/** Writes down, as the part of a vault or service, why it could not be read. */
export const noteUnreadable = contract({
  name: 'NoteUnreadable',
  input: part.extend({
    kind: z.enum(['vault', 'service']),
    problem: problemSchema,
    /** ISO 8601. */
    at: name,
  }),
  output: z.null(),
  retry: STORAGE_RETRY,
});

/** Makes the report of an audit of its parts and writes it down in all of its forms. */
export const composeAudit = contract({
  name: 'ComposeAudit',
  input: z.object({
    audit: name,
    by: requestedBySchema,
    /** ISO 8601, from the orchestration's own clock. */
    startedAt: name,
    completedAt: name,
  }),
  output: headlineSchema,
  retry: STORAGE_RETRY,
});
export type ComposeInput = z.infer<typeof composeAudit.input>;
export type ComposedAudit = z.infer<typeof composeAudit.output>;

/** Takes the parts of an audit away, and reports that have been kept for long enough. */
export const tidyAudits = contract({
  name: 'TidyAudits',
  input: z.object({ audit: name, at: name }),
  output: z.object({ forgotten: count }),
  retry: STORAGE_RETRY,
});

function contract<Input, Output>(one: Contract<Input, Output>): Contract<Input, Output> {
  return one;
}
