import type { Command } from 'commander';
import type { ApiTakenService } from '../api.ts';
import { examples, type Act, type AddCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatTaken } from '../show/services.ts';

export const addServices: AddCommand = (program, act) => {
  const group = program
    .command('services')
    .summary('which installation keeps a service')
    .description(
      'Where several installations of Certkeeper have one API Management service under care, one of them keeps it, and the others change nothing there.',
    )
    .addHelpText('after', examples('certkeeper services take contoso-gw'));
  addTaking(group, act);
};

function addTaking(group: Command, act: Act): void {
  const command = group
    .command('take')
    .argument('<service>', 'name of a service, such as contoso-gw')
    .summary('keep it from now on')
    .description(
      'Makes a service the one of this installation, whoever kept it. The other installation changes nothing there any more once it has looked, with its next sweep. Asks before it does, on a terminal; elsewhere --yes is needed. Needs the role Certkeeper.Manage.',
    )
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('certkeeper services take contoso-gw'));
  act(command, take);
}

async function take(session: Session, service: string, { yes }: { readonly yes?: true }) {
  const { api, output } = session;
  if (yes !== true) {
    await confirm(session, `Is ${service} to be kept by this installation, and by no other?`, {
      otherwise: 'Give --yes to take it.',
      nothing: 'Nothing was taken.',
    });
  }
  const { body } = await api.send({
    method: 'POST',
    path: `/api/services/${encodeURIComponent(service)}/take`,
  });
  const taken = body as ApiTakenService; // docs/http-api.md
  output.result(taken, () => formatTaken(taken, output));
  return EXIT.done;
}
