/** The schema of a report: what it is read by, and what is published of it. */
import * as z from 'zod';
import { problemSchema, requestedBySchema } from '../contracts/schemas.ts';
import {
  HEALTHS,
  PLACES,
  REPORT_VERSION,
  SEVERITIES,
  type AuditReport,
} from '../domain/audit/audit-report.ts';
import { FINDING_CODES } from '../domain/audit/finding-codes.ts';

const text = z.string();
/** ISO 8601, UTC. */
const time = z.string();
const texts = z.array(text).readonly();
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);

export const auditedPartSchema = z
  .object({
    name: text,
    resourceId: text.describe('ARM id'),
    certificates: count,
    tier: text.exactOptional().describe('Of a service'),
    usageAsOf: time
      .exactOptional()
      .describe('Of a service: as of when it is known what uses its certificates'),
    unreadable: problemSchema.exactOptional().describe('Why it could not be read, or not whole'),
  })
  .meta({ id: 'AuditedPart' });

export const headlineSchema = z
  .object({
    health: z.enum(HEALTHS),
    sentence: text,
    certificates: count,
    findings: z
      .object({ critical: count, high: count, medium: count, low: count })
      .describe('Those that nobody has acknowledged'),
    acknowledged: count,
    nextDates: z
      .array(z.object({ at: time, what: z.enum(['expires', 'removed']), certificates: texts }))
      .readonly(),
  })
  .meta({ id: 'AuditHeadline' });

export const auditedCertificateSchema = z
  .object({
    id: text.describe('`vault/name` in a vault; else the path of a target'),
    place: z.enum(PLACES),
    vault: text.exactOptional(),
    service: text.exactOptional(),
    workspace: text.exactOptional(),
    resourceId: text.describe('ARM id, or the address in a vault'),
    thumbprint: text.exactOptional().describe('SHA-1, 40 upper-case hex digits'),
    subject: text.exactOptional(),
    sans: texts.exactOptional(),
    issuer: text.exactOptional(),
    serialNumber: text.exactOptional(),
    key: text.exactOptional().describe('E.g. `RSA 2048`'),
    signature: text.exactOptional(),
    notBefore: time.exactOptional(),
    expiresAt: time.exactOptional(),
    publicKeyDigest: text.exactOptional().describe('SHA-256 over the public key'),
    source: text.exactOptional().describe('`vault/name`'),
    sourceThumbprint: text.exactOptional().describe("Of its source's current version"),
    version: text.exactOptional().describe("Its source's current one"),
    origin: z.enum(['vault', 'key-vault', 'uploaded', 'pushed', 'managed', 'unknown']),
    pinnedVersion: text.exactOptional().describe('The version that its reference names'),
    enabled: z.boolean().exactOptional(),
    renewal: z.enum(['auto', 'notify-only', 'none']).exactOptional(),
    owner: text.exactOptional(),
    binding: z.enum(['verified', 'blocked', 'failed', 'pending']).exactOptional(),
    uses: z
      .object({
        verdict: z.enum(['in-use', 'may-be-in-use', 'unused']),
        references: count,
        byThumbprint: count,
        where: texts
          .exactOptional()
          .describe('Paths below the service of what refers to it, at most ten'),
        asOf: time,
      })
      .exactOptional(),
    lastRotatedAt: time.exactOptional(),
    rotationSeconds: z
      .number()
      .min(0)
      .exactOptional()
      .describe("From the version's creation until it was verified here"),
    refreshFailure: z.object({ code: text, message: text }).exactOptional(),
    removedOn: time.exactOptional().describe('When it is to be removed, since its source is gone'),
  })
  .meta({ id: 'AuditedCertificate' });

export const acknowledgementSchema = z
  .object({
    reason: text,
    until: text.describe('The last day on which it counts, UTC: `2027-01-31`'),
    severity: severity
      .exactOptional()
      .describe('How grave the finding was then; it does not hold for one that became graver'),
    by: requestedBySchema.exactOptional(),
    from: z.enum(['http', 'tag']),
  })
  .meta({ id: 'Acknowledgement' });

export const auditFindingSchema = z
  .object({
    id: text.describe('The same in every report as long as it is about the same'),
    code: z.enum(FINDING_CODES),
    severity,
    about: text.describe('Id of a certificate, or the name of a service, a vault or a place'),
    resourceId: text,
    message: text,
    cure: text,
    since: time.describe('When a report first said so'),
    dueAt: time.exactOptional().describe('When it will hurt'),
    dependsOn: texts
      .exactOptional()
      .describe(
        'Vaults and services, besides the one that it is about, from which it was concluded; `*` = all',
      ),
    acknowledged: acknowledgementSchema.exactOptional(),
  })
  .meta({ id: 'AuditFinding' });

const changesSchema = z
  .object({
    since: z.object({ id: text, completedAt: time }),
    appeared: texts,
    worsened: texts,
    eased: texts,
    cleared: z.array(auditFindingSchema).readonly(),
    certificatesAdded: texts,
    certificatesRemoved: texts,
    certificatesRotated: texts,
  })
  .meta({ id: 'AuditChanges' });

export const reportSchema = z
  .object({
    reportVersion: z.literal(REPORT_VERSION),
    id: text,
    startedAt: time,
    completedAt: time,
    requestedBy: requestedBySchema,
    scope: z.object({
      vaults: z.array(auditedPartSchema).readonly(),
      services: z.array(auditedPartSchema).readonly(),
    }),
    headline: headlineSchema,
    certificates: z.array(auditedCertificateSchema).readonly(),
    findings: z.array(auditFindingSchema).readonly(),
    changes: changesSchema.exactOptional(),
  })
  .meta({ id: 'AuditReport' }) satisfies z.ZodType<AuditReport>;

/** Does not compile as soon as a field is in the schema and not in the domain, or the other way round. */
export type SchemaIsExact = Holds<
  IsSame<Writable<z.output<typeof reportSchema>>, Writable<AuditReport>>
>;

type Holds<T extends true> = T;

/** Two types are the same when each can stand for the other wherever a type is asked about. */
type IsSame<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** All that is read-only in a type, and in what it holds, may be written: that is no difference here. */
type Writable<T> = T extends readonly (infer One)[]
  ? Writable<One>[]
  : T extends object
    ? { -readonly [Name in keyof T]: Writable<T[Name]> }
    : T;
