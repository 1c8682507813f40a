import type { ApiAccess } from '../api.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatAccess } from '../show/access.ts';
import { pathOf, readSource } from '../source-argument.ts';

export const addAccess: AddCommand = (program, act) => {
  const command = program
    .command('access')
    .argument('<certificate>', 'vault/name')
    .argument('<target>', 'path of a target, such as contoso-gw')
    .summary('say what keeps a service from a certificate')
    .description(
      'Says what stands, or does not stand, between an API Management service and a certificate: identity, permission, firewall, the certificate itself. Changes nothing. Ends with 1 when something blocks.',
    )
    .addHelpText('after', examples('certkeeper access contoso-kv/reports contoso-lab-gw'));
  act(command, access);
};

async function access({ api, output }: Session, certificate: string, target: string) {
  const path = pathOf(readSource(certificate), `/access?target=${encodeURIComponent(target)}`);
  const answer = (await api.send({ path })).body as ApiAccess; // docs/http-api.md
  output.result(answer, () => formatAccess(answer, output));
  return answer.verdict === 'blocks' ? EXIT.failed : EXIT.done;
}
