import type { ApiUsage } from '../api.ts';
import { examples, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatUsage } from '../show/usage.ts';
import { pathOf, readSource } from '../source-argument.ts';

interface UsageOptions {
  readonly target?: string;
  readonly live?: true;
}

export const addUsage: AddCommand = (program, act) => {
  const command = program
    .command('usage')
    .argument('<certificate>', 'vault/name')
    .summary('say where a certificate is used')
    .description(
      'Says which policies, backends, named values, gateways and custom domains refer to a certificate, or may, and how. What refers by thumbprint stops working with the next rotation; what refers by one that the target holds no longer is stale already. Changes nothing.',
    )
    .option('-t, --target <path>', 'one target only; it need not be bound, but there')
    .option('--live', 'read API Management now, instead of what the last sweep saw')
    .addHelpText(
      'after',
      examples(
        'certkeeper usage contoso-kv/gateway-client',
        'certkeeper usage contoso-kv/gateway-client --live',
      ),
    );
  act(command, usage);
};

async function usage({ api, output }: Session, certificate: string, options: UsageOptions) {
  const query = new URLSearchParams();
  if (options.target !== undefined) query.set('target', options.target);
  if (options.live === true) query.set('live', 'true');
  if (options.live === true) output.progress('Reading API Management');
  const below = query.size === 0 ? '/usage' : `/usage?${query.toString()}`;
  const path = pathOf(readSource(certificate), below);
  const answer = (await api.send({ path })).body as ApiUsage; // docs/http-api.md
  output.result(answer, () => formatUsage(answer, output));
  return answer.targets.some(({ missing }) => missing === true) ? EXIT.failed : EXIT.done;
}
