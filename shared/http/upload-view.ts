/** Uploads as the HTTP API takes and answers them: the schemas, and how the answers are made. */
import * as z from 'zod';
import { startedAt } from './started.ts';
import { looksSchema, problemSchema, sourceSchema } from '../contracts/schemas.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type { Problem } from '../domain/errors.ts';
import { CERTIFICATE_NAME, VAULT_NAME, type Source } from '../domain/source.ts';

const password = z
  .string()
  .optional()
  .describe("The file's password; kept no longer than the call takes");
const takeOver = z
  .boolean()
  .default(false)
  .describe('Replace what is at the targets, whoever put it there; role Certkeeper.Manage');
const file = {
  json: z
    .string()
    .describe('A PKCS#12 file (.pfx, .p12) or PEM with the private key, in base64')
    .meta({ contentEncoding: 'base64' }),
  form: z
    .string()
    .describe('A PKCS#12 file (.pfx, .p12) or PEM with the private key')
    .meta({ contentMediaType: 'application/octet-stream' }),
};
const targets = {
  json: z
    .array(z.string())
    .default([])
    .describe('Paths of the targets, e.g. contoso-gw or contoso-gw/workspaces/team-a'),
  form: z
    .string()
    .optional()
    .describe('Paths of the targets, separated by commas, or in a field each'),
};
const tags = {
  json: z.record(z.string(), z.string()).default({}).describe('Tags of the version in Key Vault'),
  form: z.string().optional().describe('Tags: name=value, separated by commas, or a JSON object'),
};

const versionFields = {
  json: { file: file.json, password, targets: targets.json, tags: tags.json, takeOver },
  form: { file: file.form, password, targets: targets.form, tags: tags.form, takeOver },
};
const place = {
  vault: z
    .string()
    .regex(VAULT_NAME)
    .optional()
    .describe('The vault under care that is to hold it; left out with store=none'),
  name: z.string().regex(CERTIFICATE_NAME).describe('Its name there'),
  store: z
    .enum(['vault', 'none'])
    .default('vault')
    .describe(
      '`none`: to the targets alone and into no vault, for those who must; it never rotates',
    ),
  recover: z
    .boolean()
    .default(false)
    .describe(
      'If a deleted certificate holds the name: recover it and add this as its new version',
    ),
};

/** The bodies of `POST /api/certificates`. */
export const uploadBodies = {
  'multipart/form-data': z.object({ ...place, ...versionFields.form }).meta({ id: 'UploadForm' }),
  'application/json': z.object({ ...place, ...versionFields.json }).meta({ id: 'Upload' }),
};

/** The bodies of `PUT /api/certificates/{vault}/{name}`. */
export const versionBodies = {
  'multipart/form-data': z.object(versionFields.form).meta({ id: 'NewVersionForm' }),
  'application/json': z.object(versionFields.json).meta({ id: 'NewVersion' }),
};

const linkSchema = looksSchema.pick({
  subject: true,
  issuer: true,
  thumbprint: true,
  notBefore: true,
  notAfter: true,
});

/** The body of a 202 to an upload or a roll-back. */
export const acceptedSchema = z
  .object({
    id: z.string().meta({ example: 'sync-42b17761df0f8fd0e086' }),
    operation: z.string().describe('The address of the operation, as in Location'),
    source: sourceSchema,
    imported: z.boolean().describe('False when the vault had this very certificate already'),
    version: z.string().describe('The version in Key Vault that holds it'),
    rolledBackTo: z
      .string()
      .exactOptional()
      .describe('The earlier version whose certificate is the current one again'),
    targets: z.array(z.string()).readonly().describe('The targets that were asked for'),
    understood: looksSchema
      .extend({ chain: z.array(linkSchema).readonly().describe('From its issuer upwards') })
      .exactOptional()
      .describe('What the certificate says of itself'),
    warnings: z.array(problemSchema).readonly(),
  })
  .meta({ id: 'Accepted' });

/** The body of a 200 to an upload without a vault. */
export const directSchema = z
  .object({
    source: sourceSchema.describe('Its name in the ledger and in CERTKEEPER_ALLOW: none/{name}'),
    targets: z
      .array(
        z.object({
          target: z.string(),
          outcome: z.enum(['attached', 'rotated', 'current']),
          thumbprint: z.string(),
        }),
      )
      .readonly(),
    understood: looksSchema.extend({ chain: z.array(linkSchema).readonly() }),
    warnings: z.array(problemSchema).readonly().describe('`NOT_ROTATING` first'),
  })
  .meta({ id: 'UploadedDirectly' });

/** 200 with what is at which target now. */
export function answerDirect(
  source: Source,
  {
    leaf,
    chain,
    ...rest
  }: {
    readonly leaf: CertificateLooks;
    readonly chain: readonly CertificateLooks[];
    readonly warnings: readonly Problem[];
    readonly targets: z.infer<typeof directSchema>['targets'];
  },
) {
  const understood = { ...leaf, chain: chain.map(toLink) };
  return { status: 200, jsonBody: { source, understood, ...rest } } as const;
}

/** What an upload or a roll-back came to. */
export interface Accepted {
  readonly id: string;
  readonly source: Source;
  readonly imported: boolean;
  readonly version: string;
  readonly rolledBackTo?: string;
  readonly targets: readonly string[];
  readonly leaf?: CertificateLooks;
  readonly chain?: readonly CertificateLooks[];
  readonly warnings: readonly Problem[];
}

/** 202 with the address of the operation, and what was understood of the certificate. */
export function answerAccepted({ leaf, chain = [], ...rest }: Accepted) {
  const { operation, headers } = startedAt(rest.id);
  const understood =
    leaf === undefined ? {} : { understood: { ...leaf, chain: chain.map(toLink) } };
  return { status: 202, headers, jsonBody: { ...rest, operation, ...understood } } as const;
}

function toLink({ subject, issuer, thumbprint, notBefore, notAfter }: CertificateLooks) {
  return { subject, issuer, thumbprint, notBefore, notAfter };
}
