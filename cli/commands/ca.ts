import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { ApiCaRemoval, ApiCaStore, ApiCaUploaded, ApiStarted } from '../api.ts';
import {
  addWaitOptions,
  examples,
  type Act,
  type AddCommand,
  type WaitOptions,
} from '../command.ts';
import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import { findPassword, type PasswordOptions } from '../password.ts';
import { readBytes } from '../read-bytes.ts';
import type { Session } from '../session.ts';
import { formatCaRemoval, formatCaStore, formatCaUploaded } from '../show/ca.ts';

const STORES = ['Root', 'CertificateAuthority'] as const;
/** An update takes 15 to 45 minutes, and may have to wait for another one. */
const TIMEOUT = { milliseconds: 60 * 60_000, words: '1h' };
const ASK = { otherwise: 'Give --yes to remove it.', nothing: 'Nothing was removed.' };

interface AddOptions extends WaitOptions, PasswordOptions {
  readonly store?: string;
  readonly acceptDowntime?: true;
}

interface RemoveOptions extends WaitOptions {
  readonly unknown?: true;
  readonly acceptDowntime?: true;
  readonly yes?: true;
}

export const addCa: AddCommand = (program, act) => {
  const group = program
    .command('ca')
    .summary('CA certificates of a service: list, add, remove')
    .description(
      'CA certificates of an API Management service: what it trusts when it calls backends and when clients call it. A change takes 15 to 45 minutes; what is asked for meanwhile goes into the next one together.',
    )
    .addHelpText(
      'after',
      examples('certkeeper ca list contoso-gw', 'certkeeper ca add contoso-gw partner-root.cer'),
    );
  addListing(group, act);
  addAdding(group, act);
  addRemoving(group, act);
};

function addListing(group: Command, act: Act): void {
  const command = group
    .command('list')
    .argument('<service>', 'name of a service, such as contoso-gw')
    .summary('list them, with what waits')
    .description('Lists the CA certificates of a service, what waits, and what came of it lately.')
    .addHelpText('after', examples('certkeeper ca list contoso-gw'));
  act(command, list);
}

function addAdding(group: Command, act: Act): void {
  const command = group
    .command('add')
    .argument('<service>', 'name of a service, such as contoso-gw')
    .argument('<file>', 'a .cer, .crt, .der, .pem, .p7b or .pfx file')
    .summary('add the certificates of a file')
    .description(
      'Adds every authority of a file. A private key in it is dropped. One that the service holds already is not sent again; Certkeeper keeps a copy of it, so that no update loses it.',
    )
    .addOption(
      new Option(
        '--store <store>',
        'left out, roots go into Root and all else into the other',
      ).choices(STORES),
    )
    .option('--accept-downtime', 'on the Developer tier: it may be down meanwhile')
    .option('--password-file <file>', 'the first line of a file is the password; - = stdin')
    .addOption(
      new Option('--password <text>', 'the password; others can see it in the list of processes'),
    )
    .addHelpText(
      'after',
      examples(
        'certkeeper ca add contoso-gw partner-root.cer',
        'certkeeper ca add contoso-gw chain.p7b',
      ),
    );
  act(addWaitOptions(command, TIMEOUT), add);
}

function addRemoving(group: Command, act: Act): void {
  const command = group
    .command('remove')
    .argument('<service>', 'name of a service, such as contoso-gw')
    .argument('<place>', 'store/thumbprint, as `ca list` shows it', readPlace)
    .summary('remove one of them')
    .description(
      'Removes one CA certificate; every other stays. Asks before it does, on a terminal; elsewhere --yes is needed.',
    )
    .option('--unknown', 'also when Certkeeper has no copy, and could not put it back')
    .option('--accept-downtime', 'on the Developer tier: it may be down meanwhile')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples('certkeeper ca remove contoso-gw Root/3FC1D8D5A2E5A1F0C7B6E4D3C2B1A09F8E7D6C5B'),
    );
  act(addWaitOptions(command, TIMEOUT), remove);
}

async function list({ api, io, output }: Session, service: string) {
  const store = (await api.send({ path: pathOf(service) })).body as ApiCaStore; // docs/http-api.md
  output.result(store, () => formatCaStore(store, output, io.now()));
  return EXIT.done;
}

async function add(session: Session, service: string, file: string, options: AddOptions) {
  const { api, io, output } = session;
  const bytes = await readBytes(file);
  const name = path.basename(file);
  // A certificate alone has no password, whatever its form.
  const password = /\.(pfx|p12)$/i.test(file)
    ? await findPassword(session, options, { name, bytes })
    : undefined;
  const form = new FormData();
  form.set('file', new Blob([bytes]), name);
  if (password !== undefined) form.set('password', password);
  if (options.store !== undefined) form.set('store', options.store);
  if (options.acceptDowntime === true) form.set('acceptDowntime', 'true');
  output.progress(`Uploading ${name} to ${service}`);
  const { body } = await api.send({
    method: 'POST',
    path: pathOf(service),
    body: form,
    headers: { 'idempotency-key': randomUUID() },
  });
  const uploaded = body as ApiCaUploaded; // docs/http-api.md
  const words = formatCaUploaded(uploaded, output, io.now());
  if (!isStarted(uploaded)) {
    output.result(uploaded, () => words);
    return EXIT.done;
  }
  return await follow(session, uploaded, options, words, `npx certkeeper ca list ${service}`);
}

async function remove(session: Session, service: string, place: string, options: RemoveOptions) {
  const { api, output } = session;
  if (options.yes !== true) await confirm(session, `Remove ${place} from ${service}?`, ASK);
  const query = new URLSearchParams();
  if (options.unknown === true) query.set('unknown', 'drop');
  if (options.acceptDowntime === true) query.set('acceptDowntime', 'true');
  const below = query.size === 0 ? `/${place}` : `/${place}?${query.toString()}`;
  const { body } = await api.send({ method: 'DELETE', path: pathOf(service, below) });
  const removal = body as ApiCaRemoval; // docs/http-api.md
  const words = formatCaRemoval(removal, output);
  return await follow(session, removal, options, words, `npx certkeeper ca list ${service}`);
}

function pathOf(service: string, below = ''): string {
  return `/api/services/${encodeURIComponent(service)}/ca-certificates${below}`;
}

function isStarted(uploaded: ApiCaUploaded): uploaded is ApiCaUploaded & ApiStarted {
  return uploaded.operation !== undefined;
}

function readPlace(text: string): string {
  const [, store, thumbprint] = /^([a-z]+)\/([0-9a-f]{40})$/i.exec(text) ?? [];
  const known = STORES.find((one) => one.toLowerCase() === store?.toLowerCase());
  if (known === undefined || thumbprint === undefined) {
    throw new InvalidArgumentError(
      `It is written ${STORES.join(' or ')}, a slash, the thumbprint.`,
    );
  }
  return `${known}/${thumbprint.toUpperCase()}`;
}
