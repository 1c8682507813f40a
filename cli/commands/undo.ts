import type { ApiCleanup, ApiCleanupUndone, ApiRepair, ApiUndoneRepair } from '../api-cleanups.ts';
import { usageError } from '../cli-error.ts';
import { addWaitOptions, examples, type AddCommand, type WaitOptions } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { nameOf } from '../show/entry.ts';
import { clean } from '../show/problem.ts';
import { documentOf, formatUndoneRepair } from '../show/repairs.ts';
import { shorten } from '../show/words.ts';
import { wrap } from '../show/wrap.ts';

interface UndoOptions extends WaitOptions {
  readonly recover?: true;
  readonly yes?: true;
}

/** The digits after the hyphen tell one from the other. */
const CLEANUP = /^\d{13}-[0-9a-f]{12}$/;
const REPAIR = /^\d{13}-[0-9a-f]{16}$/;
const ASK = { otherwise: 'Give --yes to undo it.', nothing: 'Nothing was undone.' };

export const addUndo: AddCommand = (program, act) => {
  const command = program
    .command('undo')
    .argument('<id>', 'the id of a clean-up or of a repair, as they are listed')
    .summary('undo a clean-up or a repair')
    .description(
      'Undoes a clean-up: binds the certificate to its target again, and waits until API Management reports it. Or undoes a repair: puts the old policy, backend or named value back, if nobody has changed it since. Asks before it does, on a terminal; elsewhere --yes is needed. Needs the role Certkeeper.Manage.',
    )
    .option('--recover', 'of a clean-up: recover the certificate in its vault first')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'certkeeper undo 8204178676087-0a0e402a61c6 --recover',
        'certkeeper undo 8204178700598-6f686f4e6acba3e4 --yes',
      ),
    );
  act(addWaitOptions(command), undo);
};

async function undo(session: Session, text: string, options: UndoOptions) {
  const id = text.trim().toLowerCase();
  if (CLEANUP.test(id)) return await undoCleanup(session, id, options);
  if (!REPAIR.test(id)) {
    throw usageError(
      'That is the id of neither a clean-up nor a repair.',
      'Take it from `npx certkeeper cleanups` or `npx certkeeper repairs`.',
    );
  }
  if (options.recover === true) {
    throw usageError(
      'A repair deletes no certificate, so there is none to recover.',
      'Leave out --recover.',
    );
  }
  return await undoRepair(session, id, options);
}

async function undoCleanup(session: Session, id: string, options: UndoOptions) {
  const { api, output } = session;
  const recover = options.recover === true;
  const path = `/api/cleanups/${id}`;
  if (options.yes !== true) {
    const { source, target } = await lookAt<ApiCleanup>(session, path);
    const back = recover ? 'Recover it, and put it back there?' : 'Put it back there?';
    await confirm(session, `${nameOf(source)}\n${clean(target)}\n${back}`, ASK);
  }
  output.progress(recover ? 'Recovering the certificate' : 'Binding it again');
  const { body } = await api.send({ method: 'POST', path: `${path}/undo`, body: { recover } });
  const undone = body as ApiCleanupUndone; // docs/http-api.md
  const { source, target } = undone;
  const words = wrap(
    `${nameOf(source)} is bound to ${clean(target)} again.`,
    '',
    output.columns ?? 80,
  );
  return await follow(session, undone, options, words, `npx certkeeper show ${nameOf(source)}`);
}

async function undoRepair(session: Session, id: string, options: UndoOptions) {
  const { api, output } = session;
  const path = `/api/repairs/${id}`;
  if (options.yes !== true) {
    const repair = await lookAt<ApiRepair>(session, path);
    const thumbprint = shorten(repair.thumbprint);
    await confirm(
      session,
      `${documentOf(repair)}\nLet it refer by the thumbprint ${thumbprint} again?`,
      ASK,
    );
  }
  const { body } = await api.send({ method: 'POST', path: `${path}/undo` });
  const undone = body as ApiUndoneRepair; // docs/http-api.md
  output.result(undone, () => formatUndoneRepair(undone, output));
  return EXIT.done;
}

/** What it is about, for the question; where nobody can be asked there is no need to look. */
async function lookAt<One>({ api, io }: Session, path: string): Promise<One> {
  if (!io.stdin.isTerminal) throw usageError('There is nobody to ask.', ASK.otherwise);
  return (await api.send({ path })).body as One; // docs/http-api.md
}
