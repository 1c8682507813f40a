import * as z from 'zod';
import type { HttpRequest } from '@azure/functions';
import { findBackup, noSuchBackup, type BackupRoutePorts } from './backup-routes.ts';
import { SWEEP, SWEEP_INSTANCE, type SweepInput } from '../../../shared/contracts/sweep.ts';
import type { BackupFile, Restores } from '../../../shared/domain/backup-ports.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { startOrJoin, type FindStatus } from '../../../shared/durable/start-or-join.ts';
import {
  BACKUP_TYPE,
  backupIdSchema,
  restoreBodies,
  restoredSchema,
  restoreQuerySchema,
} from '../../../shared/http/backup-view.ts';
import { toRequestedBy } from '../../../shared/http/caller.ts';
import { mediaType, readJsonBody } from '../../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../../shared/http/route.ts';
import { startedAt } from '../../../shared/http/started.ts';

export interface RestorePorts extends BackupRoutePorts {
  readonly restores: Restores;
  readonly findStatus: FindStatus;
  readonly now: () => Date;
}

/** What the Functions host lets through ("Azure Functions HTTP trigger: limits"), less its headers. */
const LARGEST_UPLOAD = 100 * 1024 * 1024;

/** `POST /api/backups/restore`: brings a backup back, and sweeps. */
export function makeRestoreRoute(ports: RestorePorts): Route {
  return defineRoute({
    name: 'RestoreBackup',
    method: 'POST',
    path: 'backups/restore',
    role: 'Certkeeper.Manage',
    summary: 'Bring a backup back',
    description:
      'Into an empty ledger: one that holds no more than what a sweep finds by itself. With `merge` ' +
      'what is missing is added to another one, and nothing there is overwritten. All of the file is ' +
      'checked before anything is written; cut off half-way, the same call goes on. What was under way ' +
      'when the backup was made is not taken up again. At its end a sweep is started.',
    query: restoreQuerySchema,
    bodies: restoreBodies,
    answers: {
      200: { description: 'It is back; of a dry run, what would be', schema: restoredSchema },
    },
    problems: ['BACKUP_UNREADABLE', 'BODY_TOO_LARGE', 'LEDGER_NOT_EMPTY', 'NOT_FOUND'],
    handle: async ({ query: { dryRun, merge }, request, caller, client }) => {
      const by = toRequestedBy(caller);
      const at = ports.now().toISOString();
      const file = await fileOf(ports, request);
      const restored = await ports.restores.restore(file, { dryRun, merge, by, at });
      if (dryRun) return { status: 200, jsonBody: { ...restored, dryRun } };
      const input: SweepInput = {};
      await startOrJoin(client, ports.findStatus, SWEEP, { instanceId: SWEEP_INSTANCE, input });
      const { operation: sweep } = startedAt(SWEEP_INSTANCE);
      return { status: 200, jsonBody: { ...restored, dryRun, sweep } };
    },
  });
}

const chosenSchema = z.object({ backup: backupIdSchema });

async function fileOf(ports: RestorePorts, request: HttpRequest): Promise<BackupFile> {
  if (mediaType(request) === BACKUP_TYPE) return await uploaded(request);
  const chosen = await readJsonBody(chosenSchema, request);
  const backup = await findBackup(ports.backups, chosen.backup);
  const open = async (): Promise<AsyncIterable<Uint8Array>> => {
    const pieces = await ports.backups.open(backup);
    if (pieces === undefined) throw noSuchBackup(backup);
    return pieces;
  };
  return { open };
}

/** It is read twice, and so it is held meanwhile. */
async function uploaded(request: HttpRequest): Promise<BackupFile> {
  if (Number(request.headers.get('content-length') ?? '0') > LARGEST_UPLOAD) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let size = 0;
  // The stream of a request's body yields bytes; its type says nothing of them.
  for await (const piece of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > LARGEST_UPLOAD) throw tooLarge();
    pieces.push(piece);
  }
  return { open: () => Promise.resolve(oneByOne(pieces)) };
}

// eslint-disable-next-line @typescript-eslint/require-await -- they are read as those of a blob are
async function* oneByOne(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function tooLarge(): TerminalError {
  return new TerminalError({
    code: 'BODY_TOO_LARGE',
    message: `The backup is larger than the ${String(LARGEST_UPLOAD / 1024 / 1024)} MiB that can be sent.`,
    cure: 'Put it into the container certkeeper-backups as {id}.jsonl, and restore it by its id.',
  });
}
