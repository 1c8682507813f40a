import * as z from 'zod';
import { readSource, sourceParams } from './source-of-request.ts';
import { readTarget, targetQuery } from './target-of-request.ts';
import { verdictOf, type AccessCheck } from '../../shared/domain/access-check.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { formatTarget, type CertificateTarget } from '../../shared/domain/target.ts';
import { accessSchema } from '../../shared/http/access-view.ts';
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
    query: z.object({ target: targetQuery }),
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
