import { byId } from './element.ts';

/** Opens a dialog; Escape and its own buttons close it. */
export function openDialog(id: string): HTMLDialogElement {
  const dialog = byId(id, HTMLDialogElement);
  if (!dialog.open) dialog.showModal();
  return dialog;
}

export function listenForClosing(): void {
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Element && target.closest('[data-close]') !== null) {
      target.closest('dialog')?.close();
    }
  });
}
