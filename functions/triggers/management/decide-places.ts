import { notAllowed, readPaths } from '../uploads/decide-targets.ts';
import type { Asker } from '../uploads/asker.ts';
import type { ManagementPorts } from './ports.ts';
import { consents } from '../../../shared/domain/consent.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { keyPlaceProblem } from '../../../shared/domain/key-care.ts';
import type { Source } from '../../../shared/domain/source.ts';
import {
  formatTarget,
  isKeyTarget,
  type KeyTarget,
  type Target,
} from '../../../shared/domain/target.ts';

/** A place where a key may be registered. */
export interface DecidedPlace {
  readonly target: KeyTarget;
  /** The caller's role allows what `CERTKEEPER_ALLOW` does not. */
  readonly allowedBy?: 'manage';
}

/**
 * Decides whether a public key may be registered at each of these places. Asks nothing of Azure.
 *
 * Thrown when it may not at one of them: RequestError for a path that cannot be read; TerminalError
 * `TARGET_UNSUPPORTED`, `APPLICATION_NOT_CONFIGURED`, `TARGET_RETIRED`, `BINDING_NOT_ALLOWED`.
 */
export function decidePlaces(
  { rules, care }: Pick<ManagementPorts, 'rules' | 'care'>,
  asked: { readonly source: Source; readonly paths: readonly string[]; readonly asker: Asker },
): readonly DecidedPlace[] {
  const { source, paths, asker } = asked;
  return readPaths(source, paths).map((target) => {
    const place = requireKeyTarget(target);
    const problem = keyPlaceProblem(place, care);
    if (problem !== undefined) throw new TerminalError(problem);
    if (consents(rules, source, place)) return { target: place };
    if (!asker.mayManage) throw notAllowed(source, place);
    return { target: place, allowedBy: 'manage' };
  });
}

/** Thrown for a place that takes certificates with their keys: TerminalError `TARGET_UNSUPPORTED`. */
export function requireKeyTarget(target: Target): KeyTarget {
  if (isKeyTarget(target)) return target;
  throw new TerminalError({
    code: 'TARGET_UNSUPPORTED',
    message: `${formatTarget(target)} takes a certificate with its private key, and no public key alone.`,
    resource: formatTarget(target),
    cure: 'Upload it with its key: POST /api/certificates. Public keys go to entra/applications/{appId}.',
  });
}
