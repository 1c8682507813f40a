/**
 * Backups in blob storage, one for each audit.
 *
 * | container            | name            | contents                    |
 * | -------------------- | --------------- | --------------------------- |
 * | `certkeeper-backups` | `{audit}.jsonl` | a backup, see lines.ts      |
 */
import type { BlobContainer } from '../blobs.ts';
import { LARGEST_BACKUP } from './lines.ts';
import { makeBackup, type BackupSources } from './write-backup.ts';
import { parseAuditId } from '../../domain/audit/audit-id.ts';
import type { Backups, BackupSummary } from '../../domain/backup-ports.ts';

/** The container of backups. Whoever may read it reads who is bound to what, and no secret. */
export const BACKUPS_CONTAINER = 'certkeeper-backups';

const SUFFIX = '.jsonl';

export function makeBackups(
  sources: BackupSources,
  blobs: Pick<BlobContainer, 'get' | 'list' | 'open' | 'putPieces' | 'remove'>,
): Backups {
  const list = async (): Promise<readonly BackupSummary[]> => {
    const found: BackupSummary[] = [];
    for await (const name of blobs.list('')) {
      const id = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : '';
      const at = parseAuditId(id);
      if (at !== undefined) found.push({ id, at });
    }
    // Names begin with the time.
    return found.reverse();
  };
  return {
    list,

    async write(backup) {
      const { pieces, written } = makeBackup(sources, backup);
      await blobs.putPieces(nameOf(backup.id), pieces, 'application/x-ndjson');
      return written();
    },

    async read(id) {
      return isId(id) ? await blobs.get(nameOf(id), LARGEST_BACKUP) : undefined;
    },

    async open(id) {
      return isId(id) ? await blobs.open(nameOf(id)) : undefined;
    },

    async forget(before) {
      const [, ...older] = await list();
      const over = older.filter(({ at }) => at < before);
      for (const { id } of over) await blobs.remove(nameOf(id));
      return over.length;
    },
  };
}

/** An id comes from a request. */
function isId(id: string): boolean {
  return parseAuditId(id) !== undefined;
}

function nameOf(id: string): string {
  return `${id}${SUFFIX}`;
}
