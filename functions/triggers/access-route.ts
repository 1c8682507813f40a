import { readSource } from './source-of-request.ts';
import type { AccessCheck } from '../../shared/domain/access-check.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  isUnreadable,
  parseTarget,
  type ClientCertificateTarget,
} from '../../shared/domain/target.ts';
import { RequestError, type Route } from '../../shared/http/http-handler.ts';

export interface AccessRoutePorts {
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly check: (
    source: Source,
    target: ClientCertificateTarget,
  ) => Promise<readonly AccessCheck[]>;
}

/**
 * `GET /api/certificates/{vault}/{name}/access?target=…`: everything that stands, or does not stand,
 * between a service and a certificate. Changes nothing.
 */
export function makeAccessRoute({ vaults, services, check }: AccessRoutePorts): Route {
  return async (request) => {
    const source = readSource(request.params, vaults);
    const target = readTarget(request.query.get('target'), source, services);
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
  };
}

/** The gravest answer; `clear` when nothing is known to stand in the way and all was seen. */
function verdictOf(checks: readonly AccessCheck[]): string {
  const all = new Set(checks.map(({ severity }) => severity));
  return (['blocks', 'may-block', 'unknown'] as const).find((one) => all.has(one)) ?? 'clear';
}

/**
 * Thrown when the path cannot be read: RequestError; when it is of another kind, or its service is
 * not under care: TerminalError `TARGET_UNSUPPORTED` or `SERVICE_NOT_CONFIGURED`.
 */
function readTarget(
  path: string | null,
  source: Source,
  services: ReadonlySet<string>,
): ClientCertificateTarget {
  if (path === null || path.trim() === '') {
    throw new RequestError([
      { field: 'target', message: 'must be given: the path of a target, e.g. contoso-gw' },
    ]);
  }
  const target = parseTarget(path, source);
  if (isUnreadable(target)) {
    throw new RequestError([
      { field: 'target', message: `cannot be read as the path of a target: ${target.message}` },
    ]);
  }
  if (target.kind !== 'client-certificate') {
    throw new TerminalError({
      code: 'TARGET_UNSUPPORTED',
      message: `Certkeeper does not keep targets of this kind yet: ${formatTarget(target)}.`,
      resource: formatTarget(target),
      cure: 'Ask about a client certificate of a service: {service} or {service}/certificates/{id}.',
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
