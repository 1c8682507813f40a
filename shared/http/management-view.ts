/** Management certificates as the HTTP API takes and answers them. */
import * as z from 'zod';
import { looksSchema, problemSchema, sourceSchema } from '../contracts/schemas.ts';
import { CERTIFICATE_NAME } from '../domain/source.ts';

const name = z
  .string()
  .regex(CERTIFICATE_NAME)
  .describe('By which the ledger and CERTKEEPER_ALLOW know it: none/{name}')
  .meta({ example: 'deploy-bot' });
const targetExample = 'entra/applications/0a5e0000-0000-4000-8000-000000000001';

/** The bodies of `POST /api/management-certificates`. */
export const managementBodies = {
  'multipart/form-data': z
    .object({
      name,
      file: z
        .string()
        .describe('A certificate without its private key (.cer), DER or PEM')
        .meta({ contentMediaType: 'application/octet-stream' }),
      targets: z.string().describe('Paths of the targets, separated by commas'),
    })
    .meta({ id: 'ManagementCertificateForm' }),
  'application/json': z
    .object({
      name,
      file: z
        .string()
        .describe('A certificate without its private key (.cer), DER or PEM, in base64')
        .meta({ contentEncoding: 'base64' }),
      targets: z
        .array(z.string().meta({ example: targetExample }))
        .describe('Paths of the targets'),
    })
    .meta({ id: 'ManagementCertificate' }),
};

export const addedSchema = z
  .object({
    source: sourceSchema,
    targets: z
      .array(
        z.object({
          target: z.string().meta({ example: targetExample }),
          outcome: z
            .enum(['attached', 'current'])
            .describe('`current`: it was registered there already'),
          thumbprint: z.string(),
          verifiedAt: z.string().describe('When it was seen there'),
        }),
      )
      .readonly(),
    understood: looksSchema,
    warnings: z.array(problemSchema).readonly(),
  })
  .meta({ id: 'ManagementCertificateAdded' });

export const keysSchema = z
  .object({
    keys: z
      .array(
        z.object({
          target: z.string(),
          keyId: z.string(),
          thumbprint: z.string().exactOptional(),
          name: z.string().exactOptional(),
          startsAt: z.string().exactOptional(),
          expiresAt: z.string().exactOptional(),
          source: z
            .string()
            .exactOptional()
            .describe('vault/name of what Certkeeper registered; left out for what others did'),
          removeAfter: z
            .string()
            .exactOptional()
            .describe('From when on Certkeeper takes it away: its overlap, or its end'),
        }),
      )
      .readonly(),
    problems: z.array(problemSchema).readonly().describe('Places that could not be read'),
  })
  .meta({ id: 'ManagementCertificates' });

export const removedSchema = z
  .object({
    source: sourceSchema,
    targets: z
      .array(z.object({ target: z.string(), removed: z.array(z.string()).readonly() }))
      .readonly(),
  })
  .meta({ id: 'ManagementCertificateRemoved' });

/** The body of a 202 to a renewed key. */
export const renewedSchema = z
  .object({
    id: z.string(),
    operation: z.string().describe('The address of the operation, as in Location'),
    source: sourceSchema,
    version: z.string().describe('The version in Key Vault that holds the key'),
    registered: z
      .array(
        z.object({
          target: z.string().meta({ example: targetExample }),
          verifiedAt: z.string().describe('When the public key was seen there, before the import'),
          signIn: z
            .enum(['accepted', 'not-tried', 'refused'])
            .describe(
              'Whether a token was had with the key before it was imported; `refused`: for a reason that says nothing of the key',
            ),
        }),
      )
      .readonly(),
    understood: looksSchema,
  })
  .meta({ id: 'KeyRenewed' });
