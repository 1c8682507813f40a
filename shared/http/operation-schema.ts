import * as z from 'zod';
import { brokenAccessSchema } from '../contracts/access.ts';
import { caChangeResultSchema } from '../contracts/ca.ts';
import { givenSchema } from '../contracts/grant.ts';
import { plannedActSchema } from '../contracts/sweep.ts';
import { HEALTHS } from '../domain/audit/audit-report.ts';
import { outcomeSchema, problemSchema, sourceSchema } from '../contracts/schemas.ts';

const time = z.iso.datetime();

/** An operation as `GET /api/operations/{id}` shows it. Times are ISO 8601, UTC. */
export const operationSchema = z
  .object({
    id: z.string().meta({ example: 'sync-42b17761df0f8fd0e086' }),
    kind: z.enum(['sync', 'sweep', 'access-check', 'grant', 'ca-update', 'audit']),
    state: z
      .enum(['pending', 'running', 'succeeded', 'blocked', 'failed'])
      .describe('`blocked`: done, and a person has to change something before it can succeed'),
    step: z.string().describe('What is going on, in a sentence'),
    startedAt: time,
    updatedAt: time,
    source: sourceSchema.exactOptional(),
    version: z.string().exactOptional(),
    thumbprint: z.string().exactOptional(),
    targets: z.array(outcomeSchema).readonly().exactOptional(),
    problems: z.array(problemSchema).readonly().exactOptional(),
    problemsLeftOut: z
      .int()
      .exactOptional()
      .describe('Of a sweep: how many more problems there are'),
    findings: z
      .array(problemSchema)
      .readonly()
      .exactOptional()
      .describe('Of a sweep: what people should know of, and what kept it from nothing'),
    findingsLeftOut: z.int().exactOptional().describe('How many more findings there are'),
    warnings: z
      .array(problemSchema)
      .readonly()
      .exactOptional()
      .describe("What is worth a look, and stood in nobody's way"),
    target: z.string().exactOptional().describe('Of a grant: the path of its target'),
    given: z.array(givenSchema).readonly().exactOptional().describe('What a grant gave'),
    sync: z
      .string()
      .exactOptional()
      .describe('Of a grant: the address of the sync that goes on with it'),
    problem: problemSchema
      .exactOptional()
      .describe('The first thing that stands in the way, for who reads only one line'),
    counts: z
      .record(z.string(), z.int())
      .exactOptional()
      .describe('What a sweep, or a check of access, counted'),
    audit: z
      .object({
        id: z.string(),
        report: z.string().describe('Address of the report'),
        health: z.enum(HEALTHS),
        sentence: z.string(),
        findings: z.object({ critical: z.int(), high: z.int(), medium: z.int(), low: z.int() }),
        acknowledged: z.int(),
      })
      .exactOptional()
      .describe('What an audit came to'),
    dryRun: z.literal(true).exactOptional().describe('Whether a sweep changed nothing'),
    planned: z
      .array(plannedActSchema)
      .readonly()
      .exactOptional()
      .describe('What a sweep would do; the first acts when there are many'),
    plannedLeftOut: z.int().exactOptional().describe('How many more there are'),
    service: z.string().exactOptional().describe('What an update of CA certificates is about'),
    changes: z
      .array(caChangeResultSchema)
      .readonly()
      .exactOptional()
      .describe('What became of changes of CA certificates'),
    vault: z.string().exactOptional().describe('What a check of access is about'),
    broken: z
      .array(brokenAccessSchema)
      .readonly()
      .exactOptional()
      .describe('Where a check found something in the way; the first ones when there are many'),
  })
  .meta({ id: 'Operation' });

export type OperationView = Readonly<z.infer<typeof operationSchema>>;
