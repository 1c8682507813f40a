import { refused } from '../../shared/domain/cleanup-words.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { thumbprintsOf } from '../../shared/domain/known-thumbprints.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../shared/domain/target-ports.ts';
import type { UsageScanner } from '../../shared/domain/usage-ports.ts';
import type { Source } from '../../shared/domain/source.ts';
import type { CertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import { problemOfRemoval } from '../../shared/domain/use-protection.ts';

export interface RemoveTargetPorts {
  readonly pushed: Pick<PushedCertificates, 'observe' | 'remove'>;
  readonly scanner: UsageScanner;
  readonly ledger: Pick<Ledger, 'ofSource'>;
}

/**
 * Removes what is at a target, bound to the ETag it was planned on, after looking once more whether
 * anything uses it. Run again after a crash it finds nothing, which is what it was to lead to; a
 * change since the plan is answered with what is there now, and the plan decides anew.
 *
 * Thrown when something uses it: TerminalError `TARGET_IN_USE`; when something may, and nobody took
 * that upon himself: `TARGET_MAY_BE_IN_USE`. Thrown too when that cannot be found out.
 */
export function makeRemoveTarget({ pushed, scanner, ledger }: RemoveTargetPorts) {
  return async (input: {
    readonly target: CertificateTarget;
    readonly etag: string;
    readonly source?: Source;
    readonly thumbprints?: readonly string[];
    readonly forced?: true;
  }): Promise<TargetState> => {
    const { target, etag, source, thumbprints = [], forced } = input;
    const known =
      source === undefined
        ? thumbprints
        : thumbprintsOf(await ledger.ofSource(source), target, ...thumbprints);
    await requireUnused(scanner, target, known, forced === true);
    try {
      await pushed.remove(target, etag);
      return { kind: 'absent' };
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      const { problem } = error;
      if (problem.code === 'TARGET_CHANGED') return await pushed.observe(target);
      // What it answers about a certificate in use is not documented; its words say it.
      if (problem.code === 'AZURE_REFUSED')
        throw new TerminalError(refused(target, problem, 'then detach it again.'));
      throw error;
    }
  };
}

/**
 * Reads API Management for what uses a target. Many calls.
 * Thrown when it may not be removed: TerminalError `TARGET_IN_USE`, `TARGET_MAY_BE_IN_USE`.
 */
export async function requireUnused(
  scanner: UsageScanner,
  target: CertificateTarget,
  thumbprints: readonly string[],
  forced: boolean,
): Promise<void> {
  const usage = await scanner.scan(target.service);
  const { asOf } = usage;
  const problem = problemOfRemoval(target, usage.of(target, thumbprints), { forced, asOf });
  if (problem !== undefined) throw new TerminalError(problem);
}
