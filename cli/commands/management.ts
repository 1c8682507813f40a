import path from 'node:path';
import type { Command } from 'commander';
import type { ApiManagementAdded, ApiManagementKeys, ApiManagementRemoved } from '../api.ts';
import { examples, gather, type Act, type AddCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import { readBytes } from '../read-bytes.ts';
import type { Session } from '../session.ts';
import { formatAddedKey, formatKeys, formatRemovedKeys } from '../show/management.ts';

const PATH = '/api/management-certificates';
const ASK = { otherwise: 'Give --yes to remove it.', nothing: 'Nothing was removed.' };

export const addManagement: AddCommand = (program, act) => {
  const group = program
    .command('management')
    .summary('public keys of automation: list, add, remove')
    .description(
      'Management certificates: the public keys by which Entra knows automation that signs in as an application. Keys of others are shown and never touched. One of a certificate in a vault is bound with `certkeeper bind`.',
    )
    .addHelpText(
      'after',
      examples('certkeeper management list', 'certkeeper management remove deploy-bot'),
    );
  addListing(group, act);
  addAdding(group, act);
  addRemoving(group, act);
};

function addListing(group: Command, act: Act): void {
  const command = group
    .command('list')
    .summary('list the keys of the applications under care')
    .description('Reads the keys of every application under care, whoever registered them.')
    .option('-t, --target <path>', 'only those of this place')
    .addHelpText('after', examples('certkeeper management list'));
  act(command, list);
}

function addAdding(group: Command, act: Act): void {
  const command = group
    .command('add')
    .argument('<file>', 'a .cer, .crt, .der or .pem file without a private key')
    .argument('<name>', 'by which the rules and the ledger know it')
    .summary('register the public key of a file')
    .description(
      'Registers a certificate that is in no vault: nobody renews it. The same name again adds the next one; the one before it stays for the overlap. A file with a private key is refused.',
    )
    .requiredOption('-t, --target <path>', 'where; several with commas, or again', gather)
    .addHelpText(
      'after',
      examples('certkeeper management add deploy.cer deploy-bot -t entra/applications/{appId}'),
    );
  act(command, add);
}

function addRemoving(group: Command, act: Act): void {
  const command = group
    .command('remove')
    .argument('<name>', 'under which it was registered')
    .summary('take away what was registered under a name')
    .description(
      'Takes away the keys that were registered under a name, and no others. Whoever signs in with them cannot any more. Asks before it does, on a terminal; elsewhere --yes is needed.',
    )
    .option('-t, --target <path>', 'only there; several with commas, or again', gather)
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('certkeeper management remove deploy-bot'));
  act(command, remove);
}

async function list({ api, io, output }: Session, { target }: { readonly target?: string }) {
  const query = target === undefined ? '' : `?target=${encodeURIComponent(target)}`;
  const keys = (await api.send({ path: `${PATH}${query}` })).body as ApiManagementKeys; // docs/http-api.md
  output.result(keys, () => formatKeys(keys, output, io.now()));
  return keys.problems.length > 0 ? EXIT.failed : EXIT.done;
}

async function add(
  { api, io, output }: Session,
  file: string,
  name: string,
  { target }: { readonly target: readonly string[] },
) {
  const form = new FormData();
  form.set('file', new Blob([await readBytes(file)]), path.basename(file));
  form.set('name', name);
  for (const one of target) form.append('targets', one);
  output.progress(`Registering ${path.basename(file)}`);
  const { body } = await api.send({ method: 'POST', path: PATH, body: form });
  const added = body as ApiManagementAdded; // docs/http-api.md
  output.result(added, () => formatAddedKey(added, output, io.now()));
  return EXIT.done;
}

async function remove(
  session: Session,
  name: string,
  { target = [], yes }: { readonly target?: readonly string[]; readonly yes?: true },
) {
  const { api, output } = session;
  if (yes !== true) await confirm(session, `Take away the keys of ${name}?`, ASK);
  const query = target.length === 0 ? '' : `?targets=${encodeURIComponent(target.join(','))}`;
  const address = `${PATH}/${encodeURIComponent(name)}${query}`;
  const removed = (await api.send({ method: 'DELETE', path: address }))
    .body as ApiManagementRemoved; // docs/http-api.md
  output.result(removed, () => formatRemovedKeys(removed, output));
  return EXIT.done;
}
