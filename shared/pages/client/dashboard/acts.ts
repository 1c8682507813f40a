/** What the buttons of the page do: each asks the API for it, and tells what came of it. */
import { openAcknowledgement } from './acknowledge.ts';
import { ask, Unreachable } from './ask.ts';
import { isWorking, whileWorking } from './busy.ts';
import { ENDED_WELL, follow, troubleOfEnd } from './follow.ts';
import { hurry, refresh } from './live.ts';
import { tell } from './notices.ts';
import { openPlan } from './plan.ts';
import { nameOf, pathOf, type NamedSource } from './source.ts';
import { textIn, troubleIn, wordsOfStatus } from './told.ts';
import { openUpload } from './upload.ts';

const ACTS: Readonly<Record<string, (button: HTMLElement) => unknown>> = {
  sync: (button) => sync(button, sourceOf(button)),
  approve: (button) => approve(button, sourceOf(button)),
  plan: (button) => openPlan(sourceOf(button), (source) => sync(button, source)),
  version: (button) => openUpload(sourceOf(button)),
  upload: () => openUpload(),
  audit,
  acknowledge: ({ dataset }) =>
    openAcknowledgement(dataset['finding'] ?? '', dataset['about'] ?? ''),
};

/** Listens once for all buttons: they come and go. */
export function listenForActs(): void {
  document.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('[data-act]') : null;
    if (button === null || isWorking(button.id)) return;
    ACTS[button.dataset['act'] ?? '']?.(button);
  });
}

function sourceOf({ dataset }: HTMLElement): NamedSource {
  return { vault: dataset['vault'] ?? '', name: dataset['name'] ?? '' };
}

async function sync(button: HTMLElement, source: NamedSource): Promise<void> {
  await start(button, {
    path: `${pathOf(source)}/sync`,
    working: 'Syncing',
    what: nameOf(source),
    done: ENDED_WELL,
  });
}

/** Of the version that is held now, and of no other that may come meanwhile. */
async function approve(button: HTMLElement, source: NamedSource): Promise<void> {
  const what = nameOf(source);
  if (!confirm(`Let the current version of ${what} go to its targets all the same?`)) return;
  await start(button, {
    path: `/api/operations/${button.dataset['operation'] ?? ''}/approve`,
    body: { version: button.dataset['version'] },
    working: 'Approving',
    what,
    done: ENDED_WELL,
  });
}

async function audit(button: HTMLElement): Promise<void> {
  await start(button, {
    path: '/api/audits',
    working: 'Auditing',
    what: 'Audit',
    done: 'It is done; its headline is above.',
  });
}

interface Start {
  readonly path: string;
  readonly body?: object;
  /** What the button says meanwhile. */
  readonly working: string;
  /** What it is about, for what is told of it. */
  readonly what: string;
  /** What is told when it went well. */
  readonly done: string;
}

/** Starts an operation and stays with it until it has ended. */
async function start(
  button: HTMLElement,
  { path, body, working, what, done }: Start,
): Promise<void> {
  await whileWorking(button, working, async () => {
    try {
      const { status, json } = await ask({ method: 'POST', path, ...(body && { body }) });
      const operation = textIn(json, 'operation');
      if (status !== 202 || operation === undefined) {
        tell({ tone: 'bad', ...troubleIn(json, wordsOfStatus(status)) });
        return;
      }
      hurry();
      const ended = await follow(operation, () => undefined);
      await refresh();
      tellEnd(what, done, ended.state, ended.operation);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      tell({
        tone: 'bad',
        message: `${what}: Certkeeper does not answer.`,
        cure: 'Try again in a moment.',
      });
    }
  });
}

function tellEnd(what: string, done: string, state: string, operation: unknown): void {
  if (state === 'succeeded') {
    tell({ tone: 'good', message: `${what}: ${done}` });
    return;
  }
  // What to do about it stands beside what it is about, and is not said twice.
  tell({ tone: 'bad', message: `${what}: ${troubleOfEnd(operation).message}` });
}
