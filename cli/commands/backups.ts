import type { ApiBackups } from '../api-backups.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatBackups } from '../show/backups.ts';
import { writeText } from '../write-text.ts';

export const addBackups: AddCommand = (program, act) => {
  const command = program
    .command('backups')
    .summary('list the backups that are kept')
    .description(
      'Lists the backups of what cannot be read back from Azure, the newest first. One is written with every audit.',
    )
    .addHelpText('after', examples('certkeeper backups'));
  act(command, backups);
};

export const addBackup: AddCommand = (program, act) => {
  const group = program
    .command('backup')
    .summary('take a backup out of the storage')
    .description(
      'A backup holds what cannot be read back from Azure: what is bound, given and acknowledged, and copies of CA certificates.',
    )
    .addHelpText('after', examples('certkeeper backup download latest -o certkeeper-backup.jsonl'));
  const command = group
    .command('download')
    .argument('<id>', 'the backup, as `certkeeper backups` lists it; or `latest`')
    .summary('write a backup to a file')
    .description(
      'Writes a backup to a file, so that it outlives the storage. It holds no key and no password.',
    )
    .requiredOption('-o, --output <file>', 'where to')
    .addHelpText('after', examples('certkeeper backup download latest -o certkeeper-backup.jsonl'));
  act(command, download);
};

async function backups({ api, output }: Session) {
  const { body } = await api.send({ path: '/api/backups' });
  const kept = body as ApiBackups; // docs/http-api.md
  output.result(kept, () => formatBackups(kept, output));
  return EXIT.done;
}

async function download(
  { api, output }: Session,
  id: string,
  { output: file }: { readonly output: string },
) {
  const { body } = await api.send({ path: `/api/backups/${encodeURIComponent(id)}` });
  // It says who asked for what: nothing for others on this machine.
  await writeText(file, String(body), 0o600);
  output.result({ file }, () => `The backup is in ${file}.`);
  return EXIT.done;
}
