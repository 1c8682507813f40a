import { requireService } from './require-service.ts';
import * as z from 'zod';
import { TerminalError } from '../../shared/domain/errors.ts';
import { keyPlaceProblem, type KeyCare } from '../../shared/domain/key-care.ts';
import type { Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  isCertificateTarget,
  isKeyTarget,
  isUnreadable,
  parseTarget,
  type CertificateTarget,
  type ClientCertificateTarget,
  type KeyTarget,
} from '../../shared/domain/target.ts';
import { RequestError } from '../../shared/http/request-error.ts';

const MISSING = 'must be given: the path of a target, e.g. contoso-gw';

/** The `target` of a route's query. */
export const targetQuery = z
  .string({ error: MISSING })
  .trim()
  .min(1, { error: MISSING })
  .meta({ description: 'The path of a target; it need not exist', example: 'contoso-gw' });

/**
 * Thrown when the path cannot be read: RequestError; when it is of another kind, or its service is
 * not under care: TerminalError `TARGET_UNSUPPORTED` or `SERVICE_NOT_CONFIGURED`.
 */
export function readTarget(
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
  requireService(target.service, services);
  return target;
}

/**
 * A place where public keys are registered; undefined when the path is of another kind, or cannot be
 * read.
 *
 * Thrown when it is not under care: TerminalError `APPLICATION_NOT_CONFIGURED`, `TARGET_RETIRED`.
 */
export function readKeyTarget(path: string, source: Source, care: KeyCare): KeyTarget | undefined {
  const target = parseTarget(path, source);
  if (isUnreadable(target) || !isKeyTarget(target)) return undefined;
  const problem = keyPlaceProblem(target, care);
  if (problem !== undefined) throw new TerminalError(problem);
  return target;
}

/**
 * As {@link readTarget}, for what is about a service's own way to the vault.
 *
 * Thrown when the target is in a workspace, which reads no vault: TerminalError
 * `TARGET_UNSUPPORTED`.
 */
export function readServiceTarget(
  path: string,
  source: Source,
  services: ReadonlySet<string>,
): ClientCertificateTarget {
  const target = readTarget(path, source, services);
  if (target.kind === 'client-certificate') return target;
  throw new TerminalError({
    code: 'TARGET_UNSUPPORTED',
    message: `A workspace reads no vault, so nothing can be given to it: ${formatTarget(target)}.`,
    resource: formatTarget(target),
    cure: 'Ask about a client certificate of the service: {service} or {service}/certificates/{id}.',
  });
}
