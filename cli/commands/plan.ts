import type { ApiPlan } from '../api.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatPlan } from '../show/operation.ts';
import { pathOf, readSource } from '../source-argument.ts';

export const addPlan: AddCommand = (program, act) => {
  const command = program
    .command('plan')
    .argument('<certificate>', 'vault/name')
    .summary('say what a sync would do; changes nothing')
    .description(
      'Says what a sync of a certificate would do at each of its targets. Changes nothing. Ends with 1 when something is in the way.',
    )
    .addHelpText('after', examples('certkeeper plan contoso-kv/partner-mtls'));
  act(command, plan);
};

async function plan({ api, output }: Session, certificate: string) {
  const source = readSource(certificate);
  const path = pathOf(source, '/sync?dryRun=true');
  const planned = (await api.send({ method: 'POST', path })).body as ApiPlan; // docs/http-api.md
  output.result(planned, () => formatPlan(`${source.vault}/${source.name}`, planned, output));
  const blocked =
    planned.problems.length > 0 || planned.targets.some(({ step }) => step === 'blocked');
  return blocked ? EXIT.failed : EXIT.done;
}
