import { SEVERITIES } from '../../../domain/audit/audit-report.ts';
import { FINDING_CODES } from '../../../domain/audit/finding-codes.ts';
import type { Query } from '../../../report/html/select.ts';
import { findElement, onClick } from '../find-element.ts';

export interface Toolbar {
  /** Empties search and filters; asks nothing. */
  clear(): void;
  /** Says what was found. */
  tell(text: string): void;
}

/**
 * Makes the form ask as somebody types and chooses. `/` leads to the search, Escape empties it.
 *
 * @param ask called with what is asked for, each time that it changes
 */
export function setUpToolbar(form: HTMLFormElement, ask: (query: Query) => void): Toolbar {
  const search = findElement('[name=text]', HTMLInputElement, form);
  const result = findElement('[role=status]', HTMLElement, form);
  keepFiltersOpen(findElement('details', HTMLDetailsElement, form));

  form.addEventListener('input', () => ask(readQuery(form)));
  form.addEventListener('submit', (event) => event.preventDefault());
  onClick(form, 'data-clear', () => {
    form.reset();
    ask(readQuery(form));
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target === search && search.value !== '') {
      search.value = '';
      event.preventDefault();
      ask(readQuery(form));
    }
    if (event.key === '/' && !isTyping(event) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  return {
    clear: () => form.reset(),
    tell: (text) => (result.textContent = text),
  };
}

/** On a desk there is room for the filters; on a phone they unfold. */
function keepFiltersOpen(filters: HTMLDetailsElement): void {
  const wide = matchMedia('(min-width: 701px)');
  const fit = () => (filters.open = wide.matches);
  fit();
  wide.addEventListener('change', fit);
}

function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof Element && target.matches('input:not([type=checkbox]), select, textarea')
  );
}

function readQuery(form: HTMLFormElement): Query {
  const fields = new FormData(form);
  const read = (name: keyof Query): string | undefined => {
    const value = fields.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    text: read('text'),
    service: read('service'),
    vault: read('vault'),
    owner: read('owner'),
    severity: SEVERITIES.find((severity) => severity === read('severity')),
    code: FINDING_CODES.find((code) => code === read('code')),
  };
}
