import type { ApiDetail } from '../api.ts';
import { examples, wholeNumber, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatCertificate } from '../show/certificate.ts';
import { pathOf, readSource } from '../source-argument.ts';

export const addShow: AddCommand = (program, act) => {
  const command = program
    .command('show')
    .argument('<certificate>', 'vault/name')
    .summary('show one certificate, and what is in its way')
    .description(
      'Shows one certificate: what holds it, its versions in the vault, what was done about it, and what is in the way.',
    )
    .option('--history <number>', 'how many entries of its history', wholeNumber(0, 200), 10)
    .addHelpText(
      'after',
      examples(
        'certkeeper show contoso-kv/gateway-client',
        'certkeeper show contoso-kv/gateway-client --history 50',
        'certkeeper show contoso-kv/gateway-client --json',
      ),
    );
  act(command, show);
};

async function show(
  { api, io, output }: Session,
  certificate: string,
  { history }: { readonly history: number },
) {
  const path = pathOf(readSource(certificate), `?history=${history}`);
  const detail = (await api.send({ path })).body as ApiDetail; // docs/http-api.md
  output.result(detail, () => formatCertificate(detail, output, io.now()));
  return EXIT.done;
}
