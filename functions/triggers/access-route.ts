import * as z from 'zod';
import { readSource, sourceParams } from './source-of-request.ts';
import { verdictOf, type AccessCheck } from '../../shared/domain/access-check.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  isCertificateTarget,
  isUnreadable,
  parseTarget,
  type CertificateTarget,
} from '../../shared/domain/target.ts';
import { accessSchema } from '../../shared/http/access-view.ts';
import { RequestError } from '../../shared/http/request-error.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

export interface AccessRoutePorts {
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly check: (source: Source, target: CertificateTarget) => Promise<readonly AccessCheck[]>;
}

/**
 * `GET /api/certificates/{vault}/{name}/access?target=…`: everything that stands, or does not stand,
 * between a service and a certificate. Changes nothing.
 */
export function makeAccessRoute({ vaults, services, check }: AccessRoutePorts): Route {
  return defineRoute({
    name: 'CheckAccess',
    method: 'GET',
    path: 'certificates/{vault}/{name}/access',
    role: 'Certkeeper.Read',
    summary: 'What stands between a service and a certificate',
    description:
      'Asks Azure everything that decides whether the service can read it; of a workspace, which cannot, whether Certkeeper can put it there.',
    params: sourceParams,
    query: z.object({
      target: z
        .string({ error: MISSING })
        .trim()
        .min(1, { error: MISSING })
        .meta({ description: 'The path of a target; it need not exist', example: 'contoso-gw' }),
    }),
    answers: { 200: { description: 'Every check and its answer', schema: accessSchema } },
    problems: ['VAULT_NOT_CONFIGURED', 'SERVICE_NOT_CONFIGURED', 'TARGET_UNSUPPORTED'],
    handle: async ({ params, query }) => {
      const source = readSource(params, vaults);
      const target = readTarget(query.target, source, services);
      const checks = await check(source, target);
      return {
        status: 200,
        jsonBody: {
          source: formatSource(source),
          target: formatTarget(target),
          verdict: verdictOf(checks),
          checks,
        },
      };
    },
  });
}

const MISSING = 'must be given: the path of a target, e.g. contoso-gw';

/**
 * Thrown when the path cannot be read: RequestError; when it is of another kind, or its service is
 * not under care: TerminalError `TARGET_UNSUPPORTED` or `SERVICE_NOT_CONFIGURED`.
 */
function readTarget(
  path: string,
  source: Source,
  services: ReadonlySet<string>,
): CertificateTarget {
  const target = parseTarget(path, source);
  if (isUnreadable(target)) {
    throw new RequestError([
      { field: 'target', message: `cannot be read as the path of a target: ${target.message}` },
    ]);
  }
  if (!isCertificateTarget(target)) {
    throw new TerminalError({
      code: 'TARGET_UNSUPPORTED',
      message: `Certkeeper does not keep targets of this kind yet: ${formatTarget(target)}.`,
      resource: formatTarget(target),
      cure: 'Ask about a client certificate of a service: {service} or {service}/certificates/{id}, or of a workspace: {service}/workspaces/{workspace}.',
    });
  }
  if (services.has(target.service)) return target;
  throw new TerminalError({
    code: 'SERVICE_NOT_CONFIGURED',
    message: `The service ${target.service} is not under Certkeeper's care.`,
    resource: target.service,
    cure: "Add the service's resource id to CERTKEEPER_SERVICES.",
  });
}
