import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { ApiUploaded } from '../api.ts';
import { CliError } from '../cli-error.ts';
import { addWaitOptions, examples, gather, type AddCommand, type WaitOptions } from '../command.ts';
import { follow } from '../follow.ts';
import { findPassword, type PasswordOptions } from '../password.ts';
import { readBytes } from '../read-bytes.ts';
import type { Session } from '../session.ts';
import { formatUploaded } from '../show/upload.ts';
import { pathOf, readSource, type SourceArgument } from '../source-argument.ts';

interface UploadOptions extends WaitOptions, PasswordOptions {
  readonly target?: readonly string[];
  readonly tag?: Readonly<Record<string, string>>;
  readonly newVersion?: true;
  readonly recover?: true;
  readonly takeOver?: true;
}

export const addUpload: AddCommand = (program, act) => {
  const command = program
    .command('upload')
    .argument('<file>', 'a .pfx, .p12 or .pem file with its private key')
    .argument('<certificate>', 'vault/name: where to put it')
    .summary('put a file into the vault and at its targets')
    .description(
      'Puts a certificate into Key Vault, attaches it to targets, and waits until API Management reports it. From then on it is rotated by itself.',
    )
    .option('-t, --target <path>', 'where to keep it; several with commas, or again', gather)
    .option('--new-version', 'the certificate exists: add a version, keep its tags')
    .option('--tag <name=value>', 'a tag on it; may be given again', readTag)
    .option('--recover', 'if a deleted certificate holds the name, recover that first')
    .option('--take-over', 'replace what is at the targets, whoever put it there')
    .option('--password-file <file>', 'the first line of a file is the password; - = stdin')
    .addOption(
      new Option('--password <text>', 'the password; others can see it in the list of processes'),
    )
    .addHelpText(
      'after',
      [
        '',
        'The password is taken from --password-file, from the variable',
        'CERTKEEPER_PFX_PASSWORD, or asked for on a terminal.',
        examples(
          'certkeeper upload gateway.pfx contoso-kv/gateway-client -t contoso-gw',
          'certkeeper upload new.pfx contoso-kv/gateway-client --new-version',
          'pass show pfx | certkeeper upload a.pfx contoso-kv/a --password-file -',
        ),
      ].join('\n'),
    );
  act(addWaitOptions(command), upload);
};

async function upload(session: Session, file: string, certificate: string, options: UploadOptions) {
  const { api, io, output } = session;
  const source = readSource(certificate);
  const bytes = await readBytes(file);
  const password = await findPassword(session, options, { name: path.basename(file), bytes });
  output.progress(`Uploading ${path.basename(file)} to ${certificate}`);
  const sent = api.send({
    method: options.newVersion === true ? 'PUT' : 'POST',
    path: options.newVersion === true ? pathOf(source) : '/api/certificates',
    body: toForm(source, { file, bytes, password }, options),
    // Whatever happens on the way, this upload is done once.
    headers: { 'idempotency-key': randomUUID() },
  });
  const { body } = await sent.catch((error: unknown) => {
    throw withOwnCure(error);
  });
  const uploaded = body as ApiUploaded; // docs/http-api.md
  return await follow(session, uploaded, options, formatUploaded(uploaded, output, io.now()));
}

/** What the API says of a password, in the words of this command. */
function withOwnCure(error: unknown): unknown {
  if (!(error instanceof CliError) || error.problem.code !== 'PASSWORD_WRONG') return error;
  const cure =
    'Give the password that the file was written with: --password-file, or the variable CERTKEEPER_PFX_PASSWORD.';
  return new CliError({ ...error.problem, cure }, error.exitCode, { cause: error });
}

function toForm(
  { vault, name }: SourceArgument,
  {
    file,
    bytes,
    password,
  }: { file: string; bytes: Buffer<ArrayBuffer>; password: string | undefined },
  { target = [], tag = {}, newVersion, recover, takeOver }: UploadOptions,
): FormData {
  const form = new FormData();
  form.set('file', new Blob([bytes]), path.basename(file));
  if (password !== undefined) form.set('password', password);
  if (newVersion !== true) {
    form.set('vault', vault);
    form.set('name', name);
  }
  for (const one of target) form.append('targets', one);
  if (Object.keys(tag).length > 0) form.set('tags', JSON.stringify(tag));
  if (recover === true) form.set('recover', 'true');
  if (takeOver === true) form.set('takeOver', 'true');
  return form;
}

function readTag(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('A tag is written name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}
