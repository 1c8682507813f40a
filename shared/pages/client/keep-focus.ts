/**
 * Puts new content in the place of old and leaves the focus where it was, if what has it is there
 * again: what may be focused carries a `data-focus` that names it.
 */
export function keepFocus(change: () => void): void {
  const before = document.activeElement;
  const name = before?.closest('[data-focus]')?.getAttribute('data-focus');
  change();
  if (name === null || name === undefined || before?.isConnected === true) return;
  document.querySelector<HTMLElement>(`[data-focus="${CSS.escape(name)}"]`)?.focus();
}
