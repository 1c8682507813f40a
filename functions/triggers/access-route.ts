import * as z from 'zod';
import { readSource, sourceParams } from './source-of-request.ts';
import { readKeyTarget, readTarget, targetQuery } from './target-of-request.ts';
import { verdictOf, type AccessCheck } from '../../shared/domain/access-check.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import type { KeyCare } from '../../shared/domain/key-care.ts';
import {
  formatTarget,
  type CertificateTarget,
  type KeyTarget,
} from '../../shared/domain/target.ts';
import { accessSchema } from '../../shared/http/access-view.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

export interface AccessRoutePorts {
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly check: (source: Source, target: CertificateTarget) => Promise<readonly AccessCheck[]>;
  readonly keyCare: KeyCare;
  readonly checkKey: (source: Source, target: KeyTarget) => Promise<readonly AccessCheck[]>;
}

/**
 * `GET /api/certificates/{vault}/{name}/access?target=…`: everything that stands, or does not stand,
 * between a service and a certificate. Changes nothing.
 */
export function makeAccessRoute(ports: AccessRoutePorts): Route {
  const { vaults, services } = ports;
  return defineRoute({
    name: 'CheckAccess',
    method: 'GET',
    path: 'certificates/{vault}/{name}/access',
    role: 'Certkeeper.Read',
    summary: 'What stands between a service and a certificate',
    description:
      'Asks Azure everything that decides whether the service can read it; of a workspace, which cannot, whether Certkeeper can put it there; of an application, whether it has the key, and a token with it.',
    params: sourceParams,
    query: z.object({ target: targetQuery }),
    answers: { 200: { description: 'Every check and its answer', schema: accessSchema } },
    problems: [
      'APPLICATION_NOT_CONFIGURED',
      'SERVICE_NOT_CONFIGURED',
      'TARGET_RETIRED',
      'TARGET_UNSUPPORTED',
      'VAULT_NOT_CONFIGURED',
    ],
    handle: async ({ params, query }) => {
      const source = readSource(params, vaults);
      const place = readKeyTarget(query.target, source, ports.keyCare);
      const { target, checks } =
        place === undefined
          ? await checkService(ports, source, readTarget(query.target, source, services))
          : { target: place, checks: await ports.checkKey(source, place) };
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

async function checkService(
  { check }: Pick<AccessRoutePorts, 'check'>,
  source: Source,
  target: CertificateTarget,
) {
  return { target, checks: await check(source, target) };
}
