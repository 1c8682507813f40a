import type { HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import type { FieldError } from './request-error.ts';
import { PROBLEM_CODES, type Problem, type ProblemCode } from '../domain/errors.ts';

/** Status of a problem in an HTTP answer; codes not listed are the caller's to know, 422. */
const STATUS: Partial<Record<ProblemCode, number>> = {
  APPLICATION_NOT_CONFIGURED: 404,
  APPLICATION_NOT_FOUND: 404,
  AZURE_REFUSED: 502,
  AZURE_UNAVAILABLE: 503,
  BINDING_DISCOVERED: 409,
  BINDING_NOT_ALLOWED: 403,
  BINDING_NOT_FOUND: 404,
  BINDING_TAGGED: 409,
  BODY_TOO_LARGE: 413,
  CA_ENTRIES_UNKNOWN: 409,
  CA_ENTRY_BOUND: 409,
  CA_ENTRY_NOT_FOUND: 404,
  CA_LIMIT_REACHED: 409,
  CA_STORE_WITHOUT_EFFECT: 409,
  CA_UPDATE_DOWNTIME: 409,
  CERTIFICATE_DELETED: 409,
  CERTIFICATE_EXISTS: 409,
  CERTIFICATE_NOT_SELF_SIGNED: 409,
  CERTIFICATE_PENDING: 409,
  CERTKEEPER_FIREWALLED: 502,
  CERTKEEPER_PERMISSION_MISSING: 502,
  CLEANUP_ENDED: 409,
  CONTENT_TYPE_UNSUPPORTED: 415,
  CROSS_SITE_REQUEST: 403,
  FILE_TOO_LARGE: 413,
  FORM_TRUNCATED: 400,
  FORM_UNREADABLE: 400,
  GRANT_IN_USE: 409,
  GRANT_WITHHELD: 409,
  IDEMPOTENCY_KEY_BUSY: 409,
  INTERNAL_ERROR: 500,
  INVALID_REQUEST: 400,
  KEYS_LOST: 502,
  KEYS_REFUSED: 502,
  KEY_NOT_ACCEPTED: 502,
  KEY_NOT_FOUND: 404,
  LEDGER_NOT_EMPTY: 409,
  NAME_SOFT_DELETED: 409,
  NEEDS_IDENTITIES: 403,
  NOTHING_HELD: 409,
  NOTIFICATION_REFUSED: 502,
  NOTIFICATION_UNDELIVERED: 503,
  NOT_FOUND: 404,
  NOT_SIGNED_IN: 401,
  RECORD_UNREADABLE: 500,
  REPAIR_ENDED: 409,
  ROLE_MISSING: 403,
  SERVICE_NOT_CONFIGURED: 404,
  SERVICE_NOT_FOUND: 404,
  SERVICE_TAKEN: 409,
  SIGN_IN_NOT_SET_UP: 503,
  SOURCE_NOT_ALLOWED: 403,
  SOURCE_NOT_FOUND: 404,
  SYNC_FAILED: 503,
  TAG_FORBIDS: 409,
  TARGET_CHANGED: 409,
  TARGET_IN_USE: 409,
  TARGET_MAY_BE_IN_USE: 409,
  TARGET_RETIRED: 409,
  TARGET_TAKEN: 409,
  UPLOAD_UNFINISHED: 503,
  VAULT_NOT_CONFIGURED: 404,
  VERSION_DISABLED: 409,
  VERSION_NOT_FOUND: 404,
  WORKSPACE_NOT_FOUND: 404,
};

const TITLE: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** The body of an answer that tells of a problem. */
export const problemDetailsSchema = z
  .object({
    type: z.string().meta({ example: 'urn:certkeeper:problem:VAULT_NOT_CONFIGURED' }),
    title: z.string().describe("The status's own words"),
    status: z.int(),
    detail: z.string().describe('What is wrong, in a sentence'),
    code: z.enum(PROBLEM_CODES).describe('What is wrong; never renamed'),
    cure: z
      .string()
      .exactOptional()
      .describe('What the reader can do; a command where there is one'),
    resource: z.string().exactOptional().describe('What it concerns'),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .exactOptional()
      .describe('The fields of the request that cannot be used'),
    correlationId: z.string().describe("The request's id in the app's log"),
  })
  .meta({ id: 'ProblemDetails', description: 'A problem as RFC 9457 has it' });
type ProblemDetails = z.infer<typeof problemDetailsSchema>;

/** The status of an answer that carries this code. */
export function statusOf(code: ProblemCode): number {
  return STATUS[code] ?? 422;
}

/** What a status is called. */
export function titleOf(status: number): string {
  return TITLE[status] ?? 'Error';
}

/** Whether the same request may succeed a little later, without anybody changing a setting. */
export function mayComeBack(code: ProblemCode): boolean {
  if (code === 'IDEMPOTENCY_KEY_BUSY') return true;
  return statusOf(code) === 503 && code !== 'SIGN_IN_NOT_SET_UP';
}

/**
 * A problem as an RFC 9457 answer: `type`, `title`, `status`, `detail`, and beside them `code`,
 * `cure`, `resource`, `errors` (one entry a field) and `correlationId`.
 */
export function toProblemResponse(
  problem: Problem,
  correlationId: string,
  extra: {
    readonly errors?: readonly FieldError[];
    readonly retryAfterSeconds?: number | undefined;
  } = {},
): HttpResponseInit {
  const status = statusOf(problem.code);
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(mayComeBack(problem.code)
        ? { 'retry-after': String(Math.ceil(extra.retryAfterSeconds ?? 5)) }
        : {}),
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="certkeeper"' } : {}),
    },
    body: JSON.stringify({
      type: `urn:certkeeper:problem:${problem.code}`,
      title: titleOf(status),
      status,
      detail: problem.message,
      code: problem.code,
      ...(problem.cure === undefined ? {} : { cure: problem.cure }),
      ...(problem.resource === undefined ? {} : { resource: problem.resource }),
      ...(extra.errors === undefined ? {} : { errors: [...extra.errors] }),
      correlationId,
    } satisfies ProblemDetails),
  };
}
