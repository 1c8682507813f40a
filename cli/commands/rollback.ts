import { randomUUID } from 'node:crypto';
import type { ApiUploaded } from '../api.ts';
import { addWaitOptions, examples, type AddCommand, type WaitOptions } from '../command.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { formatUploaded } from '../show/upload.ts';
import { pathOf, readSource } from '../source-argument.ts';

export const addRollback: AddCommand = (program, act) => {
  const command = program
    .command('rollback')
    .argument('<certificate>', 'vault/name')
    .summary('make an earlier version the newest again')
    .description(
      'Makes an earlier version of a certificate the newest again, brings every target to it, and waits until API Management reports it.',
    )
    .option('--to <version>', 'the version; the one before the current one unless it is given')
    .addHelpText(
      'after',
      examples(
        'certkeeper rollback contoso-kv/gateway-client',
        'certkeeper rollback contoso-kv/gateway-client --to 0d5c…',
      ),
    );
  act(addWaitOptions(command), rollback);
};

async function rollback(
  session: Session,
  certificate: string,
  options: WaitOptions & { readonly to?: string },
) {
  const { api, io, output } = session;
  const { body } = await api.send({
    method: 'POST',
    path: pathOf(readSource(certificate), '/rollback'),
    body: options.to === undefined ? {} : { version: options.to },
    headers: { 'idempotency-key': randomUUID() },
  });
  const started = body as ApiUploaded; // docs/http-api.md
  return await follow(session, started, options, formatUploaded(started, output, io.now()));
}
