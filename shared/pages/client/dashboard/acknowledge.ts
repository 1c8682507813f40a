/** The dialog in which a finding is acknowledged. */
import { ask, Unreachable } from './ask.ts';
import { openDialog } from './dialog.ts';
import { byId } from './element.ts';
import { clearFaults, missingIn, showFaults } from './fields.ts';
import { hurry } from './live.ts';
import { tell } from './notices.ts';
import { troubleIn, wordsOfStatus } from './told.ts';

/** A month is long enough to do something about it. */
const USUAL_DAYS = 30;
const DAY_MS = 86_400_000;

export function openAcknowledgement(finding: string, about: string): void {
  const dialog = openDialog('acknowledge-dialog');
  const form = byId('acknowledge-form', HTMLFormElement);
  form.reset();
  clearFaults(form);
  byId('acknowledge-about', HTMLElement).textContent = about;
  const until = byId('field-until', HTMLInputElement);
  until.min = dayIn(0);
  until.value = dayIn(USUAL_DAYS);
  byId('field-reason', HTMLElement).focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    void send(dialog, form, finding);
  };
}

async function send(dialog: HTMLDialogElement, form: HTMLFormElement, finding: string) {
  const missing = missingIn(form);
  if (missing !== undefined) {
    showFaults(form, missing, () => undefined);
    return;
  }
  const reason = byId('field-reason', HTMLTextAreaElement).value;
  const until = byId('field-until', HTMLInputElement).value;
  const path = `/api/findings/${encodeURIComponent(finding)}/acknowledgement`;
  try {
    const { status, json } = await ask({ method: 'PUT', path, body: { reason, until } });
    if (status >= 300) {
      showFaults(form, troubleIn(json, wordsOfStatus(status)), () => undefined);
      return;
    }
    dialog.close();
    tell({ tone: 'good', message: `Acknowledged until ${until}.` });
    hurry();
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    showFaults(
      form,
      { code: '', message: 'Certkeeper does not answer. Try again in a moment.', fields: [] },
      () => undefined,
    );
  }
}

function dayIn(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}
