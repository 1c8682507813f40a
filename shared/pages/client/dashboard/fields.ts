/** The fields of a dialog's form, and what is wrong with them. */
import { byId } from './element.ts';
import type { Trouble } from './told.ts';

/** Says what is wrong where it is wrong; what is about no field of the form is said below them all. */
export function showFaults(
  form: HTMLFormElement,
  { message, cure, fields, code }: Trouble,
  fieldOf: (code: string) => string | undefined,
): void {
  clearFaults(form);
  const at = new Map<string, string>();
  for (const fault of fields) {
    const name = fault.field.split('.')[0] ?? '';
    if (fieldIn(form, name) !== undefined) at.set(name, `${labelOf(form, name)} ${fault.message}.`);
  }
  const whole = cure === undefined ? message : `${message} ${cure}`;
  const named = fieldOf(code);
  if (at.size === 0 && named !== undefined && fieldIn(form, named) !== undefined)
    at.set(named, whole);
  for (const [name, text] of at) {
    fieldIn(form, name)?.setAttribute('aria-invalid', 'true');
    byId(`fault-${name}`, HTMLElement).textContent = text;
  }
  const [first] = at.keys();
  if (first === undefined) formFault(form).textContent = whole;
  else fieldIn(form, first)?.focus();
}

export function clearFaults(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll('[aria-invalid]'))
    field.removeAttribute('aria-invalid');
  for (const fault of form.querySelectorAll('.fault')) fault.textContent = '';
}

function formFault(form: HTMLFormElement): HTMLElement {
  return byId(form.id.replace('form', 'fault'), HTMLElement);
}

function fieldIn(form: HTMLFormElement, name: string): HTMLElement | undefined {
  return form.querySelector<HTMLElement>(`#field-${CSS.escape(name)}`) ?? undefined;
}

function labelOf(form: HTMLFormElement, name: string): string {
  return form.querySelector(`[for="field-${CSS.escape(name)}"]`)?.textContent ?? name;
}

/** The first field that is needed and was left empty, as a trouble; undefined = none was. */
export function missingIn(form: HTMLFormElement): Trouble | undefined {
  const empty = [...form.elements].filter(
    (field): field is HTMLInputElement =>
      field instanceof HTMLElement && field.matches(':required:enabled:invalid'),
  );
  if (empty.length === 0) return undefined;
  const fields = empty.map(({ name }) => ({ field: name, message: 'must be given' }));
  return { code: '', message: 'Something is missing.', fields };
}
