import { count } from '../../../shared/domain/audit/wording.ts';
import type { Backups, WrittenBackup } from '../../../shared/domain/backup-ports.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';

export interface KeepBackupPorts {
  readonly backups: Pick<Backups, 'write'>;
  /** Of Certkeeper. */
  readonly version: string;
  readonly pause: (milliseconds: number) => Promise<void>;
}

const MOST_TRIES = 3;
const PAUSE_MS = 5_000;

/**
 * Writes the backup of an audit. One that cannot be written keeps no audit from its end: it answers
 * what was wrong, which becomes a finding. That is why it is tried again here, and not by the engine.
 */
export function makeKeepBackup({ backups, version, pause }: KeepBackupPorts) {
  return async (id: string, at: string): Promise<Problem | undefined> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return toProblem(await backups.write({ id, at, certkeeper: version }));
      } catch (error) {
        if (error instanceof TerminalError) return error.problem;
        if (!(error instanceof TransientError)) throw error;
        if (tries === MOST_TRIES) return error.problem;
        await pause(PAUSE_MS);
      }
    }
  };
}

/** Undefined = it has everything. */
function toProblem({ unreadable }: WrittenBackup): Problem | undefined {
  if (unreadable.count === 0) return undefined;
  return {
    code: 'RECORD_UNREADABLE',
    message: `${count(unreadable.count, 'row')} that this version of Certkeeper cannot read: ${unreadable.some.join(', ')}`,
    cure: 'Run the version that wrote them, or remove them from the ledger.',
  };
}
