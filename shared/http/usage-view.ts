/** Where a certificate is used, as the HTTP API shows it. */
import * as z from 'zod';
import { problemSchema } from '../contracts/schemas.ts';
import { USE_DOCUMENT_KINDS, type CertificateReference } from '../domain/certificate-use.ts';

const time = z.string().describe('ISO 8601, UTC');

/** The surest reference decides; `unknown` = nobody has looked, or could look, at all of it. */
const USAGE_VERDICTS = ['in-use', 'may-be-in-use', 'unused', 'unknown'] as const;
export type UsageVerdict = (typeof USAGE_VERDICTS)[number];

const referenceSchema = z
  .object({
    document: z.string().meta({
      description: 'What refers to it: the path below the service',
      example: 'apis/orders/policies/policy',
    }),
    kind: z.enum(USE_DOCUMENT_KINDS),
    at: z.string().meta({
      description: 'Where in it',
      example: 'inbound/authentication-certificate/@thumbprint, line 4',
    }),
    by: z
      .enum(['id', 'thumbprint', 'key-vault', 'expression', 'unreadable'])
      .describe('How it refers; by thumbprint it stops resolving with the next rotation'),
    stale: z
      .literal(true)
      .exactOptional()
      .describe(
        'By a thumbprint that its target holds no longer: it resolves only where another certificate keeps it',
      ),
    certainty: z
      .enum(['certain', 'possible'])
      .describe('`possible`: it is worked out when a request comes, or it may be only data'),
    via: z.string().exactOptional().describe('The named value through which it refers'),
    repairable: z
      .boolean()
      .describe('Whether CERTKEEPER_REPAIR_REFERENCES=repair would make it refer by the id'),
  })
  .meta({ id: 'Reference' }) satisfies z.ZodType<CertificateReference>;

/** A reference, and whether it is stale already. */
export type ShownReference = z.infer<typeof referenceSchema>;

const foundSchema = {
  asOf: time.describe('When the look that this comes from began, ISO 8601, UTC').exactOptional(),
  live: z.boolean().describe('Whether it was read from API Management for this answer'),
  references: z.array(referenceSchema).readonly(),
  leftOut: z.int().exactOptional().describe('How many more there are'),
};

export const usageSchema = z
  .object({
    source: z.string().meta({ example: 'contoso-kv/gateway-client' }),
    verdict: z.enum(USAGE_VERDICTS).describe('The gravest of its targets and of its readers'),
    targets: z
      .array(
        z.object({
          target: z.string().meta({ example: 'contoso-gw/certificates/gateway-client' }),
          verdict: z.enum(USAGE_VERDICTS),
          missing: z
            .literal(true)
            .exactOptional()
            .describe('API Management has no such certificate: is the path right?'),
          ...foundSchema,
          problem: problemSchema.exactOptional().describe('Why it is not known'),
        }),
      )
      .readonly(),
    readers: z
      .array(z.object({ service: z.string(), ...foundSchema }))
      .readonly()
      .describe('What reads it from Key Vault by itself: custom domains and named values'),
    unseen: z
      .array(z.string())
      .readonly()
      .exactOptional()
      .describe('Services at which nobody has looked for readers yet'),
  })
  .meta({ id: 'Usage' });
