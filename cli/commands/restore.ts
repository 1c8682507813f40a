import type { ApiRequest } from '../api-client.ts';
import type { ApiRestored } from '../api-backups.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readBytes } from '../read-bytes.ts';
import { toQuery } from '../read-pages.ts';
import type { Session } from '../session.ts';
import { formatRestored } from '../show/backups.ts';

interface RestoreOptions {
  readonly dryRun?: true;
  readonly merge?: true;
}

/** What Certkeeper takes. */
const LARGEST = { bytes: 100 * 1024 * 1024, what: 'a backup' };
/** How a backup is named in the storage. */
const ID = /^(?:latest|\d{8}T\d{6}Z-[0-9a-f]{6})$/;

export const addRestore: AddCommand = (program, act) => {
  const command = program
    .command('restore')
    .argument('<backup>', 'a file, or the id of a backup that is kept; or `latest`')
    .summary('bring a backup back')
    .description(
      'Brings a backup back into an empty installation. All of it is checked first; cut off half-way, the same command goes on. What was under way when it was made is not taken up again. Then a sweep looks at everything.',
    )
    .option('--dry-run', 'say what would be brought back, and change nothing')
    .option('--merge', 'add what is missing to what is there, and overwrite nothing')
    .addHelpText(
      'after',
      examples('certkeeper restore certkeeper-backup.jsonl --dry-run', 'certkeeper restore latest'),
    );
  act(command, restore);
};

async function restore(
  { api, output }: Session,
  backup: string,
  { dryRun, merge }: RestoreOptions,
) {
  const query = toQuery({
    dryRun: dryRun === true ? 'true' : undefined,
    merge: merge === true ? 'true' : undefined,
  });
  output.progress('Checking the backup …');
  const path = `/api/backups/restore${query}`;
  const { body } = await api.send({ method: 'POST', path, ...(await bodyOf(backup)) });
  const restored = body as ApiRestored; // docs/http-api.md
  output.result(restored, () => formatRestored(restored, output));
  return EXIT.done;
}

async function bodyOf(backup: string): Promise<Pick<ApiRequest, 'body' | 'headers'>> {
  if (ID.test(backup)) return { body: { backup } };
  return {
    body: new Uint8Array(await readBytes(backup, LARGEST)),
    headers: { 'content-type': 'application/x-ndjson' },
  };
}
