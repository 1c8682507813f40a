/** The dialog in which a certificate is uploaded: a new one, or the next version of one. */
import { ask, Unreachable, type Answer } from './ask.ts';
import { openDialog } from './dialog.ts';
import { byId } from './element.ts';
import { clearFaults, missingIn, showFaults } from './fields.ts';
import { ENDED_WELL, follow, troubleOfEnd } from './follow.ts';
import { hurry, refresh } from './live.ts';
import { tell } from './notices.ts';
import { nameOf, pathOf, type NamedSource } from './source.ts';
import { listIn, textIn, troubleIn, valueIn, wordsOfStatus, type Trouble } from './told.ts';
import { fieldOfUploadCode } from '../../../report/dashboard/upload-fields.ts';

export function openUpload(of?: NamedSource): void {
  const form = byId('upload-form', HTMLFormElement);
  openDialog('upload-dialog');
  if (form.dataset['at'] === 'work') return;
  form.reset();
  clearFaults(form);
  byId('upload-course', HTMLElement).hidden = true;
  byId('upload-title', HTMLElement).textContent =
    of === undefined ? 'Upload a certificate' : `A new version of ${nameOf(of)}`;
  // Where it goes is settled for a new version.
  for (const name of ['vault', 'name'] as const) {
    const field = document.querySelector<HTMLElement>(`[data-field="${name}"]`);
    if (field !== null) field.hidden = of !== undefined;
    byId(`field-${name}`, HTMLElement).toggleAttribute('disabled', of !== undefined);
  }
  byId('field-file', HTMLElement).focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    if (form.dataset['at'] !== 'work') void upload(form, of);
  };
}

async function upload(form: HTMLFormElement, of: NamedSource | undefined): Promise<void> {
  const missing = missingIn(form);
  if (missing !== undefined) {
    fault(form, missing);
    return;
  }
  clearFaults(form);
  form.dataset['at'] = 'work';
  try {
    const answer = await send(form, of);
    const { status, json } = answer;
    if (status !== 202) {
      fault(form, troubleIn(json, wordsOfStatus(status)));
      return;
    }
    await settle(form, answer);
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    fault(form, {
      code: '',
      message: 'Certkeeper does not answer.',
      cure: 'Try again in a moment: what has arrived is not imported twice.',
      fields: [],
    });
  } finally {
    delete form.dataset['at'];
  }
}

async function send(form: HTMLFormElement, of: NamedSource | undefined): Promise<Answer> {
  const body = new FormData(form);
  if (body.get('password') === '') body.delete('password');
  if (body.get('targets') === '') body.delete('targets');
  course('Sending …', 0);
  return await ask({
    method: of === undefined ? 'POST' : 'PUT',
    path: of === undefined ? '/api/certificates' : pathOf(of),
    body,
    onSent: (share) =>
      share < 1
        ? course('Sending …', share)
        : course('Reading the file, and importing it into the vault …'),
  });
}

/** The file is in the vault; now it goes to its targets. */
async function settle(form: HTMLFormElement, { json }: Answer): Promise<void> {
  byId('field-password', HTMLInputElement).value = '';
  hurry();
  const source = valueIn(json, 'source');
  const name = `${textIn(source, 'vault') ?? ''}/${textIn(source, 'name') ?? ''}`;
  const version = textIn(json, 'version') ?? '';
  const there = `${name} is in the vault, version ${version}.`;
  course(`${there} Bringing it to its targets …`);
  const { state, operation } = await follow(textIn(json, 'operation') ?? '', (step) =>
    course(`${there} ${step}`),
  );
  await refresh();
  for (const warning of listIn(json, 'warnings')) tell({ tone: 'bad', ...troubleIn(warning, '') });
  if (state !== 'succeeded') {
    const trouble = troubleOfEnd(operation);
    course(there, 1);
    fault(form, { ...trouble, fields: [] }, { keepsCourse: true });
    return;
  }
  const bound = listIn(operation, 'targets').length > 0;
  const end = bound ? ENDED_WELL : 'It is bound to no target yet.';
  course(`${there} ${end}`, 1);
  tell({ tone: 'good', message: `${there} ${end}` });
  form.reset();
}

function fault(form: HTMLFormElement, trouble: Trouble, { keepsCourse = false } = {}): void {
  byId('upload-course', HTMLElement).hidden = !keepsCourse;
  showFaults(form, trouble, fieldOfUploadCode);
  // Whoever has closed it meanwhile would not see it there.
  const { open } = byId('upload-dialog', HTMLDialogElement);
  if (!open) tell({ tone: 'bad', ...trouble });
}

/** @param share of what was sent; left out = nobody knows how long it takes */
function course(step: string, share?: number): void {
  byId('upload-course', HTMLElement).hidden = false;
  const bar = byId('upload-progress', HTMLProgressElement);
  if (share === undefined) bar.removeAttribute('value');
  else bar.value = share * 100;
  const said = byId('upload-step', HTMLElement);
  if (said.textContent !== step) said.textContent = step;
}
