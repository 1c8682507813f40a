import { TerminalError, type Problem } from '../../shared/domain/errors.ts';
import type { CertificateUses, PushedCertificates } from '../../shared/domain/ports.ts';
import { formatTarget, type CertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface RemoveTargetPorts {
  readonly pushed: Pick<PushedCertificates, 'observe' | 'remove'>;
  readonly uses: CertificateUses;
}

/**
 * Removes what is at a target, bound to the ETag it was planned on. Run again after a crash it
 * finds nothing, which is what it was to lead to; a change since the plan is answered with what is
 * there now, and the plan decides anew.
 *
 * Thrown when something uses it: TerminalError `TARGET_IN_USE`.
 */
export function makeRemoveTarget({ pushed, uses }: RemoveTargetPorts) {
  return async (input: { target: CertificateTarget; etag: string }): Promise<TargetState> => {
    const { target, etag } = input;
    requireUnused(target, await uses.of(target));
    try {
      await pushed.remove(target, etag);
      return { kind: 'absent' };
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      const { problem } = error;
      if (problem.code === 'TARGET_CHANGED') return await pushed.observe(target);
      // What it answers about a certificate in use is not documented; its words say it.
      if (problem.code === 'AZURE_REFUSED') throw new TerminalError(refused(target, problem));
      throw error;
    }
  };
}

/** Thrown when something uses the target: TerminalError `TARGET_IN_USE`, which names it. */
export function requireUnused(target: CertificateTarget, users: readonly string[]): void {
  if (users.length === 0) return;
  const path = formatTarget(target);
  const named = users.slice(0, 5).join(', ');
  const more = users.length > 5 ? ` and ${String(users.length - 5)} more` : '';
  throw new TerminalError({
    code: 'TARGET_IN_USE',
    message: `${path} is used by ${named}${more}; it was left as it is.`,
    resource: path,
    cure: 'Let them use another certificate first, then detach it again.',
  });
}

function refused(target: CertificateTarget, { message }: Problem): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_IN_USE',
    message: `API Management does not delete ${path}; something may still use it. ${message}`,
    resource: path,
    cure: 'Look in API Management for what uses it, then detach it again.',
  };
}
