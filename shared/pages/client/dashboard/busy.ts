/** Which buttons are at work. A row may be replaced meanwhile: what is known is their ids. */
const working = new Map<string, string>();

/** Buttons come from the server switched off, for whoever has no script. */
export function readyButtons(root: Element): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>('button:disabled')) {
    button.disabled = false;
  }
  for (const [id, word] of working) {
    const button = root.querySelector(`#${CSS.escape(id)}`);
    if (button !== null) show(button, word);
  }
}

export function isWorking(id: string): boolean {
  return working.has(id);
}

/** Shows at a button that what it stands for is being done. It keeps the focus that it has. */
export async function whileWorking<Result>(
  button: HTMLElement,
  word: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const { id } = button;
  const before = button.textContent;
  working.set(id, word);
  // Its row may have been replaced since.
  show(document.getElementById(id) ?? button, word);
  try {
    return await work();
  } finally {
    working.delete(id);
    const now = document.getElementById(id);
    if (now !== null) {
      now.removeAttribute('aria-busy');
      now.textContent = before;
    }
  }
}

function show(button: Element, word: string): void {
  button.setAttribute('aria-busy', 'true');
  button.textContent = word;
}
