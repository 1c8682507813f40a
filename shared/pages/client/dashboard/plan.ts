/** The dialog that says what a sync would do. */
import { ask, Unreachable, type Answer } from './ask.ts';
import { openDialog } from './dialog.ts';
import { byId, element } from './element.ts';
import { nameOf, pathOf, type NamedSource } from './source.ts';
import { listIn, textIn, troubleIn, valueIn, wordsOfStatus } from './told.ts';
import { stepWords } from '../../../report/dashboard/plan-words.ts';

/** Counts the plans: an answer about another certificate is not shown. */
let asked = 0;

export async function openPlan(
  source: NamedSource,
  sync: (source: NamedSource) => Promise<void>,
): Promise<void> {
  const dialog = openDialog('plan-dialog');
  byId('plan-title', HTMLElement).textContent = `What a sync of ${nameOf(source)} would do`;
  const body = byId('plan-body', HTMLElement);
  const button = byId('plan-sync', HTMLButtonElement);
  button.onclick = () => {
    dialog.close();
    void sync(source);
  };
  body.replaceChildren(
    element('p', { class: 'quiet' }, 'Looking at the vault and at every target …'),
  );
  const question = ++asked;
  const shown = await plan(source);
  if (question === asked) body.replaceChildren(...shown);
}

async function plan(source: NamedSource): Promise<readonly Node[]> {
  try {
    return show(await ask({ method: 'POST', path: `${pathOf(source)}/sync?dryRun=true` }));
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return [problem({ message: 'Certkeeper does not answer.' })];
  }
}

function show({ status, json }: Answer): readonly Node[] {
  if (status !== 200) return [problem(troubleIn(json, wordsOfStatus(status)))];
  const targets = listIn(json, 'targets');
  const steps = targets.map((target) => textIn(target, 'step') ?? '');
  const changes = steps.filter((step) => step !== 'none' && step !== 'blocked').length;
  return [
    ...listIn(json, 'problems').map(problem),
    targets.length === 0
      ? element('p', {}, 'It is bound to no target.')
      : element('ul', { class: 'plan' }, ...targets.map(showTarget)),
    ...listIn(json, 'warnings').map(problem),
    element(
      'p',
      {},
      changes === 0
        ? 'A sync would change nothing.'
        : `A sync would change ${changes === 1 ? '1 target' : `${String(changes)} targets`}.`,
    ),
  ];
}

function showTarget(target: unknown): Node {
  const step = textIn(target, 'step') ?? '';
  const stands = valueIn(target, 'problem');
  return element(
    'li',
    { class: step },
    element('span', { class: 'target' }, textIn(target, 'target') ?? ''),
    ' ',
    element('span', {}, stepWords(step)),
    stands !== undefined && problem(stands),
    ...listIn(target, 'warnings').map(problem),
    ...listIn(target, 'repairs').map((document) =>
      element(
        'p',
        { class: 'quiet' },
        `Rewrites ${String(document)}, so that it goes on resolving`,
      ),
    ),
  );
}

function problem(value: unknown): Node {
  const { message, cure } = troubleIn(value, '');
  return element(
    'p',
    { class: 'problem' },
    message,
    cure !== undefined && element('span', { class: 'cure' }, cure),
  );
}
