/** Certificates as the HTTP API shows them: the schemas of its answers, and how they are made. */
import * as z from 'zod';
import { problemSchema, requestedBySchema } from '../contracts/schemas.ts';
import { ACCESS_VERDICTS } from '../domain/access-check.ts';
import type { AccessRecord } from '../domain/access-record.ts';
import { CERTIFICATE_STATUSES, type ListedCertificate } from '../domain/certificate-list.ts';
import type { Binding, SourceRecord } from '../domain/binding.ts';
import type { Orphan } from '../domain/cleanup.ts';
import { PROBLEM_CODES } from '../domain/errors.ts';
import { HISTORY_ACTS, type HistoryEntry } from '../domain/history.ts';
import { formatTarget, targetKey } from '../domain/target.ts';

const thumbprint = z.string().describe('SHA-1, 40 upper-case hex digits');
const time = z.string().describe('ISO 8601, UTC');

export const bindingViewSchema = z
  .object({
    target: z.string().describe("The target's path"),
    thumbprint: thumbprint.exactOptional().describe('What was last reported at the target'),
    current: z.boolean().describe("Whether that is the vault's thumbprint"),
    versionless: z
      .boolean()
      .describe('Whether the target holds a versionless reference; false also when not known'),
    origin: z.enum(['tag', 'http', 'discovered']),
    claimed: z.boolean().describe('Whether the target belongs to this certificate'),
    status: z.enum(['verified', 'blocked', 'failed', 'pending']),
    allowedBy: z
      .literal('manage')
      .exactOptional()
      .describe('Bound beyond CERTKEEPER_ALLOW by the role Certkeeper.Manage'),
    takeOver: z
      .literal(true)
      .exactOptional()
      .describe('Whether what is at the target may be replaced, whoever put it there'),
    leaving: z
      .literal(true)
      .exactOptional()
      .describe('Whether it is being detached: the next sync removes it at the target'),
    verifiedVersion: z.string().exactOptional(),
    verifiedAt: time.exactOptional(),
    changedAt: time.exactOptional(),
    rotation: z
      .object({
        at: time,
        seconds: z
          .number()
          .describe("From the version's creation in the vault until it was verified here"),
      })
      .exactOptional()
      .describe('The last rotation'),
    problem: problemSchema.exactOptional(),
    warnings: z
      .array(problemSchema)
      .exactOptional()
      .describe('What its last rotation broke, until a later sync finds nothing left of it'),
    forced: z
      .literal(true)
      .exactOptional()
      .describe('With `leaving`: it is removed also when something may use it'),
    access: z
      .object({
        verdict: z.enum(ACCESS_VERDICTS).describe('The gravest answer of the checks'),
        since: time.describe('Since when it is what it is'),
        checkedAt: time,
        problems: z.array(problemSchema).describe('What stands in the way, the surest first'),
      })
      .exactOptional()
      .describe('Whether the service could read the certificate when that was last checked'),
    orphan: z
      .object({
        state: z.literal('orphaned'),
        fate: z
          .enum(['soft-deleted', 'purged'])
          .describe('Whether the vault can bring the certificate back'),
        since: time.describe('When a sweep first found the certificate gone'),
        seenAt: time.describe('When a sweep last found it so'),
        recoverableUntil: time.exactOptional(),
        doubted: z
          .literal(true)
          .exactOptional()
          .describe('So many went at once that nothing is removed until somebody confirms it'),
        removeAfter: time
          .exactOptional()
          .describe('When it is removed here, if nothing changes; absent = it will not be'),
        kept: problemSchema.exactOptional().describe('What keeps it from being removed'),
      })
      .exactOptional()
      .describe('Of a certificate that is gone from its vault'),
  })
  .meta({ id: 'Binding' });
export type BindingView = z.infer<typeof bindingViewSchema>;

export const certificateViewSchema = z
  .object({
    vault: z.string(),
    name: z.string(),
    status: z.enum(CERTIFICATE_STATUSES).describe('How it stands as a whole: the gravest counts'),
    version: z.string().exactOptional(),
    thumbprint: thumbprint.exactOptional(),
    enabled: z.boolean().exactOptional(),
    expiresAt: time.exactOptional(),
    seenAt: time.exactOptional().describe('When the vault was last looked at'),
    unbound: z.boolean().exactOptional(),
    ignored: z.boolean().exactOptional(),
    operation: z.string().describe('Address of its operation'),
    suspect: z
      .object({ version: z.string(), problem: problemSchema })
      .exactOptional()
      .describe(
        'What looked wrong about the version that was seen last, when it was kept all the same',
      ),
    problems: z.array(problemSchema).exactOptional(),
    bindings: z.array(bindingViewSchema),
  })
  .meta({ id: 'Certificate' });
export type CertificateView = z.infer<typeof certificateViewSchema>;

/** A page of the list. */
export const certificatePageSchema = z
  .object({
    certificates: z.array(certificateViewSchema),
    next: z.string().exactOptional().describe('Address of the next page, if there is more'),
  })
  .meta({ id: 'CertificatePage' });

export const versionViewSchema = z
  .object({
    version: z.string(),
    current: z.boolean().describe('Whether it is the one that counts: the newest created'),
    enabled: z.boolean(),
    thumbprint: thumbprint.exactOptional(),
    createdAt: time,
    notBefore: time.exactOptional(),
    expiresAt: time.exactOptional(),
    tags: z.record(z.string(), z.string()).exactOptional(),
  })
  .meta({ id: 'Version' });

export const historyViewSchema = z
  .object({
    at: time,
    what: z.enum(HISTORY_ACTS),
    by: requestedBySchema.describe('Who asked; platform = an event or the schedule'),
    verdict: z.enum(['succeeded', 'blocked', 'failed']).exactOptional(),
    version: z.string().exactOptional(),
    targets: z
      .array(
        z.object({
          target: z.string(),
          outcome: z.string(),
          reason: z.string(),
          problem: z.enum(PROBLEM_CODES).exactOptional(),
          warnings: z.array(z.enum(PROBLEM_CODES)).readonly().exactOptional(),
        }),
      )
      .exactOptional(),
    targetsLeftOut: z.int().exactOptional(),
    problems: z.array(z.enum(PROBLEM_CODES)).exactOptional(),
    detail: z.string().exactOptional(),
  })
  .meta({ id: 'HistoryEntry' });

/** One certificate with everything that is known of it. */
export const certificateDetailSchema = certificateViewSchema
  .extend({
    versions: z.array(versionViewSchema).describe("The vault's versions, newest created first"),
    versionsProblem: problemSchema
      .exactOptional()
      .describe('Why the vault could not be read; `versions` is empty then'),
    history: z.array(historyViewSchema).describe('What was done about it, newest first'),
  })
  .meta({ id: 'CertificateDetail' });
export type CertificateDetail = z.infer<typeof certificateDetailSchema>;

export function toHistoryView({ source: _, targets, problems, ...rest }: HistoryEntry) {
  return {
    ...rest,
    ...(targets === undefined ? {} : { targets: [...targets] }),
    ...(problems === undefined ? {} : { problems: [...problems] }),
  } satisfies z.infer<typeof historyViewSchema>;
}

/** @param operationId the id of the certificate's operation */
export function toCertificateView(
  { record, bindings, access = [], orphans = [], unreadable = [], status }: ListedCertificate,
  operationId: string,
): CertificateView {
  const { source, problems: noted, verified: _, earlier: __, ...seen } = record;
  const problems = [...noted, ...unreadable];
  return {
    ...source,
    status,
    ...seen,
    operation: `/api/operations/${operationId}`,
    ...(problems.length > 0 ? { problems } : {}),
    bindings: bindings.map((binding) => {
      const checked = access.find((one) => targetKey(one.target) === targetKey(binding.target));
      const orphan = orphans.find(
        ({ target, backAt }) =>
          backAt === undefined && targetKey(target) === targetKey(binding.target),
      );
      return toBindingView(binding, record, { access: checked, orphan });
    }),
  };
}

function toBindingView(
  { source: _, pushed: _pushed, target, targetThumbprint, versionless, broken, ...rest }: Binding,
  record: SourceRecord,
  {
    access,
    orphan,
  }: { readonly access: AccessRecord | undefined; readonly orphan: Orphan | undefined },
): BindingView {
  return {
    target: formatTarget(target),
    ...(targetThumbprint === undefined ? {} : { thumbprint: targetThumbprint }),
    current: targetThumbprint !== undefined && targetThumbprint === record.thumbprint,
    versionless,
    ...rest,
    ...(broken === undefined ? {} : { warnings: [...broken.problems] }),
    ...(access === undefined ? {} : { access: toAccessView(access) }),
    ...(orphan === undefined ? {} : { orphan: toOrphanView(orphan) }),
  };
}

function toOrphanView(orphan: Orphan): NonNullable<BindingView['orphan']> {
  const { fate, since, seenAt, recoverableUntil, doubted, removeAfter, kept } = orphan;
  return {
    state: 'orphaned',
    ...{ fate, since, seenAt },
    ...(recoverableUntil === undefined || fate === 'purged' ? {} : { recoverableUntil }),
    ...(doubted === undefined ? {} : { doubted: true }),
    ...(removeAfter === undefined ? {} : { removeAfter }),
    ...(kept === undefined ? {} : { kept }),
  };
}

function toAccessView({ verdict, since, checkedAt, problems }: AccessRecord) {
  return { verdict, since, checkedAt, problems: [...problems] };
}
