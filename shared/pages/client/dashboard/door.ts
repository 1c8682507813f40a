/** The form that asks for a function key. */
import { byId } from './element.ts';
import { useKey } from './key.ts';
import { refresh } from './live.ts';

export function listenAtDoor(): void {
  document.addEventListener('submit', (event) => {
    if (!(event.target instanceof HTMLFormElement) || event.target.id !== 'door') return;
    event.preventDefault();
    void open(byId('key', HTMLInputElement));
  });
}

async function open(field: HTMLInputElement): Promise<void> {
  const fault = byId('door-fault', HTMLElement);
  fault.textContent = '';
  useKey(field.value.trim());
  const status = await refresh();
  if (status === 200) return;
  fault.textContent =
    status === 401
      ? 'The key is not accepted. Take it from App keys of the function app.'
      : 'Certkeeper does not answer. Try again in a moment.';
  field.focus();
}
