import type { ApiApproved, ApiDetail } from '../api.ts';
import { addWaitOptions, examples, type AddCommand, type WaitOptions } from '../command.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { formatApproved } from '../show/approved.ts';
import { pathOf, readSource } from '../source-argument.ts';

export const addApprove: AddCommand = (program, act) => {
  const command = program
    .command('approve')
    .argument('<certificate>', 'vault/name')
    .summary('let a held version through')
    .description(
      'Lets the current version of a certificate through that was held, since it does not look like the one before it, or since its rotation would break what refers to it by thumbprint; and waits until API Management reports it. Leave to break references counts for 24 hours. `certkeeper show` says what it is held for. Needs the role Certkeeper.Manage.',
    )
    .addHelpText('after', examples('certkeeper approve contoso-kv/gateway-client'));
  act(addWaitOptions(command), approve);
};

async function approve(session: Session, certificate: string, options: WaitOptions) {
  const { api, output } = session;
  const { body } = await api.send({ path: pathOf(readSource(certificate), '?history=0') });
  const { operation, version } = body as ApiDetail; // docs/http-api.md
  const answer = await api.send({
    method: 'POST',
    path: `${operation}/approve`,
    // What was seen, and not what may have come since.
    body: version === undefined ? {} : { version },
  });
  const approved = answer.body as ApiApproved; // docs/http-api.md
  return await follow(session, approved, options, formatApproved(approved, output));
}
