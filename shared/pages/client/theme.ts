const KEY = 'certkeeper-theme';

/**
 * Makes a button the switch between light and dark. Without a choice the page follows the system;
 * the choice is kept where the browser lets a page keep something.
 */
export function setUpTheme(button: HTMLElement): void {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const kept = read();
  if (kept !== undefined) root.dataset['theme'] = kept;
  tell();
  system.addEventListener('change', tell);
  button.addEventListener('click', () => {
    root.dataset['theme'] = isDark() ? 'light' : 'dark';
    keep(root.dataset['theme']);
    tell();
  });

  function isDark(): boolean {
    return (root.dataset['theme'] ?? (system.matches ? 'dark' : 'light')) === 'dark';
  }

  function tell(): void {
    button.textContent = isDark() ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${isDark() ? 'light' : 'dark'} colours`);
  }
}

function read(): 'light' | 'dark' | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : undefined;
  } catch {
    // A browser that keeps nothing for this page: the choice holds until it is closed.
    return undefined;
  }
}

function keep(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above.
  }
}
