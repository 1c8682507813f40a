/** Backups, as the HTTP API lists them, and how one is brought back. */
import * as z from 'zod';
import { parseAuditId } from '../domain/audit/audit-id.ts';
import { flagSchema } from './read-input.ts';

const time = z.string().describe('ISO 8601, UTC');

export const backupIdSchema = z
  .string()
  .refine((id) => id === 'latest' || parseAuditId(id) !== undefined, {
    error: 'must be the id of a backup, or latest',
  })
  .meta({
    description: 'The id of the backup, which is that of its audit; or `latest`',
    example: '20261128T020000Z-07b9c1',
  });

export const backupListSchema = z
  .object({
    backups: z
      .array(
        z.object({
          id: z.string().meta({ example: '20261128T020000Z-07b9c1' }),
          at: time.describe('When its audit began'),
          download: z.string().meta({ example: '/api/backups/20261128T020000Z-07b9c1' }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'BackupList' });

export const restoreQuerySchema = z.object({
  dryRun: flagSchema.describe('Say what would be brought back, and change nothing'),
  merge: flagSchema.describe('Add what is missing to a ledger that is not empty'),
});

export const BACKUP_TYPE = 'application/x-ndjson';

export const restoreBodies = {
  [BACKUP_TYPE]: z.string().meta({ description: 'The backup itself, as it was downloaded' }),
  'application/json': z
    .object({ backup: backupIdSchema.describe('One of those that are kept here') })
    .meta({ id: 'RestoreRequest' }),
};

export const restoredSchema = z
  .object({
    backup: z.object({
      id: z.string(),
      at: time,
      certkeeper: z.string().describe('The version that wrote it'),
    }),
    dryRun: z.boolean(),
    rows: z.int().describe('Rows and CA certificates that the file holds'),
    written: z.int().describe('Those that were written; in a dry run, that would be'),
    there: z.int().describe('Those that were there already and stay as they are'),
    skipped: z.int().describe('Those about vaults and services that are not under care here'),
    notes: z
      .array(z.string())
      .readonly()
      .describe('Sentences: what was left out, and what does not go on by itself'),
    sweep: z
      .string()
      .exactOptional()
      .describe('Address of the sweep that looks at everything now; none in a dry run'),
  })
  .meta({ id: 'Restored' });
