/** The domain's shapes as schemas, for whatever crosses the boundary of an activity. */
import * as z from 'zod';
import type { Breaking } from '../domain/breaking.ts';
import type { ReferencePolicy } from '../domain/breaking-plan.ts';
import { USE_DOCUMENT_KINDS, type CertificateReference } from '../domain/certificate-use.ts';
import { PROBLEM_CODES, type Problem } from '../domain/errors.ts';
import type { TargetOutcome } from '../domain/outcome.ts';
import type { RequestedBy } from '../domain/requested-by.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type { Source, SourceObservation } from '../domain/source.ts';
import type { Yardstick } from '../domain/suspect.ts';
import type { SyncView, Work } from '../domain/work.ts';
import type { Target } from '../domain/target.ts';
import type { InstalledCertificate, TargetState } from '../domain/target-state.ts';

const text = z.string().max(4_096);
const name = z.string().min(1).max(256);

export const sourceSchema = z
  .object({ vault: name, name })
  .meta({ id: 'Source' }) satisfies z.ZodType<Source>;

export const problemSchema = z
  .object({
    code: z.enum(PROBLEM_CODES),
    message: text,
    resource: text.exactOptional(),
    cure: text.exactOptional(),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>;

export const requestedBySchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('entra'), id: name, name: name.exactOptional() }),
    z.object({ kind: z.literal('function-key') }),
    z.object({ kind: z.literal('platform') }),
  ])
  .meta({ id: 'RequestedBy' }) satisfies z.ZodType<RequestedBy>;

export const targetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('client-certificate'), service: name, id: name }),
  z.object({ kind: z.literal('workspace-certificate'), service: name, workspace: name, id: name }),
  z.object({
    kind: z.literal('ca-certificate'),
    service: name,
    store: z.enum(['Root', 'CertificateAuthority']),
  }),
  z.object({ kind: z.literal('hostname'), service: name, hostname: name }),
  z.object({ kind: z.literal('gateway-ca'), service: name, gateway: name }),
  z.object({ kind: z.literal('entra-application'), appId: name }),
  z.object({ kind: z.literal('classic-management'), subscriptionId: name }),
]) satisfies z.ZodType<Target>;

export const keyTargetSchema = z.discriminatedUnion('kind', [
  targetSchema.options[5],
  targetSchema.options[6],
]);
export const clientCertificateSchema = targetSchema.options[0];
export const workspaceCertificateSchema = targetSchema.options[1];
export const caTargetSchema = targetSchema.options[2];
export const certificateTargetSchema = z.discriminatedUnion('kind', [
  clientCertificateSchema,
  workspaceCertificateSchema,
]);

const referenceSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('key-vault'),
    secret: z.object({
      source: sourceSchema,
      collection: z.enum(['secrets', 'certificates']),
      version: name.exactOptional(),
    }),
    identityClientId: name.exactOptional(),
  }),
  z.object({ kind: z.literal('foreign'), identifier: text }),
  z.object({ kind: z.literal('uploaded'), ofSource: z.boolean().exactOptional() }),
  z.object({ kind: z.literal('public-key'), own: z.boolean(), settled: z.boolean() }),
]);

export const installedSchema = z.object({
  reference: referenceSchema,
  thumbprint: name.exactOptional(),
  etag: name.exactOptional(),
  lastFailure: z.object({ code: text, message: text }).exactOptional(),
  pushedVersion: name.exactOptional(),
  gapSeconds: z.number().min(0).exactOptional(),
}) satisfies z.ZodType<InstalledCertificate>;

export const targetStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unread') }),
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.literal('recorded'), thumbprint: name, etag: name.exactOptional() }),
  z.object({ kind: z.literal('present'), installed: installedSchema }),
]) satisfies z.ZodType<TargetState>;

const texts = z.array(text).readonly();

export const looksSchema = z.object({
  subject: text,
  issuer: text,
  sans: texts,
  serialNumber: text,
  thumbprint: name,
  notBefore: name,
  notAfter: name,
  keyType: name,
  keySize: z.number().exactOptional(),
  curve: name.exactOptional(),
  signatureAlgorithm: name,
  keyUsage: texts,
  extendedKeyUsage: texts,
}) satisfies z.ZodType<CertificateLooks>;

const yardstickSchema = z.object({
  onSuspect: z.enum(['warn', 'hold']),
  verified: z.object({ version: name, looks: looksSchema }).exactOptional(),
  earlier: z.array(name).readonly().exactOptional(),
  approved: name.exactOptional(),
  wentBackTo: name.exactOptional(),
}) satisfies z.ZodType<Yardstick>;

const currentVersionSchema = z.object({
  version: name,
  thumbprint: name,
  enabled: z.boolean(),
  createdAt: name,
  notBefore: name.exactOptional(),
  expiresAt: name.exactOptional(),
  contentType: name.exactOptional(),
  exportable: z.boolean().exactOptional(),
  policyChangedAt: name.exactOptional(),
  tags: z.record(z.string(), z.string()),
  looks: looksSchema.exactOptional(),
});

export const observationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('present'), current: currentVersionSchema }),
  z.object({ kind: z.literal('disabled') }),
  z.object({ kind: z.literal('missing') }),
]) satisfies z.ZodType<SourceObservation>;

const count = z.int().min(0);

const referenceOfUseSchema = z.object({
  document: text,
  kind: z.enum(USE_DOCUMENT_KINDS),
  at: text,
  by: z.enum(['id', 'thumbprint', 'key-vault', 'expression', 'unreadable']),
  certainty: z.enum(['certain', 'possible']),
  via: text.exactOptional(),
  repairable: z.boolean(),
}) satisfies z.ZodType<CertificateReference>;

export const breakingSchema = z.object({
  thumbprints: z.array(name).readonly(),
  asOf: name,
  references: z.array(referenceOfUseSchema).readonly(),
  leftOut: count.exactOptional(),
}) satisfies z.ZodType<Breaking>;

const referencePolicySchema = z.object({
  repair: z.literal(true).exactOptional(),
  hold: z.literal(true).exactOptional(),
  approval: z.object({ version: name, at: name }).exactOptional(),
}) satisfies z.ZodType<ReferencePolicy>;

const workSchema = z.object({
  target: targetSchema,
  standing: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('bound'), origin: z.enum(['tag', 'http', 'discovered']) }),
    z.object({ kind: z.literal('asked'), origin: z.literal('http').exactOptional() }),
  ]),
  consented: z.boolean(),
  configured: z.boolean(),
  takeOver: z.literal(true).exactOptional(),
  leaving: z.literal(true).exactOptional(),
  forced: z.literal(true).exactOptional(),
  state: targetStateSchema,
  tries: z.object({ writes: count, refreshes: count, rereads: count }),
  pushedThumbprint: name.exactOptional(),
  previousThumbprint: name.exactOptional(),
  knownProblem: z.enum(PROBLEM_CODES).exactOptional(),
  breaking: breakingSchema.exactOptional(),
  lookedUp: z.array(name).readonly().exactOptional(),
  usageUnknown: z.literal(true).exactOptional(),
  did: z
    .object({ kind: z.enum(['attach', 'repoint', 'refresh', 'remove']), reason: name })
    .exactOptional(),
}) satisfies z.ZodType<Work>;

export const syncViewSchema = z.object({
  arrival: count,
  by: requestedBySchema.exactOptional(),
  observation: observationSchema,
  asked: z.enum(['nothing', 'ignore', 'unbind', 'targets']),
  work: z.array(workSchema).readonly(),
  problems: z.array(problemSchema).readonly(),
  told: z.array(text).readonly(),
  yardstick: yardstickSchema.exactOptional(),
  grantAccess: z.literal('auto').exactOptional(),
  references: referencePolicySchema.exactOptional(),
  vaultSuffix: name,
}) satisfies z.ZodType<SyncView>;

export const outcomeSchema = z
  .object({
    target: text,
    outcome: z.enum([
      'attached',
      'rotated',
      'repointed',
      'current',
      'blocked',
      'failed',
      'removed',
      'released',
    ]),
    reason: name,
    thumbprint: name.exactOptional(),
    previousThumbprint: name.exactOptional(),
    gapSeconds: z
      .number()
      .min(0)
      .exactOptional()
      .describe(
        "Of an application's key: seconds from the vault's showing the version until its key was seen there",
      ),
    problem: problemSchema.exactOptional(),
    findings: z.array(problemSchema).readonly().exactOptional(),
    warnings: z
      .array(problemSchema)
      .readonly()
      .exactOptional()
      .describe(
        "What is worth a look, and stood in nobody's way: references that stopped resolving",
      ),
    repaired: z
      .object({ documents: texts, leftOut: count.exactOptional() })
      .exactOptional()
      .describe('Documents that referred by thumbprint, and were brought up to date'),
  })
  .meta({ id: 'TargetOutcome' }) satisfies z.ZodType<TargetOutcome>;
