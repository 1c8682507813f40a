import * as z from 'zod';
import { ACCESS_VERDICTS, type AccessCheck, type CheckName } from '../domain/access-check.ts';
import { PROBLEM_CODES } from '../domain/errors.ts';

const CHECKS = [
  'service',
  'identity',
  'reference',
  'vault',
  'permission',
  'ignored-permission',
  'firewall',
  'certificate',
  'validity',
  'exportable',
  'application',
  'sign-in',
] as const satisfies readonly CheckName[];

const check = z.enum(CHECKS);
const code = z.enum(PROBLEM_CODES);
const message = z.string();
const resource = z.string();
const cure = z.string();

const checkSchema = z.discriminatedUnion('severity', [
  z.object({ severity: z.literal('passed'), check, resource, message }),
  z.object({
    severity: z.enum(['blocks', 'may-block', 'notice']),
    ...{ check, code, resource, message, cure },
  }),
  z.object({
    severity: z.literal('unknown'),
    ...{ check, code, message },
    resource: resource.exactOptional(),
    cure: cure.exactOptional(),
  }),
]) satisfies z.ZodType<AccessCheck>;

/** What stands between a service and a certificate. */
export const accessSchema = z
  .object({
    source: z.string().meta({ example: 'contoso-kv/gateway-client' }),
    target: z.string().meta({ example: 'contoso-gw/certificates/gateway-client' }),
    verdict: z
      .enum(ACCESS_VERDICTS)
      .describe('The gravest of the checks; `notice` counts as clear'),
    checks: z.array(checkSchema).readonly(),
  })
  .meta({ id: 'Access' });
