import * as z from 'zod';
import type { Backups } from '../../../shared/domain/backup-ports.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { BACKUP_TYPE, backupIdSchema, backupListSchema } from '../../../shared/http/backup-view.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';

export interface BackupRoutePorts {
  readonly backups: Pick<Backups, 'list' | 'open' | 'read'>;
}

/** `GET /api/backups`: the backups that are kept, the newest first. */
export function makeListBackupsRoute({ backups }: BackupRoutePorts): Route {
  return defineRoute({
    name: 'ListBackups',
    method: 'GET',
    path: 'backups',
    role: 'Certkeeper.Read',
    summary: 'The backups that are kept',
    description:
      'One is written with every audit, of what cannot be read back from Azure. They are kept for ' +
      'CERTKEEPER_AUDIT_KEEP, and the newest in any case. The newest first.',
    answers: { 200: { description: 'The backups', schema: backupListSchema } },
    problems: [],
    handle: async () => {
      const kept = await backups.list();
      return {
        status: 200,
        jsonBody: {
          backups: kept.map(({ id, at }) => ({ id, at, download: `/api/backups/${id}` })),
        },
      };
    },
  });
}

/** `GET /api/backups/{id}`: the file itself. */
export function makeDownloadBackupRoute({ backups }: BackupRoutePorts): Route {
  return defineRoute({
    name: 'DownloadBackup',
    method: 'GET',
    path: 'backups/{id}',
    role: 'Certkeeper.Manage',
    summary: 'A backup, as a file',
    description:
      'JSON lines: what it is, each row, and how many there are with their SHA-256. It holds no key ' +
      'and no password, but says what is bound to what, and who asked for it.',
    params: z.object({ id: backupIdSchema }),
    answers: {
      200: {
        description: 'The backup',
        contentTypes: [BACKUP_TYPE],
        headers: { 'content-disposition': 'A name for the file' },
      },
    },
    problems: ['NOT_FOUND'],
    handle: async ({ params }) => {
      const id = await findBackup(backups, params.id);
      const bytes = await backups.read(id);
      if (bytes === undefined) throw noSuchBackup(id);
      const headers = {
        'content-type': BACKUP_TYPE,
        'content-disposition': `attachment; filename="certkeeper-${id}.jsonl"`,
      };
      return { status: 200, headers, body: bytes };
    },
  });
}

/** Thrown when there is none at all: TerminalError `NOT_FOUND`. @param name an id, or `latest` */
export async function findBackup(backups: Pick<Backups, 'list'>, name: string): Promise<string> {
  if (name !== 'latest') return name;
  const [newest] = await backups.list();
  if (newest !== undefined) return newest.id;
  throw new TerminalError({
    code: 'NOT_FOUND',
    message: 'No backup has been written yet.',
    cure: 'One is written with every audit: npx certkeeper audit',
  });
}

export function noSuchBackup(id: string): TerminalError {
  return new TerminalError({
    code: 'NOT_FOUND',
    message: `There is no backup ${id}, or no longer.`,
    resource: id,
    cure: 'Take the id from the list: GET /api/backups',
  });
}
