import { TerminalError } from '../../../shared/domain/errors.ts';
import { mayManage, toRequestedBy, type Caller } from '../../../shared/http/caller.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';

/** Who asks, as far as a decision needs it. */
export interface Asker {
  readonly by: RequestedBy;
  /** Whether the caller may go beyond `CERTKEEPER_ALLOW`, take over and approve. */
  readonly mayManage: boolean;
}

export function toAsker(caller: Caller): Asker {
  return { by: toRequestedBy(caller), mayManage: mayManage(caller) };
}

/**
 * Thrown when the caller may not: TerminalError `NEEDS_IDENTITIES` where nobody has an identity,
 * `ROLE_MISSING` otherwise.
 *
 * @param doing completes "the role Certkeeper.Manage may …"
 */
export function requireManage({ by, mayManage }: Asker, doing: string): void {
  if (mayManage) return;
  throw new TerminalError(
    by.kind === 'entra'
      ? {
          code: 'ROLE_MISSING',
          message: `Only the role Certkeeper.Manage may ${doing}.`,
          cure: 'Let somebody ask who has it, or have it assigned.',
        }
      : {
          code: 'NEEDS_IDENTITIES',
          message: `Only the role Certkeeper.Manage may ${doing}, and with function keys nobody has a role.`,
          cure: 'Set CERTKEEPER_AUTH to entra and sign in.',
        },
  );
}
